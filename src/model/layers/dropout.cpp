#include "model/layers/kind.h"

namespace rondo {
namespace {

class DropoutKind final : public HeadlessKind<layers::Dropout> {
 public:
  Signature output(const layers::Dropout& layer, const Place& place) const override {
    takes_numbers(place, layer);
    return {place.in.kind, place.in.width, false, giver(place, layer)};
  }

  Transform live(const layers::Dropout& layer, const Place&, const Scope& scope) const override {
    return on_rows(nn::Dropout(scope, layer));
  }

  void add_steps(const layers::Dropout&, streaming::Builder&) const override {}  // nothing outside training
};

}  // namespace

const LayerKind<layers::Dropout>& kind_of(const layers::Dropout&) {
  static const DropoutKind kind;
  return kind;
}

}  // namespace rondo
