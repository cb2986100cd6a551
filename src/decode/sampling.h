/// One token from the scores of all.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"

namespace rondo::decode {

/// How a token is chosen; see GenerateOptions.
struct Sampling {
  float temperature = 1;
  int top_k = 0;
  float top_p = 1, min_p = 0;
};

/// Scores of tokens that were seen, divided by `penalty` where they are above 0, else multiplied (Keskar et
/// al. 2019, CTRL, section 4.1). Each token counts once, however often it was seen.
void penalise_repetition(std::span<float> logits, std::span<const std::uint8_t> seen, float penalty);

/// ln of the sum of exp(logits), as exact as f32.
double log_sum(std::span<const float> logits);
/// ln of the share that softmax gives one token.
double log_probability(std::span<const float> logits, std::int32_t token);

/// The token of the highest score, the first of equal ones, at temperature 0; else one drawn by its share of
/// softmax(logits / temperature) among those that top_k, then top_p, then min_p leave. Tokens of score
/// -infinity are never chosen. One number is drawn from `random`, whatever the options.
class Sampler {
 public:
  explicit Sampler(Sampling options) : options_(options) {}
  std::int32_t operator()(std::span<const float> logits, Random& random);

 private:
  struct Candidate {
    std::int32_t token;
    double share;  ///< of all
  };
  static bool likelier(const Candidate& a, const Candidate& b);
  void keep_top_k();
  void keep_top_p();
  void keep_min_p();
  void sort();

  Sampling options_;
  // Kept, so that a step allocates nothing.
  std::vector<float> shares_;
  std::vector<Candidate> candidates_;
  bool sorted_ = false;
};

}  // namespace rondo::decode
