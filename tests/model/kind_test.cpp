// A new layer must say itself what it is: none is given another's answers.
#include "model/layers/kind.h"

#include <string_view>
#include <tuple>

#include <gtest/gtest.h>

namespace rondo {
namespace {

/// A layer that looks like Dense, but has no kind.
struct Unknown {
  std::int64_t units = 1;
  static constexpr std::string_view type = "unknown";
  static constexpr auto fields() { return std::tuple{field("units", &Unknown::units, "size", 1, 10)}; }
};

template <class Layer>
concept HasKind = requires(const Layer& layer) {
  kind_of(layer);
};
static_assert(HasKind<layers::Dense> && HasKind<layers::LSTM>);
static_assert(!HasKind<Unknown>, "does not compile: it has no kind of its own");

/// A kind that answers all but one question is no class that can be made.
struct WithoutOutput : LayerKind<Unknown> {
  Transform live(const Unknown&, const Place&, const Scope&) const override { return {}; }
  void add_steps(const Unknown&, streaming::Builder&) const override {}
  Activation final_activation(const Unknown&) const override { return Activation::linear; }
  std::unique_ptr<const Head> head(const Unknown&, const Place&, const Scope&) const override {
    return nullptr;
  }
};
static_assert(std::is_abstract_v<WithoutOutput>, "output() is its signature");

TEST(LayerKind, IsAskedOfEachLayer) {
  EXPECT_FALSE(HasKind<Unknown>);
}

}  // namespace
}  // namespace rondo
