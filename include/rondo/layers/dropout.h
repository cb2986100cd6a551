/// Dropout as a layer of its own.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {
namespace layers {

/// Inverted dropout (Srivastava et al. 2014): kept numbers are divided by 1 - rate. Does nothing outside
/// training. per_word: behind an embedding, the same of a word's vector is dropped wherever it stands in a
/// batch (Gal & Ghahramani 2016), so that recurrent layers multiply equal rows once; of words that hardly
/// repeat, each place is dropped by itself.
struct Dropout {
  Required<float> rate;
  bool per_word = false;

  static constexpr std::string_view type = "dropout";
  static constexpr auto fields() {
    return std::tuple{
        field("rate", &Dropout::rate, "share of the numbers that is dropped", 0, 1),
        field("per_word", &Dropout::per_word, "behind an embedding: drop alike wherever a word stands")};
  }
};

static_assert(all_fields_listed<Dropout>);

}  // namespace layers
}  // namespace rondo
