/// Operations over all nodes of trees, nodes of equal height together. Each is one operation with its
/// gradient: the products of one height over all trees are one matrix product, with weights packed once.
///
/// A node's numbers have the same bits alone and in any batch. A weight's gradient is one chain over the
/// forest's rows in order. A tree that is a chain gives the numbers of the recurrent network.
///
/// In binary compositions a node has one or two children; a single child is the left one, and what is missing
/// on the right counts as zeros. Error(shape) for a node with more.
#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include <rondo/autograd.h>
#include <rondo/forest.h>

namespace [[gnu::visibility("default")]] rondo {

/// p = tanh(W [l; r] + b) upwards from the leaves' vectors [leaves, d]: the recursive network (RvNN; Socher
/// et al. 2011). Gives all nodes' vectors, [forest rows, d], the leaves' own first. weight: [d, 2d] or, with
/// several pairs of categories, [pairs, d, 2d]; bias [d] or [pairs, d].
///
/// With several pairs (SU-RNN; Socher et al. 2013, "Parsing with compositional vector grammars"),
/// pair_of_rows says for each row of the forest which weights an inner node has: 0 to pairs - 1.
Var compose_pairs(const Var& leaves, const std::shared_ptr<const Forest>& forest, const Var& weight,
                  const Var& bias, std::span<const std::int32_t> pair_of_rows = {});

/// p_k = tanh(zᵀ V_k z + W_k z + b_k), z = [l; r]: the recursive neural tensor network (RNTN; Socher et al.
/// 2013, "Recursive deep models"). weight [d, 2d], tensor [d, 2d, 2d], bias [d].
Var compose_tensor(const Var& leaves, const std::shared_ptr<const Forest>& forest, const Var& weight,
                   const Var& tensor, const Var& bias);

/// A vector and a matrix for each node.
struct MatrixVectors {
  Var vectors;   ///< [rows, d]
  Var matrices;  ///< [rows, d · d], column by column
};

/// p = tanh(W [B a; A b] + bias), P = W_M [A; B], where a node's children have vectors a, b and matrices A, B
/// (MV-RNN; Socher et al. 2012). weight, matrix_weight [d, 2d], bias [d]. A missing right child has the zero
/// vector and the identity.
MatrixVectors compose_matrices(const MatrixVectors& leaves, const std::shared_ptr<const Forest>& forest,
                               const Var& weight, const Var& bias, const Var& matrix_weight);

/// Matrices U V + diag(s) row by row, as compose_matrices takes them: u [N, d · r], v [N, r · d], both row by
/// row, s [N, d] give [N, d · d] column by column.
Var low_rank_matrices(const Var& u, const Var& v, const Var& diagonal);

/// h and c of every node, [forest rows, H].
struct TreeStates {
  Var h, c;
};

/// Weights of a Tree-LSTM. Gates are those of an LSTM in PyTorch's order: i, f, g, o.
struct TreeLstmWeights {
  Var weight_x;  ///< W [gates · H, D]
  Var weight_h;  ///< U: child-sum [4H, H]; binary [5H, 2H]
  Var bias;      ///< [gates · H]
};

/// Child-sum Tree-LSTM (Tai et al. 2015, equations 2 to 8): any number of children, whose order does not
/// matter. A forget gate for each child comes from that child's h, the other gates from the sum of all. x is
/// [forest rows, D], or [leaves, D] where inner nodes have no input. Children are summed in order.
TreeStates tree_lstm_child_sum(const Var& x, const std::shared_ptr<const Forest>& forest,
                               const TreeLstmWeights& weights);

/// Binary Tree-LSTM (Tai et al. 2015, equations 9 to 14 with N = 2): gates i, f of the left child, f of the
/// right child, g, o, all from [h_l; h_r]. x as above.
TreeStates tree_lstm_binary(const Var& x, const std::shared_ptr<const Forest>& forest,
                            const TreeLstmWeights& weights);

// -- For compositions of one's own (nn::over_trees in trees.h).
/// Rows from several matrices of equal width: row i of the result is row rows[i] of sources[of[i]]. The
/// gradient reaches the sources that are named only.
Var gather_rows(std::span<const Var> sources, std::span<const std::int32_t> of,
                std::span<const std::int32_t> rows);
/// Row i of the result is the sum of the rows [begins[i], begins[i + 1]) of x, in order; zeros if none.
Var sum_ranges(const Var& x, std::span<const std::int64_t> begins);

}  // namespace rondo
