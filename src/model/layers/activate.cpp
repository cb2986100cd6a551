#include "model/layers/kind.h"

namespace rondo {
namespace {

struct Activated {
  Activation activation;
  Var operator()(const Var& x) const { return rondo::activate(x, activation); }
  Sequences operator()(const Sequences& x) const { return {(*this)(x.rows()), x.layout()}; }
};

class ActivateKind final : public LayerKind<layers::Activate> {
 public:
  Signature output(const layers::Activate& layer, const Place& place) const override {
    takes_numbers(place, layer);
    return {place.in.kind, place.in.width, false, giver(place, layer)};
  }

  Transform live(const layers::Activate& layer, const Place&, const Scope&) const override {
    return on_rows(Activated{layer.activation});
  }

  void add_steps(const layers::Activate& layer, streaming::Builder& stream) const override {
    stream.push(streaming::activation_step(stream.setting(), stream.input(), layer.activation));
  }

  Activation final_activation(const layers::Activate& layer) const override {
    return taken_by_losses(layer.activation);
  }
  std::unique_ptr<const Head> head(const layers::Activate& layer, const Place&, const Scope&) const override {
    return head_for(final_activation(layer), {});
  }
};

}  // namespace

const LayerKind<layers::Activate>& kind_of(const layers::Activate&) {
  static const ActivateKind kind;
  return kind;
}

}  // namespace rondo
