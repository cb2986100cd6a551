#include <rondo/pooling.h>

#include "base/message.h"
#include "model/layers/kind.h"

namespace rondo {
namespace {

/// MaxPooling1D and AveragePooling1D.
template <class L, class Module>
class WindowPoolingKind final : public HeadlessKind<L> {
 public:
  Signature output(const L& layer, const Place& place) const override {
    takes_steps(place, layer);
    Signature out{Signature::Kind::steps, place.in.width, false, giver(place, layer)};
    const int strides = layer.strides == 0 ? layer.pool_size : layer.strides;
    if (strides > 1 || layer.padding == Padding::valid) out.resampled = out.giver;
    return out;
  }

  Transform live(const L& layer, const Place&, const Scope&) const override {
    const Module module(layer);
    return [module](const Flow& in) -> Flow { return module(std::get<Sequences>(in)); };
  }

  void add_steps(const L&, streaming::Builder& stream) const override {
    fail(ErrorKind::usage, "this model cannot have a stream: " + quote(stream.name()) + " (" +
                               std::string(L::type) + ") reads several steps for each that it gives");
  }
};

}  // namespace

const LayerKind<layers::MaxPooling1D>& kind_of(const layers::MaxPooling1D&) {
  static const WindowPoolingKind<layers::MaxPooling1D, nn::MaxPooling1D> kind;
  return kind;
}
const LayerKind<layers::AveragePooling1D>& kind_of(const layers::AveragePooling1D&) {
  static const WindowPoolingKind<layers::AveragePooling1D, nn::AveragePooling1D> kind;
  return kind;
}

}  // namespace rondo
