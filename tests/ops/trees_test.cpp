// Networks over trees: PyTorch's numbers node by node (tests/golden/make_trees.py), gradients, equal bits,
// and the recurrent network's numbers where a tree is a chain.
#include "support/trees.h"

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/ops.h>
#include <rondo/tree_ops.h>

#include "support/checks.h"
#include "support/expect_error.h"
#include "support/golden.h"

namespace rondo::testing_support {
namespace {

using test::expect_error;
using In = std::span<const Var>;
using ForestOf = std::shared_ptr<const Forest>;

/// A composition: the names of its inputs in the golden data, and its results.
struct Kind {
  std::string name;
  std::vector<std::string> inputs;
  std::vector<Var> (*run)(In x, const ForestOf& forest);
};

std::vector<std::int32_t> pairs_for(const Forest& forest) {
  std::vector<std::int32_t> pairs;
  for (std::int32_t row = 0; row < forest.rows(); ++row)
    pairs.push_back(row % 3);
  return pairs;
}

std::vector<Var> both(const TreeStates& states) {
  return {states.h, states.c};
}

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"rvnn",
       {"x", "weight", "bias"},
       [](In x, const ForestOf& f) { return std::vector{compose_pairs(x[0], f, x[1], x[2])}; }},
      {"su_rnn",
       {"x", "weight", "bias"},
       [](In x, const ForestOf& f) {
         return std::vector{compose_pairs(x[0], f, x[1], x[2], pairs_for(*f))};
       }},
      {"rntn",
       {"x", "weight", "bias", "tensor"},
       [](In x, const ForestOf& f) { return std::vector{compose_tensor(x[0], f, x[1], x[3], x[2])}; }},
      {"mv_rnn",
       {"x", "u", "v", "s", "weight", "bias", "matrix_weight"},
       [](In x, const ForestOf& f) {
         const MatrixVectors made =
             compose_matrices({x[0], low_rank_matrices(x[1], x[2], x[3])}, f, x[4], x[5], x[6]);
         return std::vector{made.vectors, made.matrices};
       }},
      {"binary",
       {"x", "weight_x", "weight_h", "bias"},
       [](In x, const ForestOf& f) {
         return both(tree_lstm_binary(x[0], f, {x[1], x[2], x[3]}));
       }},
      {"binary_all",
       {"x", "weight_x", "weight_h", "bias"},
       [](In x, const ForestOf& f) {
         return both(tree_lstm_binary(x[0], f, {x[1], x[2], x[3]}));
       }},
      {"child_sum",
       {"x", "weight_x", "weight_h", "bias"},
       [](In x, const ForestOf& f) {
         return both(tree_lstm_child_sum(x[0], f, {x[1], x[2], x[3]}));
       }},
      {"child_sum_all", {"x", "weight_x", "weight_h", "bias"}, [](In x, const ForestOf& f) {
         return both(tree_lstm_child_sum(x[0], f, {x[1], x[2], x[3]}));
       }}};
  return all;
}

ForestOf forest_for(const Kind& kind) {
  return Forest::of(kind.name.starts_with("child_sum") ? bushy_trees() : binary_trees());
}

const Golden& golden() {
  static const Golden all = read_golden("trees.safetensors");
  return all;
}

std::vector<Tensor> inputs_of(const Kind& kind, DType type) {
  std::vector<Tensor> inputs;
  for (const std::string& name : kind.inputs)
    inputs.push_back(golden().at(kind.name + "/" + name).to(type));
  return inputs;
}

void expect_golden(const Kind& kind, DType type, double tolerance) {
  SCOPED_TRACE(kind.name + " in " + std::string(name_of(type)));
  const auto read = [&](const std::string& what) { return golden().at(kind.name + "/" + what).to(type); };
  std::vector<Var> inputs;
  for (const Tensor& input : inputs_of(kind, type))
    inputs.push_back(parameter(input));
  const Recording recording;
  const std::vector<Var> results = kind.run(inputs, forest_for(kind));
  Var loss(Tensor::zeros({}, type));
  for (std::size_t part = 0; part < results.size(); ++part) {
    expect_close(results[part].value(), read("y" + std::to_string(part)), tolerance, "result");
    loss = loss + sum(results[part] * Var(read("loss" + std::to_string(part))));
  }
  loss.backward();
  for (std::size_t i = 0; i < inputs.size(); ++i)
    expect_close(inputs[i].leaf()->gradient, read("d." + kind.inputs[i]), tolerance, kind.inputs[i]);
}

TEST(TreeOps, ArePyTorchsNodeByNode) {
  for (const Kind& kind : kinds()) {
    expect_golden(kind, DType::f64, 1e-12);
    for_each_isa([&] { expect_golden(kind, DType::f32, 1e-5); });
  }
}

TEST(TreeOps, HaveTheGradientsOfTheirValues) {
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    const ForestOf forest = forest_for(kind);
    gradient_check(
        [&](In x) {
          const std::vector<Var> results = kind.run(x, forest);
          return results.size() == 1 ? results[0] : joined({results[0], results[1]});
        },
        inputs_of(kind, DType::f64));
    gradient_check([&](In x) { return kind.run(x, forest)[0]; }, inputs_of(kind, DType::f64));
  }
}

TEST(TreeOps, HaveTheGradientsOfATreeOfOneWord) {
  const ForestOf forest = Forest::of(Parents{{-1}});
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    std::vector<Tensor> inputs = inputs_of(kind, DType::f64);
    const std::size_t of_words = kind.name == "mv_rnn" ? 4 : 1;
    for (std::size_t i = 0; i < of_words; ++i)
      inputs[i] = inputs[i].slice_rows(0, 1).clone();
    gradient_check([&](In x) { return kind.run(x, forest)[0]; }, inputs);
  }
}

/// Inputs for many trees, of a size that keeps threads busy.
std::vector<Tensor> large_inputs(const Kind& kind, const Forest& forest, std::int64_t d) {
  const bool everywhere = kind.name.ends_with("_all");
  std::vector<Tensor> inputs;
  const Shape square = {d, 2 * d};
  const std::int64_t gates = kind.name.starts_with("binary") ? 5 : 4;
  std::map<std::string, Shape> shapes = {{"x", {everywhere ? forest.rows() : forest.leaves(), d}},
                                         {"weight", square},
                                         {"bias", {d}},
                                         {"tensor", {d, 2 * d, 2 * d}},
                                         {"u", {forest.leaves(), d * 2}},
                                         {"v", {forest.leaves(), d * 2}},
                                         {"s", {forest.leaves(), d}},
                                         {"matrix_weight", square},
                                         {"weight_x", {gates * d, d}},
                                         {"weight_h", {gates * d, gates == 5 ? 2 * d : d}}};
  if (kind.name == "su_rnn") shapes["weight"] = {3, d, 2 * d}, shapes["bias"] = {3, d};
  if (kind.inputs[1] == "weight_x") shapes["bias"] = {gates * d};
  for (std::size_t i = 0; i < kind.inputs.size(); ++i)
    inputs.push_back(random_tensor(shapes.at(kind.inputs[i]), i + 1, DType::f32, -0.3, 0.3));
  return inputs;
}

TEST(TreeOpsThreads, GiveEqualBitsOnAnyNumberOfThem) {
  const ForestOf forest = Forest::of(irregular_trees(60));
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    const std::vector<Tensor> inputs = large_inputs(kind, *forest, kind.name == "rntn" ? 13 : 21);
    std::vector<Differentiated> results;
    for_each_thread_count(
        [&] { results.push_back(differentiate([&](In x) { return kind.run(x, forest)[0]; }, inputs)); });
    for (std::size_t i = 1; i < results.size(); ++i) {
      expect_same_bits(results[i].value, results[0].value, "value");
      for (std::size_t k = 0; k < inputs.size(); ++k)
        expect_same_bits(results[i].gradients[k], results[0].gradients[k], kind.inputs[k]);
    }
  }
}

TEST(TreeOps, GiveANodeTheSameBitsAloneAndInABatch) {
  const Parents all = irregular_trees(50);
  const ForestOf together = Forest::of(all);
  for (const Kind& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    std::vector<Tensor> inputs = large_inputs(kind, *together, 17);
    const std::vector<Var> in(inputs.begin(), inputs.end());
    const Tensor batch = kind.run(in, together)[0].value();
    for (const std::size_t tree : {3U, 38U, 49U}) {
      const ForestOf alone = Forest::of(Parents{all[tree]});
      const bool everywhere = kind.name.ends_with("_all");
      std::vector<std::int32_t> rows(static_cast<std::size_t>(alone->rows()));
      for (std::size_t node = 0; node < all[tree].size(); ++node)
        rows[static_cast<std::size_t>(alone->row(0, static_cast<std::int64_t>(node)))] =
            together->row(static_cast<std::int64_t>(tree), static_cast<std::int64_t>(node));
      std::vector<Var> own = in;
      const auto with_input =
          std::span(rows).first(static_cast<std::size_t>(everywhere ? alone->rows() : alone->leaves()));
      for (std::size_t i = 0; i < (kind.name == "mv_rnn" ? 4U : 1U); ++i)
        own[i] = select_rows(in[i], with_input);
      std::vector<std::int32_t> pairs;
      for (const std::int32_t row : rows)
        pairs.push_back(row % 3);
      const Var result = kind.name == "su_rnn" ? compose_pairs(own[0], alone, own[1], own[2], pairs)
                                               : kind.run(own, alone)[0];
      expect_same_bits(result.value(), select_rows(Var(batch), rows).value(), "rows");
    }
  }
}

TEST(TreeOps, AChainIsTheSimpleNetwork) {
  constexpr int words = 9, d = 7;
  const ForestOf forest = Forest::of(Parents{left_branching_tree(words)});
  for (const DType type : {DType::f64, DType::f32}) {
    const Var x(random_tensor({words, d}, 1, type)), bias(random_tensor({d}, 3, type));
    const Var left(random_tensor({d, d}, 4, type)), right(random_tensor({d, d}, 5, type));
    const Tensor tree = compose_pairs(x, forest, concat({left, right}), bias).value();
    const RecurrentWeights weights{right, left, bias, {}};
    const Var h0 = slice_rows(x, 0, 1);
    const RecurrentResult chain = recurrent(
        Cell::rnn_tanh, {slice_rows(x, 1, words), Layout::uniform(1, words - 1)}, {&weights, 1}, h0);
    expect_close(tree.slice_rows(words, 2 * words - 1), chain.outputs.rows().value(),
                 type == DType::f64 ? 1e-14 : 1e-5, "states");
  }
}

TEST(TreeOps, AChainIsTheLSTM) {
  constexpr int nodes = 9, d = 6, units = 7;
  const ForestOf forest = Forest::of(Parents{chain_tree(nodes)});
  for (const DType type : {DType::f64, DType::f32}) {
    const Var x(random_tensor({nodes, d}, 1, type)), w(random_tensor({4 * units, d}, 2, type));
    const Var u(random_tensor({4 * units, units}, 3, type)), bias(random_tensor({4 * units}, 4, type));
    const RecurrentWeights weights{w, u, bias, {}};
    const RecurrentResult chain = recurrent(Cell::lstm, {x, Layout::uniform(1, nodes)}, {&weights, 1});
    const TreeStates tree = tree_lstm_child_sum(x, forest, {w, u, bias});
    const double tolerance = type == DType::f64 ? 1e-14 : 1e-6;
    expect_close(tree.h.value(), chain.outputs.rows().value(), tolerance, "h");
    expect_close(tree.c.value().slice_rows(nodes - 1, nodes), chain.c.value(), tolerance, "c");
    // The binary one, where the left child is the step before: gates i, f, -, g, o.
    const auto widened = [&](const Var& v) {
      return stack(std::vector{slice_rows(v, 0, 2 * units), slice_rows(v, 0, units),
                               slice_rows(v, 2 * units, 4 * units)});
    };
    const Var none(Tensor::zeros({5 * units, units}, type));
    const Var column = widened(reshape(bias, {4 * units, 1}));
    const TreeStates binary =
        tree_lstm_binary(x, forest, {widened(w), concat({widened(u), none}), reshape(column, {5 * units})});
    expect_close(binary.h.value(), chain.outputs.rows().value(), tolerance, "h of the binary one");
  }
}

TEST(TreeOps, TrainATreeOf100000NodesInALineAndOneOf100000Children) {
  for (const auto& parents : {chain_tree(100'000), star_tree(100'000)}) {
    const ForestOf forest = Forest::of(Parents{parents});
    const Var w = parameter(random_tensor({16, 3}, 1, DType::f32)),
              bias = parameter(random_tensor({16}, 2, DType::f32));
    const Var u = parameter(random_tensor({16, 4}, 3, DType::f32, -0.5, 0.5));
    const Var x = parameter(random_tensor({forest->leaves(), 3}, 4, DType::f32));
    const Recording recording;
    sum(select_rows(tree_lstm_child_sum(x, forest, {w, u, bias}).h, forest->roots())).backward();
    double total = 0;
    for (const float g : u.leaf()->gradient.data<float>())
      total += static_cast<double>(g) * g;
    EXPECT_TRUE(std::isfinite(total));
    EXPECT_GT(total, 0);
  }
}

TEST(TreeOps, RefuseWhatDoesNotFit) {
  const ForestOf many = Forest::of(Parents{star_tree(3)}), two = Forest::of(Parents{star_tree(2)});
  const Var x(Tensor::zeros({3, 2})), leaves(Tensor::zeros({2, 2})), w(Tensor::zeros({2, 4})),
      b(Tensor::zeros({2}));
  const auto refused = [](const auto& call, const std::string& why) {
    expect_error(ErrorKind::shape, call, why);
  };
  refused([&] { (void)compose_pairs(x, many, w, b); }, "compose_pairs wanted nodes of one or two children");
  refused([&] { (void)compose_pairs(x, two, w, b); }, "'leaves'");
  refused([&] { (void)compose_pairs(leaves, two, b, b); }, "'weight'");
  refused([&] { (void)compose_tensor(leaves, two, w, w, b); }, "'tensor'");
  const std::vector<std::int32_t> pairs = {0, 0, 7};
  refused([&] { (void)compose_pairs(leaves, two, w, b, pairs); }, "pairs below 1");
  refused([&] { (void)compose_pairs(leaves, two, w, b, std::span(pairs).first(2)); },
          "a pair for each of 3 rows");
  refused(
      [&] {
        (void)tree_lstm_child_sum(Var(Tensor::zeros({1, 2})), two, {w, w, b});
      },
      "tree_lstm_child_sum");
}

}  // namespace
}  // namespace rondo::testing_support
