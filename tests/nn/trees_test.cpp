// The driver of one's own compositions against the operations, and what it refuses.
#include "support/trees.h"

#include <vector>

#include <gtest/gtest.h>

#include <rondo/ops.h>
#include <rondo/trees.h>

#include "support/checks.h"
#include "support/expect_error.h"

namespace rondo::testing_support {
namespace {

using test::expect_error;
using In = std::span<const Var>;

/// tree_lstm_child_sum, in operations.
Var child_sum_by_hand(In x, const std::shared_ptr<const Forest>& forest) {
  const std::int64_t size = x[2].columns();
  const auto gate = [&](const Var& of, std::int64_t number) {
    return slice_rows(of, number * size, (number + 1) * size);
  };
  const auto cell = [&](const Var& own, const nn::Children& children) {
    const auto from_x = [&](std::int64_t number) {
      const Var bias = reshape(gate(reshape(x[3], {4 * size, 1}), number), {size});
      if (own.defined()) return linear(own, gate(x[1], number), bias);
      return Var(Tensor::zeros({children.nodes(), size}, x[0].dtype())) + bias;
    };
    Var i = from_x(0), g = from_x(2), o = from_x(3);
    const bool leaf = children.states.size() == 0;
    if (!leaf) {
      const Var h = children.sum(0);
      i = i + linear(h, gate(x[2], 0)), g = g + linear(h, gate(x[2], 2)), o = o + linear(h, gate(x[2], 3));
    }
    Var c = sigmoid(i) * tanh(g);
    if (!leaf) {
      std::vector<std::int32_t> node_of;
      for (std::int64_t node = 0; node < children.nodes(); ++node)
        node_of.resize(static_cast<std::size_t>(children.begins[static_cast<std::size_t>(node) + 1]),
                       static_cast<std::int32_t>(node));
      const Var forget = sigmoid(select_rows(from_x(1), node_of) + linear(children.states[0], gate(x[2], 1)));
      c = c + sum_ranges(forget * children.states[1], children.begins);
    }
    return State{sigmoid(o) * tanh(c), c};
  };
  const State all = nn::over_trees(x[0], forest, cell);
  return joined({all[0], all[1]});
}

TEST(OverTrees, ComposesAsTheFusedChildSum) {
  const auto forest = Forest::of(bushy_trees());
  for (const std::int64_t rows : {forest->rows(), forest->leaves()}) {
    const std::vector<Tensor> inputs = {random_tensor({rows, 3}, 1), random_tensor({20, 3}, 2),
                                        random_tensor({20, 5}, 3), random_tensor({20}, 4)};
    const Differentiated own = differentiate([&](In x) { return child_sum_by_hand(x, forest); }, inputs);
    const Differentiated fused = differentiate(
        [&](In x) {
          const TreeStates states = tree_lstm_child_sum(x[0], forest, {x[1], x[2], x[3]});
          return joined({states.h, states.c});
        },
        inputs);
    expect_close(own.value, fused.value, 1e-13, "states");
    for (std::size_t i = 0; i < inputs.size(); ++i)
      expect_close(own.gradients[i], fused.gradients[i], 1e-12, "gradient " + std::to_string(i));
  }
}

TEST(OverTrees, ComposesAsTheRecursiveNetwork) {
  const auto forest = Forest::of(binary_trees());
  const auto store = std::make_shared<ParameterStore>(1, DType::f64);
  const nn::RecursiveNet net(Scope(store), 4);
  const Var weight = Var::parameter(store->find("weight")->leaf),
            bias = Var::parameter(store->find("bias")->leaf);
  const Var x(random_tensor({forest->leaves(), 4}, 1));
  const State own = nn::over_trees(x, forest, [&](const Var& words, const nn::Children& children) {
    if (words.defined()) return State{words};
    return State{tanh(linear(concat({children.child(0), children.child(1)}), weight, bias))};
  });
  expect_close(own[0].value(), net(x, forest).value(), 1e-14, "vectors");
}

TEST(OverTrees, RunsAlongALineOf100000Nodes) {
  const auto forest = Forest::of(Parents{chain_tree(100'000)});
  const Var x = parameter(random_tensor({1, 2}, 1, DType::f32));
  const Recording recording;
  const State all = nn::over_trees(x, forest, [](const Var& own, const nn::Children& children) {
    return own.defined() ? State{own} : State{children.sum()};
  });
  sum(select_rows(all[0], forest->roots())).backward();
  EXPECT_EQ(x.leaf()->gradient.data<float>()[0], 1);
}

TEST(OverTrees, RefusesWhatDoesNotFit) {
  const auto forest = Forest::of(Parents{star_tree(2)});
  const Var x(Tensor::zeros({3, 2}));
  const auto run = [&](const Var& from, const nn::Composition& composition) {
    return [=] { (void)nn::over_trees(from, forest, composition); };
  };
  expect_error(ErrorKind::shape, run(slice_rows(Var(Tensor::zeros({9, 2})), 0, 9), {}), "got 9 rows");
  expect_error(ErrorKind::shape, run(x, [](const Var&, const nn::Children&) { return State(); }), "0 parts");
  expect_error(ErrorKind::shape,
               run(x,
                   [](const Var& own, const nn::Children& c) {
                     return c.states.size() == 0 ? State{own} : State{own, own};
                   }),
               "has 2 parts, the state of the leaves has 1");
  expect_error(ErrorKind::shape, run(x, [&](const Var&, const nn::Children&) { return State{x}; }),
               "3 rows for 2 nodes");
}

}  // namespace
}  // namespace rondo::testing_support
