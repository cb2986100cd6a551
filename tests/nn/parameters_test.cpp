#include <gtest/gtest.h>

#include <rondo/nn.h>

#include "support/expect_error.h"

namespace rondo {
namespace {

TEST(Parameters, LargeOnesOpenNewBlocksAndStayWhereTheyAre) {
  const auto store = std::make_shared<ParameterStore>();
  const Scope root(store);
  const Var first = root.parameter("first", {2}, {.kind = Initializer::ones});
  const float* address = first.values().data();
  for (int i = 0; i < 40; ++i)
    root.parameter("p" + std::to_string(i), {100, 100});
  EXPECT_GT(store->blocks().size(), 1u);
  EXPECT_LT(store->blocks().size(), 10u);
  EXPECT_EQ(store->find("first")->leaf->value.data<float>().data(), address);
  EXPECT_EQ(store->get("first").at(1), 1);
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
