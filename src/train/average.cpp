#include "train/average.h"

#include <algorithm>

#include "autograd/visit.h"
#include "base/message.h"
#include "runtime/flush_denormals.h"
#include "runtime/parallel.h"

namespace rondo {
namespace {

/// Large enough to be worth a thread.
constexpr std::int64_t piece_numbers = 16384;

void put(ParameterStore& store, const std::vector<Tensor>& weights) {
  const FlushDenormals flush;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (!weights[i].empty()) store.set(store.parameters()[i].name, weights[i]);
}

}  // namespace

template <class T>
void WeightAverage::update(const Piece& piece, double share) {
  const T* const weights = std::as_const(store_.parameters()[piece.parameter].leaf->value).data<T>().data();
  double* const averages = averages_[piece.parameter].data<double>().data();
  // Moves the average by a share of the difference, so that the average of a constant is exactly that
  // constant.
  for (std::int64_t i = piece.begin; i < piece.end; ++i)
    averages[i] += share * (static_cast<double>(weights[i]) - averages[i]);
}

void WeightAverage::update(double decay) {
  const FlushDenormals flush;
  const auto parameters = store_.parameters();
  averages_.resize(parameters.size());
  std::vector<Piece> pieces;
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    const Leaf& leaf = *parameters[p].leaf;
    if (!leaf.trainable) continue;
    if (averages_[p].empty()) {
      averages_[p] = leaf.value.to(DType::f64).clone();
      continue;
    }
    for (std::int64_t begin = 0; begin < leaf.value.size(); begin += piece_numbers)
      pieces.push_back({p, begin, std::min(leaf.value.size(), begin + piece_numbers)});
  }
  visit_float(store_.dtype(), "averaging weights", [&]<class T>() {
    parallel_for(static_cast<std::int64_t>(pieces.size()), 2, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i)
        update<T>(pieces[static_cast<std::size_t>(i)], 1 - decay);
    });
  });
}

std::vector<Tensor> WeightAverage::weights() const {
  const FlushDenormals flush;
  std::vector<Tensor> weights;
  for (const Parameter& parameter : store_.parameters()) {
    const std::size_t place = weights.size();
    const bool averaged = place < averages_.size() && !averages_[place].empty();
    const Tensor& value = averaged ? averages_[place] : parameter.leaf->value;
    weights.push_back(averaged ? value.to(store_.dtype()).clone() : value.clone());
  }
  return weights;
}

void WeightAverage::apply() const {
  put(store_, averages_);
}

WeightAverage::Use::Use(const WeightAverage& average) : store_(average.store_) {
  for (std::size_t i = 0; i < average.averages_.size(); ++i) {
    const bool averaged = !average.averages_[i].empty();
    trained_.push_back(averaged ? store_.parameters()[i].leaf->value.clone() : Tensor());
  }
  average.apply();
}

WeightAverage::Use::~Use() {
  put(store_, trained_);
}

NamedTensors WeightAverage::state() const {
  NamedTensors state;
  for (std::size_t i = 0; i < averages_.size(); ++i)
    if (!averages_[i].empty()) state.emplace_back(store_.parameters()[i].name, averages_[i]);
  return state;
}

void WeightAverage::restore(const NamedTensors& state) {
  const auto parameters = store_.parameters();
  averages_.clear();
  if (state.empty()) return;
  averages_.resize(parameters.size());
  for (const auto& entry : state) {
    const Parameter* const parameter = store_.find(entry.first);
    if (parameter == nullptr || entry.second.shape() != parameter->leaf->value.shape())
      fail(ErrorKind::format, "the averages of the weights have " + quote(entry.first) + " of shape " +
                                  to_string(entry.second.shape()) + ", which the model lacks");
    averages_[static_cast<std::size_t>(parameter - parameters.data())] = entry.second.to(DType::f64).clone();
  }
}

}  // namespace rondo
