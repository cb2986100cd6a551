/// A conditional random field as a last layer: a tag for each step, each sequence of them as a whole.
#pragma once
#include <array>
#include <string_view>
#include <tuple>

#include <rondo/description.h>
#include <rondo/layers/choices.h>

namespace [[gnu::visibility("default")]] rondo {

/// How tags say where a phrase begins and ends. The part before a tag's first hyphen is its place in the
/// phrase, what follows (or nothing) the phrase's type; O is outside of any.
///
/// iob1: I in a phrase, B only where one begins right after another of its type. iob2: B begins every phrase.
/// bioes: B begins, I goes on, E ends a phrase of several, S is one of a single token (L and U or W in place
/// of E and S are understood). bmes: the same with M in place of I.
enum class TagScheme { none, iob1, iob2, bioes, bmes };
constexpr std::array<std::string_view, 5> names_of(TagScheme) {
  return {"none", "iob1", "iob2", "bioes", "bmes"};
}

namespace layers {

/// A linear-chain conditional random field (Lafferty, McCallum & Pereira 2001) over scores x Wᵀ + b: the
/// options of nn::CRF. Where `scheme` is given, tag_rules() makes rules of it that say which tags may follow
/// which, and what is forbidden is never answered.
struct CRF {
  Required<int> units;
  TagScheme scheme = TagScheme::none;
  bool bias = true;
  Initializer kernel_init = Initializer::glorot_uniform;

  static constexpr std::string_view type = "crf";
  static constexpr auto fields() {
    return std::tuple{field("units", &CRF::units, "tags", 1, 1 << 16),
                      field("scheme", &CRF::scheme, "which tags may follow which, by their names"),
                      field("bias", &CRF::bias, "add one number per tag"),
                      field("kernel_init", &CRF::kernel_init, "first values of the weights")};
  }
};

static_assert(all_fields_listed<CRF>);

}  // namespace layers
}  // namespace rondo
