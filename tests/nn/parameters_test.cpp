#include <set>

#include <gtest/gtest.h>

#include <rondo/nn.h>

#include "nn/values_of.h"
#include "support/expect_error.h"

namespace rondo {
namespace {

std::vector<std::string> names_in(const ParameterStore& store) {
  std::vector<std::string> names;
  for (const Parameter& p : store.parameters())
    names.push_back(p.name);
  return names;
}

TEST(Parameters, NamesAndShapesArePyTorchs) {
  const auto store = std::make_shared<ParameterStore>();
  const nn::LSTM lstm(Scope(store) / "encoder", 5, {.units = 3, .layers = 2, .bidirectional = true});
  EXPECT_THAT(names_in(*store),
              testing::ElementsAre("encoder.weight_ih_l0", "encoder.weight_hh_l0", "encoder.bias_ih_l0",
                                   "encoder.bias_hh_l0", "encoder.weight_ih_l0_reverse",
                                   "encoder.weight_hh_l0_reverse", "encoder.bias_ih_l0_reverse",
                                   "encoder.bias_hh_l0_reverse", "encoder.weight_ih_l1",
                                   "encoder.weight_hh_l1", "encoder.bias_ih_l1", "encoder.bias_hh_l1",
                                   "encoder.weight_ih_l1_reverse", "encoder.weight_hh_l1_reverse",
                                   "encoder.bias_ih_l1_reverse", "encoder.bias_hh_l1_reverse"));
  EXPECT_EQ(store->get("encoder.weight_ih_l0").shape(), (Shape{12, 5}));
  EXPECT_EQ(store->get("encoder.weight_ih_l1").shape(), (Shape{12, 6}));
  EXPECT_EQ(store->get("encoder.weight_hh_l1_reverse").shape(), (Shape{12, 3}));
  EXPECT_EQ(store->get("encoder.bias_hh_l1").shape(), (Shape{12}));
  EXPECT_EQ(store->count(), 2 * (12 * 5 + 12 * 3 + 24) + 2 * (12 * 6 + 12 * 3 + 24));
}

TEST(Parameters, ModulesName) {
  const auto store = std::make_shared<ParameterStore>();
  const Scope root(store);
  const nn::Embedding embedding(root / "words", {.dim = 4, .vocab = 10, .bigram_dim = 2}, 7);
  const nn::Dense dense(root / "label", 6, {.units = 2});
  const nn::Dense bare(root / "bare", 6, {.units = 2, .bias = false});
  const nn::LayerNorm norm(root / "norm", 6);
  const nn::GRU gru(root / "gru", 6, {.units = 3, .bias = false});
  const nn::LSTMCell cell(root / "cell", 6, {.units = 3});
  EXPECT_THAT(names_in(*store), testing::ElementsAre("words.weight", "words.bigram_weight", "label.weight",
                                                     "label.bias", "bare.weight", "norm.weight", "norm.bias",
                                                     "gru.weight_ih_l0", "gru.weight_hh_l0", "cell.weight_ih",
                                                     "cell.weight_hh", "cell.bias_ih", "cell.bias_hh"));
  EXPECT_EQ(embedding.features(), 6);
  EXPECT_EQ(store->get("gru.weight_ih_l0").shape(), (Shape{9, 6}));
  EXPECT_EQ(store->get("words.bigram_weight").shape(), (Shape{7, 2}));
}

/// Distance in numbers, of values and of gradients.
std::ptrdiff_t distance(const Parameter& from, const Parameter& to, bool gradients) {
  const auto start = [&](const Parameter& p) {
    return std::as_const(gradients ? p.leaf->gradient : p.leaf->value).data<float>().data();
  };
  return start(to) - start(from);
}

TEST(Parameters, DenseOnesLieTogether) {
  const auto store = std::make_shared<ParameterStore>();
  const Scope root(store);
  const nn::Embedding table(root / "table", {.dim = 4, .vocab = 10});
  const nn::Dense a(root / "a", 3, {.units = 5});
  const nn::Embedding dense_table(root / "dense_table", {.dim = 4, .vocab = 10, .sparse = false});
  EXPECT_TRUE(store->find("table.weight")->leaf->sparse);
  const Parameter &weight = *store->find("a.weight"), &bias = *store->find("a.bias"),
                  &dense = *store->find("dense_table.weight");
  for (const bool gradients : {false, true}) {
    EXPECT_EQ(distance(weight, bias, gradients), 16) << "a cache line each";
    EXPECT_EQ(distance(bias, dense, gradients), 16);
  }
}

TEST(Parameters, ManyStayWhereTheyAre) {
  const auto store = std::make_shared<ParameterStore>();
  const Scope root(store);
  const Var first = root.parameter("first", {2}, {.kind = Initializer::ones});
  const float* address = first.values().data();
  for (int i = 0; i < 40; ++i)
    root.parameter("p" + std::to_string(i), {100, 100});
  EXPECT_EQ(store->find("first")->leaf->value.data<float>().data(), address);
  EXPECT_EQ(store->get("first").at(1), 1);
}

TEST(Parameters, ASourceIsLetGoOfOnceAllAreThere) {
  const auto held = std::make_shared<int>();
  const auto store = std::make_shared<ParameterStore>(
      [held](const std::string&, const Shape& shape) { return Tensor::full(shape, 3); });
  const Var w = Scope(store).parameter("w", {2});
  EXPECT_EQ(held.use_count(), 2);
  store->complete();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(w.values()[1], 3);
  EXPECT_EQ(Scope(store).parameter("w", {2}).leaf(), w.leaf()) << "known ones are there";
  test::expect_error(
      ErrorKind::usage, [&] { Scope(store).parameter("v", {2}); }, "no parameter 'v'");
}

TEST(Parameters, OfAStoreWithoutASourceMayAlwaysCome) {
  const auto store = std::make_shared<ParameterStore>();
  store->complete();
  EXPECT_EQ(Scope(store).parameter("w", {2}).rows(), 2);
}

TEST(Parameters, CopiesOutliveTheStoreTheyAreFrom) {
  auto original = std::make_shared<ParameterStore>();
  Scope(original).parameter("w", {2}, {.kind = Initializer::ones});
  const auto copy = std::make_shared<ParameterStore>(values_of(*original));
  original->set("w", Tensor::full({2}, 5));
  original.reset();
  Var w = Scope(copy).parameter("w", {2});
  EXPECT_EQ(w.values()[0], 5) << "as they are when asked for";
  EXPECT_THROW(Scope(copy).parameter("v", {2}), Bug);
}

TEST(Parameters, ValuesDependOnSeedAndNameOnly) {
  const auto one = std::make_shared<ParameterStore>(7), other = std::make_shared<ParameterStore>(7),
             another = std::make_shared<ParameterStore>(8);
  (Scope(one) / "a").parameter("w", {8, 8});
  (Scope(one) / "b").parameter("w", {8, 8});
  (Scope(other) / "b").parameter("w", {8, 8});
  (Scope(other) / "a").parameter("w", {8, 8});
  (Scope(another) / "a").parameter("w", {8, 8});
  const auto values = [](const ParameterStore& store, std::string_view name) {
    const Tensor t = store.get(name);
    const std::span<const float> v = t.data<float>();
    return std::vector<float>(v.begin(), v.end());
  };
  EXPECT_EQ(values(*one, "a.w"), values(*other, "a.w"));
  EXPECT_EQ(values(*one, "b.w"), values(*other, "b.w"));
  EXPECT_NE(values(*one, "a.w"), values(*one, "b.w"));
  EXPECT_NE(values(*one, "a.w"), values(*another, "a.w"));
}

TEST(Parameters, AskingTwiceShares) {
  const auto store = std::make_shared<ParameterStore>();
  const Scope root(store);
  const Var a = root.parameter("w", {2, 3}), b = root.parameter("w", {2, 3});
  EXPECT_EQ(a.leaf(), b.leaf());
  EXPECT_EQ(store->parameters().size(), 1u);
  EXPECT_THROW(root.parameter("w", {3, 2}), Bug);
}

TEST(Parameters, GetAndSetByName) {
  const auto store = std::make_shared<ParameterStore>();
  const Var w = (Scope(store) / "dense").parameter("weight", {1, 2});
  store->set("dense.weight", Tensor::of<double>({1, 2}, {1.5, -2}));
  EXPECT_EQ(w.values()[1], -2) << "handles see the new value";
  Tensor copy = store->get("dense.weight");
  copy.data<float>()[0] = 9;
  EXPECT_EQ(store->get("dense.weight").at(0), 1.5);
  test::expect_error(
      ErrorKind::shape,
      [&] {
        store->set("dense.weight", Tensor::zeros({2, 1}));
      },
      "'dense.weight' is [1, 2], got [2, 1]");
  test::expect_error(
      ErrorKind::option, [&] { store->get("dense.wieght"); }, "did you mean 'dense.weight'?");
}

TEST(Parameters, FreezeReachesAllBelowAName) {
  const auto store = std::make_shared<ParameterStore>();
  const Scope root(store);
  const nn::Dense a(root / "a", 2, {.units = 2}), ab(root / "ab", 2, {.units = 2});
  store->freeze("a");
  EXPECT_FALSE(store->find("a.weight")->leaf->trainable);
  EXPECT_FALSE(store->find("a.bias")->leaf->trainable);
  EXPECT_TRUE(store->find("ab.weight")->leaf->trainable);
  store->freeze("a.bias", false);
  EXPECT_FALSE(store->find("a.weight")->leaf->trainable);
  EXPECT_TRUE(store->find("a.bias")->leaf->trainable);
  test::expect_error(
      ErrorKind::option, [&] { store->freeze("b"); }, "no parameter 'b'");
}

TEST(Parameters, SourceGivesTheValues) {
  const ParameterStore::Source source = [](const std::string& name, const Shape& shape) {
    return name == "d.bias" ? Tensor::zeros({7}) : Tensor::full(shape, 3);
  };
  const auto store = std::make_shared<ParameterStore>(source, DType::f64);
  const Var w = (Scope(store) / "d").parameter("weight", {2, 2});
  EXPECT_EQ(w.dtype(), DType::f64);
  EXPECT_EQ(w.value().at(3), 3);
  test::expect_error(
      ErrorKind::format, [&] { (Scope(store) / "d").parameter("bias", {2}); },
      "'d.bias' should be [2], got [7]");
}

TEST(Parameters, PlacesAreWords) {
  const Scope root(std::make_shared<ParameterStore>());
  EXPECT_EQ((root / "a" / "b").path(), "a.b");
  EXPECT_NE((root / "a").key("x"), (root / "b").key("x"));
  EXPECT_NE((root / "a").key("x"), (root / "a").key("y"));
  for (const char* bad : {"", "a.b", "a/b", "a b"})
    test::expect_error(
        ErrorKind::usage, [&] { root / bad; }, "a place in a parameter tree");
}

TEST(Parameters, FrozenEmbeddingGathersNoGradient) {
  const auto store = std::make_shared<ParameterStore>();
  const nn::Embedding frozen(Scope(store) / "e", {.dim = 2, .vocab = 4, .trainable = false});
  EXPECT_FALSE(store->find("e.weight")->leaf->trainable);
}

TEST(Parameters, ZeroGradients) {
  const auto store = std::make_shared<ParameterStore>();
  const Var w = Scope(store).parameter("w", {3}, {.kind = Initializer::ones});
  {
    Recording step;
    sum(w * w).backward();
  }
  EXPECT_EQ(store->find("w")->leaf->gradient.at(2), 2);
  store->zero_gradients();
  EXPECT_EQ(store->find("w")->leaf->gradient.at(2), 0);
}

}  // namespace
}  // namespace rondo
