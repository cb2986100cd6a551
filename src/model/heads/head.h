/// What a Sequential ends in: how the rows of its last layer become scores, outputs and a loss.
///
/// A last layer may be a head of its own (LayerKind::head): then it owns the parameters of its scores, and
/// says what its outputs are and what a loss makes of them. Others end in numbers as they are.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <rondo/nn.h>
#include <rondo/ops.h>
#include <rondo/train.h>

namespace rondo {

/// What a loss compares with, for each row of scores, in their type.
struct Targets {
  Tensor labels, values, weights;
  CrossEntropyOptions entropy;
  std::shared_ptr<const Layout> layout;  ///< of the batch
};

/// Immutable: any number of threads may compute with it.
class Head {
 public:
  virtual ~Head() = default;
  /// What losses are taken from ("logits"), a row for each of `rows`.
  virtual Var scores(const Var& rows) const = 0;
  /// What the model says, from the scores.
  virtual Var outputs(const Var& scores, const Layout& layout) const = 0;
  /// The mean loss from scores; those that compare numbers do so with the outputs. `loss` is known to fit.
  virtual Var loss(const CompileOptions& options, Loss loss, const Var& scores, const Targets& targets) const;
  /// The same from the rows, where nobody asks for the scores.
  virtual Var loss_of_rows(const CompileOptions& options, Loss loss, const Var& rows,
                           const Targets& targets) const {
    return this->loss(options, loss, scores(rows), targets);
  }
  /// Whether, for that loss, classify() says the class of each row.
  virtual bool classifies(Loss) const { return false; }
  /// The loss from the rows, and into `classes` what outputs() would give most: without the scores of all
  /// rows, which of a large vocabulary take more memory than all else.
  virtual Var classify(const CompileOptions& options, Loss loss, const Var& rows, const Targets& targets,
                       std::vector<std::int32_t>& classes) const;
};

/// The rows are scores and outputs.
std::unique_ptr<const Head> numbers_head();
/// Softmax over the scores that `projection` makes of the rows; without one, over the rows. A projection
/// that nobody asks for the scores of never keeps them (linear_cross_entropy).
std::unique_ptr<const Head> softmax_head(std::optional<nn::Dense> projection);
/// Sigmoid of each score: one says of two classes, or several each for itself.
std::unique_ptr<const Head> sigmoid_head(std::optional<nn::Dense> projection);
/// The one that an activation asks for.
std::unique_ptr<const Head> head_for(Activation final, std::optional<nn::Dense> projection);

}  // namespace rondo
