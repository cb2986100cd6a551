/// The head of a Sequential: how the rows of its last layer become scores, outputs and a loss.
///
/// A last layer may have its own head (LayerKind::head). That head owns the parameters of its scores and
/// defines its outputs and its loss. The outputs of other layers are their numbers, unchanged.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <rondo/nn.h>
#include <rondo/ops.h>
#include <rondo/train.h>

namespace rondo {

/// The targets of a loss for each row of scores, in the scores' type.
struct Targets {
  Tensor labels, values, weights;
  CrossEntropyOptions entropy;
  std::shared_ptr<const Layout> layout;  ///< of the batch
};

/// Immutable: any number of threads may compute with it.
class Head {
 public:
  virtual ~Head() = default;
  /// The scores that losses take ("logits"), one row for each of `rows`.
  virtual Var scores(const Var& rows) const = 0;
  /// The model's outputs, from the scores.
  virtual Var outputs(const Var& scores, const Layout& layout) const = 0;
  /// The mean loss from the scores. Losses that compare numbers use the outputs. `loss` must fit the head.
  virtual Var loss(const CompileOptions& options, Loss loss, const Var& scores, const Targets& targets) const;
  /// The same from the rows, if the scores are not needed.
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
/// Softmax over the scores that `projection` makes of the rows, or over the rows if there is none. If the
/// scores are not needed, a projection never keeps them (linear_cross_entropy).
std::unique_ptr<const Head> softmax_head(std::optional<nn::Dense> projection);
/// Sigmoid of each score: one score for two classes, or several independent ones.
std::unique_ptr<const Head> sigmoid_head(std::optional<nn::Dense> projection);
/// The head for an activation.
std::unique_ptr<const Head> head_for(Activation final, std::optional<nn::Dense> projection);

}  // namespace rondo
