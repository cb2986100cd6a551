#include <rondo/pooling.h>

#include "base/message.h"
#include "model/layers/kind.h"

namespace rondo {
namespace {

class AttentionPoolingKind final : public HeadlessKind<layers::AttentionPooling> {
 public:
  Signature output(const layers::AttentionPooling& layer, const Place& place) const override {
    takes_steps(place, layer);
    return {Signature::Kind::rows, place.in.width, false, giver(place, layer)};
  }

  Transform live(const layers::AttentionPooling& layer, const Place& place,
                 const Scope& scope) const override {
    const nn::AttentionPooling module(scope, place.in.width, layer);
    return [module](const Flow& in) -> Flow { return module(std::get<Sequences>(in)); };
  }

  void add_steps(const layers::AttentionPooling&, streaming::Builder& stream) const override {
    fail(ErrorKind::usage, "this model cannot have a stream: " + quote(stream.name()) +
                               " (attention_pooling) weighs all steps of a sequence against each other; take "
                               "a Pooling instead");
  }
};

}  // namespace

const LayerKind<layers::AttentionPooling>& kind_of(const layers::AttentionPooling&) {
  static const AttentionPoolingKind kind;
  return kind;
}

}  // namespace rondo
