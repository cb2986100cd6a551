#include "model/layers/layer.h"

#include <map>

#include "base/message.h"
#include "model/layers/kind.h"

namespace rondo {

std::vector<std::string> names_of(std::span<const AnyLayer> layers) {
  std::map<std::string, int, std::less<>> seen;
  std::vector<std::string> names;
  for (const AnyLayer& layer : layers) {
    std::string name(type_of(layer));
    if (const int number = ++seen[name]; number > 1) name += "_" + std::to_string(number);
    names.push_back(std::move(name));
  }
  return names;
}

Signature output_of(const AnyLayer& layer, const Place& place) {
  return std::visit([&](const auto& l) { return kind_of(l).output(l, place); }, layer);
}

Transform transform_of(const AnyLayer& layer, const Place& place, const Scope& scope) {
  return std::visit([&](const auto& l) { return kind_of(l).live(l, place, scope); }, layer);
}

void add_steps(const AnyLayer& layer, streaming::Builder& stream) {
  std::visit([&](const auto& l) { kind_of(l).add_steps(l, stream); }, layer);
}

std::unique_ptr<const Head> head_of(const AnyLayer& layer, const Place& place, const Scope& scope) {
  return std::visit([&](const auto& l) { return kind_of(l).head(l, place, scope); }, layer);
}

Activation final_activation(const AnyLayer& layer) {
  return std::visit([](const auto& l) { return kind_of(l).final_activation(l); }, layer);
}

// -- What kinds have in common.

std::string in_words(const Place& place, std::string_view type, std::string_view remark) {
  std::string text = quote(place.name) + " (" + std::string(type);
  if (!remark.empty()) text += ", " + std::string(remark);
  return text + ")";
}

void misplaced(const std::string& layer, std::string_view takes, const Signature& in, std::string_view cure) {
  fail(ErrorKind::shape,
       layer + " takes " + std::string(takes) + ", got " + in.in_words() + "; " + std::string(cure));
}

std::string_view cure_for_rows(const Signature& in) {
  using Kind = Signature::Kind;
  if (in.kind == Kind::rows) return "give the layer before it return_sequences = true, or leave this one out";
  if (in.kind == Kind::ids) return "put an Embedding between them";
  return "begin with Tokens and an Embedding, or with Input";
}

void comes_first(const Place& place, const std::string& layer) {
  if (place.in.kind != Signature::Kind::nothing)
    fail(ErrorKind::shape,
         layer + " is a first layer, got " + place.in.in_words() + " before it; move it to the front");
}

Activation taken_by_losses(Activation activation) {
  const bool taken = activation == Activation::softmax || activation == Activation::sigmoid;
  return taken ? activation : Activation::linear;
}

}  // namespace rondo
