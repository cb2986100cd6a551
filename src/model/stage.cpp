#include "model/stage.h"

#include <map>

#include "base/message.h"

namespace rondo {
namespace {

using Kind = Signature::Kind;

/// Keeps widths within int, whatever a file says.
constexpr int most_pools = 16;

template <class L>
concept Recurrent =
    std::same_as<L, layers::LSTM> || std::same_as<L, layers::GRU> || std::same_as<L, layers::SimpleRNN>;

template <class L>
std::string giver(const Place& place, const L&, std::string_view remark = "") {
  std::string text = quote(place.name) + " (" + std::string(L::type);
  if (!remark.empty()) text += ", " + std::string(remark);
  return text + ")";
}

/// The message names what the layer takes, what comes, and what would mend it.
[[noreturn]] void misplaced(const std::string& layer, std::string_view takes, const Signature& in,
                            std::string_view cure) {
  fail(ErrorKind::shape,
       layer + " takes " + std::string(takes) + ", got " + in.in_words() + "; " + std::string(cure));
}

std::string_view cure_for_rows(const Signature& in) {
  if (in.kind == Kind::rows) return "give the layer before it return_sequences = true, or leave this one out";
  if (in.kind == Kind::ids) return "put an Embedding between them";
  return "begin with Tokens and an Embedding, or with Input";
}

template <class L>
void takes_steps(const Place& place, const L& layer) {
  if (place.in.kind != Kind::steps)
    misplaced(giver(place, layer), "a sequence of rows", place.in, cure_for_rows(place.in));
}

template <class L>
void takes_numbers(const Place& place, const L& layer) {
  if (place.in.kind != Kind::steps && place.in.kind != Kind::rows)
    misplaced(giver(place, layer), "rows of numbers", place.in, cure_for_rows(place.in));
}

template <class L>
void comes_first(const Place& place, const L& layer) {
  if (place.in.kind != Kind::nothing)
    fail(ErrorKind::shape, giver(place, layer) + " is a first layer, got " + place.in.in_words() +
                               " before it; move it to the front");
}

// -- Shapes: what each layer gives. Places are checked here, so that what follows need not.

Signature signature(const layers::Tokens& layer, const Place& place) {
  comes_first(place, layer);
  return {Kind::ids, 0, layer.bigrams > 0, giver(place, layer)};
}

Signature signature(const layers::Input& layer, const Place& place) {
  comes_first(place, layer);
  return {Kind::steps, layer.features, false, giver(place, layer)};
}

Signature signature(const layers::Embedding& layer, const Place& place) {
  if (place.in.kind != Kind::ids)
    misplaced(giver(place, layer), "token numbers", place.in, "put Tokens in front of it");
  if (layer.vocab > 0 && place.vocab > layer.vocab)
    fail(ErrorKind::shape, giver(place, layer) + " has vocab = " + std::to_string(layer.vocab) +
                               ", got a vocabulary of " + std::to_string(place.vocab) + " from " +
                               place.in.giver + "; leave vocab out and it is taken from there");
  const int beside = !place.in.bigrams ? 0 : layer.bigram_dim > 0 ? layer.bigram_dim : int{layer.dim};
  return {Kind::steps, layer.dim + beside, false,
          giver(place, layer, beside > 0 ? "tokens and bigrams side by side" : "")};
}

template <Recurrent L>
Signature signature(const L& layer, const Place& place) {
  takes_steps(place, layer);
  if constexpr (std::same_as<L, layers::SimpleRNN>)
    if (layer.activation != Activation::tanh && layer.activation != Activation::relu)
      fail(ErrorKind::option, giver(place, layer) + " takes activation tanh or relu, got " +
                                  std::string(name_of(layer.activation)));
  const bool doubled = layer.bidirectional && layer.merge == Merge::concat;
  return {layer.return_sequences ? Kind::steps : Kind::rows, (doubled ? 2 : 1) * layer.units, false,
          giver(place, layer, doubled ? "bidirectional doubles " + std::to_string(int{layer.units}) : "")};
}

Signature signature(const layers::Pooling& layer, const Place& place) {
  takes_steps(place, layer);
  const int several = static_cast<int>(layer.over_time.size());
  if (several == 0)
    fail(ErrorKind::option, giver(place, layer) + " takes at least one of last, mean and max, got none");
  if (several > most_pools)
    fail(ErrorKind::option, giver(place, layer) + " takes at most " + std::to_string(most_pools) +
                                " pools side by side, got " + std::to_string(several));
  return {Kind::rows, several * place.in.width, false,
          giver(place, layer, several > 1 ? std::to_string(several) + " side by side" : "")};
}

Signature signature(const layers::Dense& layer, const Place& place) {
  takes_numbers(place, layer);
  return {place.in.kind, layer.units, false, giver(place, layer)};
}

/// Dropout, LayerNorm, Activate: what goes in comes out in the same shape.
template <class L>
Signature signature(const L& layer, const Place& place) {
  takes_numbers(place, layer);
  return {place.in.kind, place.in.width, false, giver(place, layer)};
}

// -- Live layers.

/// A module that takes the rows of steps and those of sequences, each in its own way.
template <class Module>
Transform on_rows(Module module) {
  return [module = std::move(module)](const Flow& in) -> Flow {
    if (const auto* steps = std::get_if<Sequences>(&in)) return module(*steps);
    return module(std::get<Var>(in));
  };
}

Transform pass_on() {
  return [](const Flow& in) { return in; };
}

Transform live(const layers::Tokens&, const Place&, const Scope&) {
  return pass_on();
}
Transform live(const layers::Input&, const Place&, const Scope&) {
  return pass_on();
}

Transform live(const layers::Embedding& layer, const Place& place, const Scope& scope) {
  layers::Embedding options = layer;
  if (options.vocab == 0) options.vocab = place.vocab;
  const nn::Embedding module(scope, options, place.in.bigrams ? place.bigrams : 0);
  return [module](const Flow& in) -> Flow { return module(std::get<Ids>(in)); };
}

template <class Module, class L>
Transform recurrent(const L& layer, const Place& place, const Scope& scope) {
  const Module module(scope, place.in.width, layer);
  if (layer.return_sequences)
    return [module](const Flow& in) -> Flow { return module(std::get<Sequences>(in)); };
  return [module](const Flow& in) -> Flow { return module.last(std::get<Sequences>(in)); };
}
Transform live(const layers::LSTM& layer, const Place& place, const Scope& scope) {
  return recurrent<nn::LSTM>(layer, place, scope);
}
Transform live(const layers::GRU& layer, const Place& place, const Scope& scope) {
  return recurrent<nn::GRU>(layer, place, scope);
}
Transform live(const layers::SimpleRNN& layer, const Place& place, const Scope& scope) {
  return recurrent<nn::SimpleRNN>(layer, place, scope);
}

Transform live(const layers::Pooling& layer, const Place&, const Scope&) {
  const nn::Pooling module(layer);
  return [module](const Flow& in) -> Flow { return module(std::get<Sequences>(in)); };
}

Transform live(const layers::Dense& layer, const Place& place, const Scope& scope) {
  return on_rows(nn::Dense(scope, place.in.width, layer));
}

Transform live(const layers::Dropout& layer, const Place&, const Scope& scope) {
  return on_rows(nn::Dropout(scope, layer));
}

Transform live(const layers::LayerNorm& layer, const Place& place, const Scope& scope) {
  return on_rows(nn::LayerNorm(scope, place.in.width, layer));
}

struct Activated {
  Activation activation;
  Var operator()(const Var& x) const { return activate(x, activation); }
  Sequences operator()(const Sequences& x) const { return {(*this)(x.rows()), x.layout()}; }
};
Transform live(const layers::Activate& layer, const Place&, const Scope&) {
  return on_rows(Activated{layer.activation});
}

bool takes_logits(Activation activation) {
  return activation == Activation::softmax || activation == Activation::sigmoid;
}

}  // namespace

std::string Signature::shape() const {
  switch (kind) {
    case Kind::nothing:
      return "";
    case Kind::ids:
      return "[T]";
    case Kind::steps:
      return "[T, " + std::to_string(width) + "]";
    case Kind::rows:
      return "[" + std::to_string(width) + "]";
  }
  throw Bug("a kind of signature that does not exist");
}

std::string Signature::in_words() const {
  switch (kind) {
    case Kind::nothing:
      return "nothing: it is the first layer";
    case Kind::ids:
      return "token numbers from " + giver;
    case Kind::steps:
      return "a sequence of rows of " + std::to_string(width) + " from " + giver;
    case Kind::rows:
      return "one row of " + std::to_string(width) + " a sequence from " + giver;
  }
  throw Bug("a kind of signature that does not exist");
}

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
  return std::visit([&](const auto& l) { return signature(l, place); }, layer);
}

Transform transform_of(const AnyLayer& layer, const Place& place, const Scope& scope) {
  return std::visit([&](const auto& l) { return live(l, place, scope); }, layer);
}

Activation final_activation(const AnyLayer& layer) {
  Activation activation = Activation::linear;
  if (const auto* dense = std::get_if<layers::Dense>(&layer)) activation = dense->activation;
  if (const auto* function = std::get_if<layers::Activate>(&layer)) activation = function->activation;
  return takes_logits(activation) ? activation : Activation::linear;
}

AnyLayer without_final_activation(AnyLayer layer) {
  if (final_activation(layer) == Activation::linear) return layer;
  if (auto* dense = std::get_if<layers::Dense>(&layer)) dense->activation = Activation::linear;
  if (auto* function = std::get_if<layers::Activate>(&layer)) function->activation = Activation::linear;
  return layer;
}

}  // namespace rondo
