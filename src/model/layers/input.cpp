#include "model/layers/kind.h"

namespace rondo {
namespace {

class InputKind final : public HeadlessKind<layers::Input> {
 public:
  Signature output(const layers::Input& layer, const Place& place) const override {
    comes_first(place, giver(place, layer));
    return {Signature::Kind::steps, layer.features, false, giver(place, layer)};
  }

  Transform live(const layers::Input&, const Place&, const Scope&) const override {
    return [](const Flow& in) { return in; };
  }

  void add_steps(const layers::Input&, streaming::Builder&) const override {}
};

}  // namespace

const LayerKind<layers::Input>& kind_of(const layers::Input&) {
  static const InputKind kind;
  return kind;
}

}  // namespace rondo
