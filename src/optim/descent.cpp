#include "optim/descent.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <variant>

#include <rondo/error.h>

#include "autograd/forms.h"
#include "autograd/visit.h"
#include "base/message.h"
#include "kernels/kernels.h"
#include "runtime/parallel.h"

namespace rondo {
namespace {

/// A piece is large enough to be worth a thread and small enough to divide the work evenly. Its size is
/// fixed, because sums are combined piece by piece.
constexpr std::int64_t piece_numbers = 16384;

/// Some neighbouring numbers of one parameter with their optimiser state; null if there is none.
template <class T>
struct Stretch {
  Index size;
  T* values;
  const T* gradient;
  std::array<T*, 2> state;
};

/// The settings of a step that all numbers of a parameter share.
struct Rates {
  float learning_rate;
  float decay_factor;
  float scale;
  float correction1, correction2;  // Adam's: 1 - beta^step
};

template <class T>
void advance(const Kernels<T>& k, const optim::SGD& rule, const Rates& rates, const Stretch<T>& at) {
  k.sgd(at.size, at.values, at.gradient, at.state[0], T(rates.learning_rate), T(rule.momentum), rule.nesterov,
        T(rule.weight_decay * rates.decay_factor), T(rates.scale));
}

template <class T>
void advance(const Kernels<T>& k, const optim::Adagrad& rule, const Rates& rates, const Stretch<T>& at) {
  k.adagrad(at.size, at.values, at.gradient, at.state[0], T(rates.learning_rate), T(rule.epsilon),
            T(rule.weight_decay * rates.decay_factor), T(rates.scale));
}

template <class T>
void advance(const Kernels<T>& k, const optim::RMSprop& rule, const Rates& rates, const Stretch<T>& at) {
  k.rmsprop(at.size, at.values, at.gradient, at.state[0], at.state[1], T(rates.learning_rate), T(rule.alpha),
            T(rule.epsilon), T(rule.momentum), T(rule.weight_decay * rates.decay_factor), T(rates.scale));
}

/// Adam and AdamW differ in where the decay is applied.
template <class T, class Rule>
void advance_adam(const Kernels<T>& k, const Rule& rule, const Rates& rates, const Stretch<T>& at) {
  constexpr bool decoupled = std::is_same_v<Rule, optim::AdamW>;
  const float decay = rule.weight_decay * rates.decay_factor;
  const AdamStep step{.learning_rate = rates.learning_rate,
                      .beta1 = rule.beta1,
                      .beta2 = rule.beta2,
                      .epsilon = rule.epsilon,
                      .correction1 = rates.correction1,
                      .correction2 = rates.correction2,
                      .decoupled_decay = decoupled ? decay : 0.0F,
                      .l2 = decoupled ? 0.0F : decay};
  k.adam(at.size, at.values, at.gradient, at.state[0], at.state[1], step, T(rates.scale));
}

template <class T>
void advance(const Kernels<T>& k, const optim::Adam& rule, const Rates& rates, const Stretch<T>& at) {
  advance_adam(k, rule, rates, at);
}

template <class T>
void advance(const Kernels<T>& k, const optim::AdamW& rule, const Rates& rates, const Stretch<T>& at) {
  advance_adam(k, rule, rates, at);
}

/// 1 - beta^step of both betas; 1 for optimisers that have none.
std::pair<float, float> corrections(const Optimizer& optimizer, std::int64_t step) {
  return std::visit(
      [&](const auto& rule) -> std::pair<float, float> {
        if constexpr (requires { rule.beta1; }) {
          const auto left = [&](float beta) {
            return static_cast<float>(1 - std::pow(static_cast<double>(beta), static_cast<double>(step)));
          };
          return {left(rule.beta1), left(rule.beta2)};
        } else {
          return {1.0F, 1.0F};
        }
      },
      optimizer);
}

/// Before the name of a parameter: how many steps were taken before it began to learn.
constexpr std::string_view begun = "begun/";

/// Calls run(first number, size) for each stretch of neighbouring numbers in a piece.
template <class F>
void each_stretch(const Leaf& leaf, const ParameterPiece& piece, F&& run) {
  if (!leaf.sparse) return run(piece.begin, piece.end - piece.begin);
  const std::int64_t width = leaf.value.columns();
  for (std::int64_t place = piece.begin; place < piece.end; ++place)
    run(leaf.touched[static_cast<std::size_t>(place)] * width, width);
}

/// There are many small pieces, so neighbours go to the same thread.
template <class F>
void each_piece(std::size_t count, F&& run) {
  parallel_for(static_cast<std::int64_t>(count), 2, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      run(static_cast<std::size_t>(i));
  });
}

}  // namespace

std::vector<std::string_view> state_names(const Optimizer& optimizer) {
  struct Names {
    std::vector<std::string_view> operator()(const optim::SGD& rule) const {
      if (rule.momentum == 0) return {};
      return {"velocity"};
    }
    std::vector<std::string_view> operator()(const optim::Adagrad&) const { return {"sum"}; }
    std::vector<std::string_view> operator()(const optim::RMSprop& rule) const {
      if (rule.momentum == 0) return {"square"};
      return {"square", "velocity"};
    }
    std::vector<std::string_view> operator()(const optim::Adam&) const { return {"mean", "square"}; }
    std::vector<std::string_view> operator()(const optim::AdamW&) const { return {"mean", "square"}; }
  };
  return std::visit(Names{}, optimizer);
}

Descent::Descent(Optimizer optimizer, std::vector<NamedLeaf> parameters)
    : optimizer_(std::move(optimizer)),
      parameters_(std::move(parameters)),
      type_(parameters_.empty() ? DType::f32 : parameters_.front().leaf->value.dtype()),
      slots_(parameters_.size()),
      begun_(parameters_.size()) {}

void Descent::set_factors(std::vector<GroupFactors> factors) {
  if (factors.size() != parameters_.size()) throw Bug("Descent: factors for another number of parameters");
  factors_ = std::move(factors);
}

void Descent::make_state(std::size_t parameter) {
  Slots& slots = slots_[parameter];
  const Tensor& value = parameters_[parameter].leaf->value;
  const auto* const adagrad = std::get_if<optim::Adagrad>(&optimizer_);
  const double start = adagrad != nullptr ? adagrad->initial_sum : 0.0;
  for (std::size_t i = 0; i < state_names(optimizer_).size(); ++i)
    if (slots[i].empty()) begun_[parameter] = steps_;
  for (std::size_t i = 0; i < state_names(optimizer_).size(); ++i)
    if (slots[i].empty()) slots[i] = Tensor::full(value.shape(), start, value.dtype());
}

const std::vector<ParameterPiece>& Descent::pieces() {
  pieces_.clear();
  for (std::size_t p = 0; p < parameters_.size(); ++p) {
    const Leaf& leaf = *parameters_[p].leaf;
    if (!leaf.trainable || !leaf.reached) continue;
    const std::int64_t size =
        leaf.sparse ? static_cast<std::int64_t>(leaf.touched.size()) : leaf.value.size();
    const std::int64_t most =
        leaf.sparse
            ? std::max<std::int64_t>(1, piece_numbers / std::max<std::int64_t>(1, leaf.value.columns()))
            : piece_numbers;
    for (std::int64_t begin = 0; begin < size; begin += most)
      pieces_.push_back({p, begin, std::min(size, begin + most)});
  }
  return pieces_;
}

template <class T>
double Descent::sum_squares(const ParameterPiece& piece) const {
  const Leaf& leaf = *parameters_[piece.parameter].leaf;
  const T* const gradient = std::as_const(leaf.gradient).data<T>().data();
  double sum = 0;
  each_stretch(leaf, piece, [&](std::int64_t first, std::int64_t size) {
    sum += kernels<T>().sum_squares(size, gradient + first);
  });
  return sum;
}

double Descent::gradient_norm() {
  const auto& work = pieces();
  partial_.assign(work.size(), 0.0);
  visit_float(type_, "gradient norm", [&]<class T>() {
    each_piece(work.size(), [&](std::size_t i) { partial_[i] = sum_squares<T>(work[i]); });
  });
  double sum = 0;
  for (const double part : partial_)
    sum += part;
  return std::sqrt(sum);
}

template <class T>
void Descent::clip(const ParameterPiece& piece, T limit) const {
  Leaf& leaf = *parameters_[piece.parameter].leaf;
  T* const gradient = leaf.gradient.data<T>().data();
  each_stretch(leaf, piece, [&](std::int64_t first, std::int64_t size) {
    // Not std::clamp, because a NaN must stay NaN to be found and reported.
    for (std::int64_t i = first; i < first + size; ++i)
      gradient[i] = gradient[i] > limit ? limit : gradient[i] < -limit ? -limit : gradient[i];
  });
}

void Descent::clip_value(double limit) {
  const auto& work = pieces();
  visit_float(type_, "clipping", [&]<class T>() {
    each_piece(work.size(), [&](std::size_t i) { clip<T>(work[i], static_cast<T>(limit)); });
  });
}

template <class T>
void Descent::update(const ParameterPiece& piece, float learning_rate, float scale) {
  Leaf& leaf = *parameters_[piece.parameter].leaf;
  const GroupFactors factors = factors_.empty() ? GroupFactors{} : factors_[piece.parameter];
  const auto [correction1, correction2] = corrections(optimizer_, steps_ - begun_[piece.parameter]);
  const Rates rates{learning_rate * factors.learning_rate, factors.weight_decay, scale, correction1,
                    correction2};
  const auto start = [](Tensor& tensor) -> T* { return tensor.empty() ? nullptr : tensor.data<T>().data(); };
  T* const values = start(leaf.value);
  const T* const gradient = start(leaf.gradient);
  T* const first = start(slots_[piece.parameter][0]);
  T* const second = start(slots_[piece.parameter][1]);
  std::visit(
      [&](const auto& rule) {
        each_stretch(leaf, piece, [&](std::int64_t from, std::int64_t size) {
          const Stretch<T> at{
              size,
              values + from,
              gradient + from,
              {first == nullptr ? nullptr : first + from, second == nullptr ? nullptr : second + from}};
          advance(kernels<T>(), rule, rates, at);
        });
      },
      optimizer_);
}

void Descent::step(float learning_rate, float scale) {
  refuse_in_inference_mode("an optimiser's step");
  const auto& work = pieces();
  for (const ParameterPiece& piece : work) {
    if (piece.begin == 0) make_state(piece.parameter);
    parameters_[piece.parameter].leaf->weight_type = WeightType::f32;
  }
  ++steps_;
  visit_float(type_, "optimizer", [&]<class T>() {
    each_piece(work.size(), [&](std::size_t i) { update<T>(work[i], learning_rate, scale); });
  });
}

std::string Descent::first_bad_gradient() const {
  for (const NamedLeaf& parameter : parameters_) {
    const Leaf& leaf = *parameter.leaf;
    if (!leaf.trainable || !leaf.reached) continue;
    for (std::int64_t i = 0; i < leaf.gradient.size(); ++i)
      if (!std::isfinite(leaf.gradient.at(i))) return parameter.name;
  }
  return {};
}

std::vector<std::pair<std::string, Tensor>> Descent::state() const {
  std::vector<std::pair<std::string, Tensor>> found;
  const auto names = state_names(optimizer_);
  for (std::size_t p = 0; p < slots_.size(); ++p) {
    for (std::size_t i = 0; i < names.size(); ++i)
      if (!slots_[p][i].empty())
        found.emplace_back(std::string(names[i]) + "/" + parameters_[p].name, slots_[p][i]);
    if (begun_[p] > 0)
      found.emplace_back(std::string(begun) + parameters_[p].name,
                         Tensor::full({1}, static_cast<double>(begun_[p]), DType::f64));
  }
  return found;
}

void Descent::restore(const std::vector<std::pair<std::string, Tensor>>& state, std::int64_t steps) {
  decltype(slots_) slots(parameters_.size());
  decltype(begun_) late(parameters_.size());
  const auto names = state_names(optimizer_);
  for (const auto& entry : state) {
    const std::string& name = entry.first;
    const std::size_t slash = std::min(name.find('/'), name.size());
    const auto slot = std::find(names.begin(), names.end(), name.substr(0, slash));
    const auto parameter = std::find_if(parameters_.begin(), parameters_.end(), [&](const NamedLeaf& each) {
      return name.compare(std::min(slash + 1, name.size()), std::string::npos, each.name) == 0;
    });
    const auto number = static_cast<std::size_t>(parameter - parameters_.begin());
    if (name.starts_with(begun) && parameter != parameters_.end() && entry.second.size() == 1) {
      late[number] = static_cast<std::int64_t>(entry.second.at(0));
      continue;
    }
    if (slot == names.end() || parameter == parameters_.end())
      fail(ErrorKind::format, "optimizer state has " + quote(name) + ", which this model and optimizer lack");
    if (entry.second.shape() != parameter->leaf->value.shape())
      fail(ErrorKind::format, "optimizer state " + quote(name) + " should have shape " +
                                  to_string(parameter->leaf->value.shape()) + ", got " +
                                  to_string(entry.second.shape()));
    Tensor& to = slots[number][static_cast<std::size_t>(slot - names.begin())];
    to = entry.second.to(parameter->leaf->value.dtype()).clone();
  }
  slots_ = std::move(slots);
  begun_ = std::move(late);
  steps_ = steps;
}

}  // namespace rondo
