/// The live form of an Optimizer description: its state, and its step over the parameters.
///
/// Work is cut into pieces of a fixed size, each of which is one kernel call on its own elements, and sums
/// are combined in the order of the pieces: nothing depends on the number of threads.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/autograd.h>
#include <rondo/optim.h>

namespace rondo {

/// A parameter group's factors for the optimiser's settings.
struct GroupFactors {
  float learning_rate = 1;
  float weight_decay = 1;
};

struct NamedLeaf {
  std::string name;
  std::shared_ptr<Leaf> leaf;
};

/// A part of one parameter: elements, or of a sparse one, places in its list of touched rows.
struct ParameterPiece {
  std::size_t parameter;
  std::int64_t begin, end;
};

class Descent {
 public:
  /// All parameters have one type, f32 or f64. The state of a parameter is made by its first update.
  Descent(Optimizer optimizer, std::vector<NamedLeaf> parameters);

  /// Sets one factor per parameter, in their order; initially all are 1.
  void set_factors(std::vector<GroupFactors> factors);

  /// Cuts each number of the gradient to [-limit, limit].
  void clip_value(double limit);
  /// The norm of the gradient of all trainable parameters together, with squares summed in f64.
  double gradient_norm();
  /// Updates every trainable parameter that has a gradient. The gradient is multiplied by `scale`.
  void step(float learning_rate, float scale = 1);

  /// Steps taken.
  std::int64_t steps() const noexcept { return steps_; }
  const Optimizer& optimizer() const noexcept { return optimizer_; }
  /// The name of the first trainable parameter whose gradient is not finite; empty if there is none.
  std::string first_bad_gradient() const;

  /// State by name ("mean/encoder.weight_ih_l0"), sharing memory, in the parameters' order; and, of a
  /// parameter that began to learn late, "begun/NAME", f64 [1].
  std::vector<std::pair<std::string, Tensor>> state() const;
  /// Copies a saved state. Error(format) for a name or shape that does not fit.
  void restore(const std::vector<std::pair<std::string, Tensor>>& state, std::int64_t steps);

 private:
  using Slots = std::array<Tensor, 2>;
  void make_state(std::size_t parameter);
  /// Pieces of all trainable parameters that a gradient reached.
  const std::vector<ParameterPiece>& pieces();
  template <class T>
  double sum_squares(const ParameterPiece& piece) const;
  template <class T>
  void clip(const ParameterPiece& piece, T limit) const;
  template <class T>
  void update(const ParameterPiece& piece, float learning_rate, float scale);

  Optimizer optimizer_;
  std::vector<NamedLeaf> parameters_;
  DType type_;
  std::vector<GroupFactors> factors_;
  std::vector<Slots> slots_;
  std::vector<std::int64_t> begun_;  ///< of each parameter: steps taken before its first update
  std::vector<ParameterPiece> pieces_;
  std::vector<double> partial_;
  std::int64_t steps_ = 0;
};

/// Names of the tensors that an optimiser keeps for each parameter: "mean", "square", "velocity", "sum".
std::vector<std::string_view> state_names(const Optimizer& optimizer);

}  // namespace rondo
