/// Live modules that pool: by attention over all steps of a sequence, and over windows of it.
///
///     const nn::AttentionPooling pool(in / "pool", 256);
///     const Attended found = pool.attended(encoded);
///     found.context;  // [sequences, 256]
///     found.of(0);    // the weights of the first sequence in packed order
#pragma once
#include <string>

#include <rondo/attention.h>
#include <rondo/nn.h>

namespace [[gnu::visibility("default")]] rondo {
namespace nn {

/// Parameters: `query` [units], of dot scores [input]; of additive and bilinear scores `weight` [units,
/// input]; of additive ones `direction` [units].
class AttentionPooling {
 public:
  AttentionPooling(const Scope& in, int input, layers::AttentionPooling options = {});
  /// [count, input]
  Var operator()(const Sequences& x) const;
  /// The same with the weights.
  Attended attended(const Sequences& x) const;

 private:
  layers::AttentionPooling options_;
  std::string name_;
  Var query_, weight_, direction_;
};

/// No parameters. Of a layout of its own where windows are fewer than steps. Error(shape) for a sequence
/// without any window.
class MaxPooling1D {
 public:
  explicit MaxPooling1D(layers::MaxPooling1D options = {});
  Sequences operator()(const Sequences& x) const;

 private:
  WindowOptions windows_;
};
class AveragePooling1D {
 public:
  explicit AveragePooling1D(layers::AveragePooling1D options = {});
  Sequences operator()(const Sequences& x) const;

 private:
  WindowOptions windows_;
};

}  // namespace nn
}  // namespace rondo
