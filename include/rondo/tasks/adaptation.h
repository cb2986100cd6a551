/// How the score of a language model adapts to the text that it reads.
#pragma once
#include <tuple>

#include <rondo/options.h>

namespace [[gnu::visibility("default")]] rondo {
namespace lm {

/// How a score adapts to the text that it reads. What a token costs is always known before anything is
/// learned from it, so the score stays one of text not seen before.
struct AdaptationOptions {
  /// Neural cache (Grave, Joulin & Usunier 2017, "Improving neural language models with a continuous cache"):
  /// P = (1 - weight) · P_model + weight · P_cache, where P_cache(w) ∝ Σ exp(flatness · h_t · h_i) over those
  /// of the last `cache` places i that w followed; h is what the projection on the vocabulary takes.
  int cache = 0;
  float cache_weight = 0.1F, cache_flatness = 0.3F;
  /// Dynamic evaluation (Krause et al. 2018): after each chunk of tokens a step of gradient descent on what
  /// it cost, θ ← θ - rate · ∇ + decay · (θ₀ - θ). ∇ is that of the mean, its norm cut to 1.
  float dynamic_rate = 0;
  int dynamic_chunk = 20;
  float dynamic_decay = 0;

  static constexpr auto fields() {
    using O = AdaptationOptions;
    return std::tuple{
        field("cache", &O::cache,
              "places remembered by a cache that makes what was read likelier (Grave et al. 2017); 0: none",
              0, 1 << 20),
        field("cache_weight", &O::cache_weight, "share of the probability that the cache gives", 0, 1),
        field("cache_flatness", &O::cache_flatness, "how much more alike places count in the cache", 0, 1e3),
        field(
            "dynamic_rate", &O::dynamic_rate,
            "learning rate of dynamic evaluation: the model goes on learning from what it has been scored on "
            "(Krause et al. 2018); 0: none",
            0, 1e3),
        field("dynamic_chunk", &O::dynamic_chunk, "tokens from one of its steps to the next", 1, 1 << 20),
        field("dynamic_decay", &O::dynamic_decay, "share of the way back to the trained weights at each step",
              0, 1)};
  }
};
static_assert(all_fields_listed<AdaptationOptions>);

}  // namespace lm
}  // namespace rondo
