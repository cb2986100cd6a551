/// Live modules of networks over trees, and a driver for compositions of one's own.
///
///     const nn::BinaryTreeLSTM net{scope / "tree", 100, 150};
///     const TreeStates states = net(words, forest);          // words [leaves, 100]; states.h [rows, 150]
///     const Var roots = select_rows(states.h, forest->roots());
///
/// tree_ops.h has the formulas. All of them run over all trees of a batch at once.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <rondo/autograd.h>
#include <rondo/parameters.h>
#include <rondo/tree_ops.h>

namespace [[gnu::visibility("default")]] rondo {
namespace nn {

/// The recursive network, with one pair of weights (RvNN) or with several (SU-RNN). Parameters `weight`
/// [d, 2d] and `bias` [d]; of several pairs [pairs, d, 2d] and [pairs, d].
class RecursiveNet {
 public:
  RecursiveNet(const Scope& in, int dim, int pairs = 1);
  Var operator()(const Var& leaves, const std::shared_ptr<const Forest>& forest,
                 std::span<const std::int32_t> pair_of_rows = {}) const;

 private:
  Var weight_, bias_;
};

/// The recursive neural tensor network (RNTN). Parameters `weight` [d, 2d], `tensor` [d, 2d, 2d], `bias` [d].
class TensorNet {
 public:
  TensorNet(const Scope& in, int dim);
  Var operator()(const Var& leaves, const std::shared_ptr<const Forest>& forest) const;

 private:
  Var weight_, tensor_, bias_;
};

/// The matrix-vector network (MV-RNN). Parameters `weight`, `matrix_weight` [d, 2d] and `bias` [d].
class MatrixVectorNet {
 public:
  MatrixVectorNet(const Scope& in, int dim);
  MatrixVectors operator()(const MatrixVectors& leaves, const std::shared_ptr<const Forest>& forest) const;

 private:
  Var weight_, bias_, matrix_weight_;
};

/// The binary Tree-LSTM. Parameters `weight_x` [5H, input], `weight_h` [5H, 2H], `bias` [5H].
class BinaryTreeLSTM {
 public:
  BinaryTreeLSTM(const Scope& in, int input, int units);
  TreeStates operator()(const Var& x, const std::shared_ptr<const Forest>& forest) const;

 private:
  TreeLstmWeights weights_;
};

/// The child-sum Tree-LSTM. Parameters `weight_x` [4H, input], `weight_h` [4H, H], `bias` [4H].
class ChildSumTreeLSTM {
 public:
  ChildSumTreeLSTM(const Scope& in, int input, int units);
  TreeStates operator()(const Var& x, const std::shared_ptr<const Forest>& forest) const;

 private:
  TreeLstmWeights weights_;
};

/// The children of some nodes, as a composition of one's own sees them.
struct Children {
  State states = {};                       ///< of all children, node after node; no parts at the leaves
  std::vector<std::int64_t> begins = {0};  ///< where each node's begin, and the end

  std::int64_t nodes() const noexcept { return static_cast<std::int64_t>(begins.size()) - 1; }
  /// The sum of a part over each node's children, in order: [nodes, D].
  Var sum(std::size_t part = 0) const { return sum_ranges(states[part], begins); }
  /// A part of each node's child `number` (from 0), zeros where it has none: [nodes, D].
  Var child(std::int64_t number, std::size_t part = 0) const;
};

/// One composition, of all nodes of a height: `x` is their input, undefined if inner nodes have none. It
/// returns their state, with as many parts at every height.
using Composition = std::function<State(const Var& x, const Children& children)>;

/// Drives a composition over all nodes, one call per height from the leaves up. x is [forest rows, D], or
/// [leaves, D] where only leaves have an input. Gives the states of all rows in order. It means the same as
/// the modules above, and it is slower.
State over_trees(const Var& x, const std::shared_ptr<const Forest>& forest, const Composition& composition);

}  // namespace nn
}  // namespace rondo
