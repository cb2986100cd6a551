#include "model/layers/kind.h"

namespace rondo {
namespace {

class TokensKind final : public HeadlessKind<layers::Tokens> {
 public:
  Signature output(const layers::Tokens& layer, const Place& place) const override {
    comes_first(place, giver(place, layer));
    return {Signature::Kind::ids, 0, layer.bigrams > 0, giver(place, layer)};
  }

  Transform live(const layers::Tokens&, const Place&, const Scope&) const override {
    return [](const Flow& in) { return in; };  // a batch holds token numbers already
  }

  void add_steps(const layers::Tokens&, streaming::Builder&) const override {}
};

}  // namespace

const LayerKind<layers::Tokens>& kind_of(const layers::Tokens&) {
  static const TokensKind kind;
  return kind;
}

}  // namespace rondo
