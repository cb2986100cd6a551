#include <cmath>

#include <rondo/error.h>
#include <rondo/pooling.h>

#include "nn/checked.h"
#include "nn/watch.h"

namespace rondo::nn {
namespace {

template <class Layer>
WindowOptions window_options(const Layer& options) {
  checked({}, options);
  const int strides = options.strides == 0 ? options.pool_size : options.strides;
  return {.size = options.pool_size, .padding = options.padding, .stride = strides};
}

}  // namespace

AttentionPooling::AttentionPooling(const Scope& in, int input, layers::AttentionPooling options)
    : options_(checked(in.path(), options)), name_(in.path()) {
  const bool projects =
      options_.score == AttentionScore::additive || options_.score == AttentionScore::bilinear;
  const int units = projects && options_.units > 0 ? options_.units : input;
  const Initial small{.kind = Initializer::uniform, .scale = 0.1F};
  query_ = in.parameter("query", {units}, small);
  if (projects) weight_ = in.parameter("weight", {units, input}, {.kind = options_.kernel_init});
  if (options_.score == AttentionScore::additive) direction_ = in.parameter("direction", {units}, small);
}

Attended AttentionPooling::attended(const Sequences& x) const {
  const auto count = static_cast<std::size_t>(x.count());
  std::vector<std::int32_t> sequences(count);
  for (std::size_t i = 0; i < count; ++i)
    sequences[i] = static_cast<std::int32_t>(i);
  const Var query =
      select_rows(reshape(query_, {1, query_.value().size()}), std::vector<std::int32_t>(count));
  const Var keys = weight_.defined() ? linear(x.rows(), weight_) : x.rows();
  const double scale =
      options_.score == AttentionScore::scaled_dot ? 1 / std::sqrt(static_cast<double>(x.features())) : 1;
  return attend(query, keys, x, sequences, scale, direction_);
}

Var AttentionPooling::operator()(const Sequences& x) const {
  const Attended found = attended(x);
  if (Watcher* const watching = watcher(); watching != nullptr) watching->looked(name_, x, found);
  return found.context;
}

MaxPooling1D::MaxPooling1D(layers::MaxPooling1D options) : windows_(window_options(options)) {}
Sequences MaxPooling1D::operator()(const Sequences& x) const {
  return pool_windows(x, Pool::max, windows_);
}

AveragePooling1D::AveragePooling1D(layers::AveragePooling1D options) : windows_(window_options(options)) {}
Sequences AveragePooling1D::operator()(const Sequences& x) const {
  return pool_windows(x, Pool::mean, windows_);
}

}  // namespace rondo::nn
