#include "decode/sampling.h"

#include <algorithm>
#include <limits>

#include <rondo/error.h>

#include "kernels/kernels.h"
#include "runtime/parallel.h"

namespace rondo::decode {

void penalise_repetition(std::span<float> logits, std::span<const std::uint8_t> seen, float penalty) {
  if (penalty == 1) return;
  for (std::size_t i = 0; i < logits.size(); ++i)
    if (seen[i] != 0) logits[i] = logits[i] > 0 ? logits[i] / penalty : logits[i] * penalty;
}

double log_sum(std::span<const float> logits) {
  return static_cast<double>(kernels<float>().softmax(std::ssize(logits), logits.data(), nullptr));
}

double log_probability(std::span<const float> logits, std::int32_t token) {
  return static_cast<double>(logits[static_cast<std::size_t>(token)]) - log_sum(logits);
}

std::int32_t Sampler::operator()(std::span<const float> logits, Random& random) {
  const double drawn = random.uniform_double();
  const auto best = std::max_element(logits.begin(), logits.end());
  if (best == logits.end() || !(*best > -std::numeric_limits<float>::infinity()))
    throw Bug("Sampler: no token can be chosen");
  const auto likeliest = static_cast<std::int32_t>(best - logits.begin());
  if (options_.temperature == 0) return likeliest;
  candidates_.clear();
  sorted_ = false;
  const double highest = static_cast<double>(*best), temperature = static_cast<double>(options_.temperature);
  shares_.resize(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i)
    shares_[i] = static_cast<float>((static_cast<double>(logits[i]) - highest) / temperature);
  kernels<float>().softmax(std::ssize(shares_), shares_.data(), shares_.data());
  for (std::size_t i = 0; i < logits.size(); ++i)
    if (shares_[i] > 0)
      candidates_.push_back({static_cast<std::int32_t>(i), static_cast<double>(shares_[i])});
  keep_top_k();
  keep_top_p();
  keep_min_p();
  double sum = 0;
  for (const Candidate& candidate : candidates_)
    sum += candidate.share;
  double left = drawn * sum;
  for (const Candidate& candidate : candidates_) {
    left -= candidate.share;
    if (left < 0) return candidate.token;
  }
  return candidates_.back().token;
}

bool Sampler::likelier(const Candidate& a, const Candidate& b) {
  return a.share != b.share ? a.share > b.share : a.token < b.token;
}

void Sampler::sort() {
  if (sorted_) return;
  std::sort(candidates_.begin(), candidates_.end(), likelier);
  sorted_ = true;
}

void Sampler::keep_top_k() {
  const auto most = static_cast<std::size_t>(options_.top_k);
  if (most == 0 || most >= candidates_.size()) return;
  std::partial_sort(candidates_.begin(), candidates_.begin() + static_cast<std::ptrdiff_t>(most),
                    candidates_.end(), likelier);
  candidates_.resize(most);
  sorted_ = true;
}

/// The fewest likeliest tokens whose shares together reach top_p of all (Holtzman et al. 2020).
void Sampler::keep_top_p() {
  if (options_.top_p >= 1) return;
  sort();
  double sum = 0;
  for (const Candidate& candidate : candidates_)
    sum += candidate.share;
  const double wanted = static_cast<double>(options_.top_p) * sum;
  double reached = 0;
  std::size_t kept = 0;
  do
    reached += candidates_[kept++].share;
  while (reached < wanted && kept < candidates_.size());
  candidates_.resize(kept);
}

void Sampler::keep_min_p() {
  if (options_.min_p <= 0) return;
  const double least =
      static_cast<double>(options_.min_p) *
      std::max_element(candidates_.begin(), candidates_.end(), [](const auto& a, const auto& b) {
        return a.share < b.share;
      })->share;
  std::erase_if(candidates_, [least](const Candidate& candidate) { return candidate.share < least; });
}

}  // namespace rondo::decode
