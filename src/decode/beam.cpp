#include "decode/beam.h"

#include <algorithm>
#include <cmath>

namespace rondo::decode {
namespace {

bool likelier(const Extension& a, const Extension& b) {
  if (a.score != b.score) return a.score > b.score;
  return a.from != b.from ? a.from < b.from : a.token < b.token;
}

}  // namespace

void BeamStep::extend(std::size_t from, double score, std::span<const float> log_probabilities) {
  std::vector<Extension> own;
  for (std::size_t i = 0; i < log_probabilities.size(); ++i)
    if (std::isfinite(log_probabilities[i]))
      own.push_back(
          {from, static_cast<std::int32_t>(i), score + static_cast<double>(log_probabilities[i]), false});
  const std::size_t most = std::min(width_, own.size());  // no more of one text can be kept
  std::partial_sort(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(most), own.end(), likelier);
  all_.insert(all_.end(), own.begin(), own.begin() + static_cast<std::ptrdiff_t>(most));
}

void BeamStep::keep(std::size_t from, double score) {
  all_.push_back({from, 0, score, true});
}

std::vector<Extension> BeamStep::best() const {
  std::vector<Extension> sorted = all_;
  std::sort(sorted.begin(), sorted.end(), likelier);
  sorted.resize(std::min(width_, sorted.size()));
  return sorted;
}

}  // namespace rondo::decode
