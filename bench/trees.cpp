// Nodes a second of a binary Tree-LSTM of 100 units, forward and backward, two threads: the nodes of equal
// height of a batch of trees together, and the same network one node after another.
//
// The trees are drawn as parses of sentences are: 5 to 35 words, joined at random places.
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include <rondo/rondo.h>

namespace rondo::bench {
namespace {

constexpr int units = 100, trees_in_batch = 32;
using Parents = std::vector<std::int32_t>;

/// A binary tree over so many leaves, which come first; children before parents.
Parents drawn_tree(std::mt19937& random, std::int32_t leaves) {
  Parents parents(static_cast<std::size_t>(leaves), -1);
  std::vector<std::int32_t> open;
  for (std::int32_t i = 0; i < leaves; ++i)
    open.push_back(i);
  while (open.size() > 1) {
    const std::size_t at = random() % (open.size() - 1);
    const auto node = static_cast<std::int32_t>(parents.size());
    parents[static_cast<std::size_t>(open[at])] = parents[static_cast<std::size_t>(open[at + 1])] = node;
    parents.push_back(-1);
    open[at] = node;
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
  return parents;
}

std::vector<Parents> drawn_trees() {
  std::mt19937 random(1);
  std::vector<Parents> trees;
  for (int i = 0; i < trees_in_batch; ++i)
    trees.push_back(drawn_tree(random, 5 + static_cast<std::int32_t>(random() % 31)));
  return trees;
}

Var words(std::int64_t count) {
  Tensor x = Tensor::uninitialised({count, units});
  std::mt19937 random(2);
  for (float& value : x.data<float>())
    value = static_cast<float>(random() % 2001) / 1000 - 1;
  return Var(std::move(x));
}

/// The network node by node: the formulas of tree_lstm_binary, each an operation on one row.
class NodeByNode {
 public:
  explicit NodeByNode(const Scope& in)
      : weight_x_(in.parameter("weight_x", {5 * units, units})),
        weight_h_(in.parameter("weight_h", {5 * units, 2 * units})),
        bias_(in.parameter("bias", {5 * units})) {}

  /// h of the root.
  Var operator()(const Parents& tree, const Var& x, std::int64_t& leaf) const {
    std::vector<std::vector<std::size_t>> children(tree.size());
    for (std::size_t i = 0; i < tree.size(); ++i)
      if (tree[i] >= 0) children[static_cast<std::size_t>(tree[i])].push_back(i);
    std::vector<Var> h(tree.size()), c(tree.size());
    for (std::size_t i = 0; i < tree.size(); ++i) {
      const bool inner = !children[i].empty();
      Var gates;
      if (inner) {
        gates = linear(concat({h[children[i][0]], h[children[i][1]]}), weight_h_, bias_);
      } else {
        gates = linear(slice_rows(x, leaf, leaf + 1), weight_x_, bias_);
        ++leaf;
      }
      const auto gate = [&](std::int64_t k) { return slice_columns(gates, k * units, (k + 1) * units); };
      c[i] = sigmoid(gate(0)) * tanh(gate(3));
      if (inner) c[i] = c[i] + sigmoid(gate(1)) * c[children[i][0]] + sigmoid(gate(2)) * c[children[i][1]];
      h[i] = sigmoid(gate(4)) * tanh(c[i]);
    }
    return h.back();
  }

 private:
  Var weight_x_, weight_h_, bias_;
};

template <class Step>
void measure(benchmark::State& state, std::int64_t nodes, const Step& step) {
  Runtime runtime({.threads = 2, .isa = {}});
  const Runtime::Use use(runtime);
  for (auto _ : state)
    step();
  state.SetItemsProcessed(state.iterations() * nodes);
}

void batched(benchmark::State& state) {
  const std::vector<Parents> trees = drawn_trees();
  const std::shared_ptr<const Forest> forest = Forest::of(trees);
  const auto store = std::make_shared<ParameterStore>();
  const nn::BinaryTreeLSTM net(Scope(store) / "tree", units, units);
  const Var x = words(forest->leaves());
  measure(state, forest->rows(), [&] {
    const Recording recording;
    sum(select_rows(net(x, forest).h, forest->roots())).backward();
    store->zero_gradients();
  });
}

void one_node_at_a_time(benchmark::State& state) {
  const std::vector<Parents> trees = drawn_trees();
  const std::shared_ptr<const Forest> forest = Forest::of(trees);
  const auto store = std::make_shared<ParameterStore>();
  const NodeByNode net(Scope(store) / "tree");
  const Var x = words(forest->leaves());
  measure(state, forest->rows(), [&] {
    const Recording recording;
    std::int64_t leaf = 0;
    std::vector<Var> roots;
    for (const Parents& tree : trees)
      roots.push_back(net(tree, x, leaf));
    sum(stack(roots)).backward();
    store->zero_gradients();
  });
}

BENCHMARK(batched)->Unit(benchmark::kMillisecond)->UseRealTime()->MinTime(2);
BENCHMARK(one_node_at_a_time)->Unit(benchmark::kMillisecond)->UseRealTime()->MinTime(2);

}  // namespace
}  // namespace rondo::bench
