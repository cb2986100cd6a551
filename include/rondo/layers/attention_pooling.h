/// Pooling by attention: all steps of a sequence to one row.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>
#include <rondo/layers/choices.h>

namespace [[gnu::visibility("default")]] rondo {
namespace layers {

/// Reduces each sequence to one row, the mean of its steps weighted by how well each matches a learned query:
/// a_t = softmax_t s(x_t, q), y = sum over t of a_t x_t; [T, D] to [D] (Yang et al. 2016, section 2.2).
///
/// Scores: additive: v · tanh(W x + q), with q and v of `units` numbers; bilinear: q · W x; dot: q · x;
/// scaled_dot: q · x / sqrt(D). The last two take no `units`.
struct AttentionPooling {
  AttentionScore score = AttentionScore::additive;
  int units = 0;
  Initializer kernel_init = Initializer::glorot_uniform;

  static constexpr std::string_view type = "attention_pooling";
  static constexpr auto fields() {
    using L = AttentionPooling;
    return std::tuple{
        field("score", &L::score, "how well the query matches a step"),
        field("units", &L::units, "size of the query of additive and bilinear scores; 0: as wide as a step",
              0, 1 << 16),
        field("kernel_init", &L::kernel_init, "initial values of W")};
  }
};

static_assert(all_fields_listed<AttentionPooling>);

}  // namespace layers
}  // namespace rondo
