#include <algorithm>
#include <cmath>
#include <string>

#include <rondo/error.h>
#include <rondo/ops.h>
#include <rondo/trees.h>

#include "base/message.h"

namespace rondo::nn {
namespace {

Var zeros_at(const Scope& in, std::string_view name, Shape shape) {
  return in.parameter(name, std::move(shape), {.kind = Initializer::zeros});
}

/// Where a state of a lower height lies: the block of its height, and the row in it.
struct Places {
  std::vector<Var> blocks;  ///< those that are needed
  std::vector<std::int32_t> of, rows;
};

/// One part of the children's states, out of the blocks of the heights below.
Places places_of(const Forest& forest, std::span<const std::int32_t> children,
                 const std::vector<std::int32_t>& height_of, const std::vector<State>& heights,
                 std::size_t part) {
  Places places;
  std::vector<std::int32_t> needed;
  for (const std::int32_t child : children)
    needed.push_back(height_of[static_cast<std::size_t>(child)]);
  std::sort(needed.begin(), needed.end());
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  for (const std::int32_t height : needed)
    places.blocks.push_back(heights[static_cast<std::size_t>(height)][part]);
  for (const std::int32_t child : children) {
    const std::int32_t height = height_of[static_cast<std::size_t>(child)];
    const auto at = std::lower_bound(needed.begin(), needed.end(), height) - needed.begin();
    places.of.push_back(static_cast<std::int32_t>(at));
    places.rows.push_back(child - static_cast<std::int32_t>(forest.begin(height)));
  }
  return places;
}

Children children_at(const Forest& forest, std::int64_t height, const std::vector<std::int32_t>& height_of,
                     const std::vector<State>& heights) {
  Children children;
  const std::int64_t begin = forest.begin(height), end = forest.begin(height + 1);
  const std::int64_t first = forest.first_child(begin), last = forest.first_child(end);
  for (std::int64_t row = begin; row < end; ++row)
    children.begins.push_back(forest.first_child(row + 1) - first);
  if (height == 0) return children;
  const auto rows =
      forest.all_children().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first));
  std::vector<Var> parts;
  for (std::size_t part = 0; part < heights[0].size(); ++part) {
    const Places places = places_of(forest, rows, height_of, heights, part);
    parts.push_back(gather_rows(places.blocks, places.of, places.rows));
  }
  children.states = State(std::move(parts));
  return children;
}

void check_state(const State& state, const std::vector<State>& heights, std::int64_t nodes) {
  const std::size_t wanted = heights.empty() ? state.size() : heights[0].size();
  if (state.size() == 0 || state.size() != wanted)
    fail(ErrorKind::shape, "a composition's state has " + std::to_string(state.size()) +
                               " parts, the state of the leaves has " + std::to_string(wanted));
  for (std::size_t part = 0; part < state.size(); ++part)
    if (state[part].rows() != nodes)
      fail(ErrorKind::shape, "a composition gave " + std::to_string(state[part].rows()) + " rows for " +
                                 std::to_string(nodes) + " nodes");
}

}  // namespace

RecursiveNet::RecursiveNet(const Scope& in, int dim, int pairs)
    : weight_(
          in.parameter("weight", pairs == 1 ? Shape{dim, 2 * dim} : Shape{pairs, dim, 2 * dim},
                       {.kind = Initializer::uniform, .scale = 1 / std::sqrt(2 * static_cast<float>(dim))})),
      bias_(zeros_at(in, "bias", pairs == 1 ? Shape{dim} : Shape{pairs, dim})) {}

Var RecursiveNet::operator()(const Var& leaves, const std::shared_ptr<const Forest>& forest,
                             std::span<const std::int32_t> pair_of_rows) const {
  return compose_pairs(leaves, forest, weight_, bias_, pair_of_rows);
}

TensorNet::TensorNet(const Scope& in, int dim)
    : weight_(
          in.parameter("weight", {dim, 2 * dim},
                       {.kind = Initializer::uniform, .scale = 1 / std::sqrt(2 * static_cast<float>(dim))})),
      tensor_(in.parameter("tensor", {dim, 2 * dim, 2 * dim},
                           {.kind = Initializer::uniform, .scale = 1 / (4 * static_cast<float>(dim))})),
      bias_(zeros_at(in, "bias", {dim})) {}

Var TensorNet::operator()(const Var& leaves, const std::shared_ptr<const Forest>& forest) const {
  return compose_tensor(leaves, forest, weight_, tensor_, bias_);
}

MatrixVectorNet::MatrixVectorNet(const Scope& in, int dim)
    : weight_(
          in.parameter("weight", {dim, 2 * dim},
                       {.kind = Initializer::uniform, .scale = 1 / std::sqrt(2 * static_cast<float>(dim))})),
      bias_(zeros_at(in, "bias", {dim})),
      matrix_weight_(in.parameter(
          "matrix_weight", {dim, 2 * dim},
          {.kind = Initializer::uniform, .scale = 1 / std::sqrt(2 * static_cast<float>(dim))})) {}

MatrixVectors MatrixVectorNet::operator()(const MatrixVectors& leaves,
                                          const std::shared_ptr<const Forest>& forest) const {
  return compose_matrices(leaves, forest, weight_, bias_, matrix_weight_);
}

BinaryTreeLSTM::BinaryTreeLSTM(const Scope& in, int input, int units)
    : weights_{in.parameter("weight_x", {5 * units, input}, {.blocks = 5}),
               in.parameter("weight_h", {5 * units, 2 * units}, {.blocks = 5}),
               zeros_at(in, "bias", {5 * units})} {}

TreeStates BinaryTreeLSTM::operator()(const Var& x, const std::shared_ptr<const Forest>& forest) const {
  return tree_lstm_binary(x, forest, weights_);
}

ChildSumTreeLSTM::ChildSumTreeLSTM(const Scope& in, int input, int units)
    : weights_{in.parameter("weight_x", {4 * units, input}, {.blocks = 4}),
               in.parameter("weight_h", {4 * units, units}, {.blocks = 4}),
               zeros_at(in, "bias", {4 * units})} {}

TreeStates ChildSumTreeLSTM::operator()(const Var& x, const std::shared_ptr<const Forest>& forest) const {
  return tree_lstm_child_sum(x, forest, weights_);
}

Var Children::child(std::int64_t number, std::size_t part) const {
  const Var& all = states[part];
  const Var sources[] = {all, Var(Tensor::zeros({1, all.columns()}, all.dtype()))};
  std::vector<std::int32_t> of, rows;
  for (std::int64_t node = 0; node < nodes(); ++node) {
    const auto at = static_cast<std::size_t>(node);
    const bool there = number >= 0 && begins[at] + number < begins[at + 1];
    of.push_back(there ? 0 : 1);
    rows.push_back(there ? static_cast<std::int32_t>(begins[at] + number) : 0);
  }
  return gather_rows(sources, of, rows);
}

State over_trees(const Var& x, const std::shared_ptr<const Forest>& forest, const Composition& composition) {
  const bool everywhere = x.rows() == forest->rows();
  if (!everywhere && x.rows() != forest->leaves())
    fail(ErrorKind::shape, "over_trees wanted an input for all " + std::to_string(forest->rows()) +
                               " nodes or for the " + std::to_string(forest->leaves()) + " leaves, got " +
                               std::to_string(x.rows()) + " rows");
  std::vector<std::int32_t> height_of;
  std::vector<State> heights;
  for (std::int64_t height = 0; height < forest->heights(); ++height) {
    const std::int64_t begin = forest->begin(height), end = forest->begin(height + 1);
    const Children children = children_at(*forest, height, height_of, heights);
    const Var own = height == 0 || everywhere ? slice_rows(x, begin, end) : Var();
    State state = composition(own, children);
    check_state(state, heights, end - begin);
    heights.push_back(std::move(state));
    height_of.resize(static_cast<std::size_t>(end), static_cast<std::int32_t>(height));
  }
  std::vector<Var> parts;
  for (std::size_t part = 0; part < heights[0].size(); ++part) {
    std::vector<Var> blocks;
    for (const State& state : heights)
      blocks.push_back(state[part]);
    parts.push_back(stack(blocks));
  }
  return State(std::move(parts));
}

}  // namespace rondo::nn
