#include "tasks/lm/surprise.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rondo::lm {

report::Marked surprise(const LanguageModel::Scored& scored, Words title, std::size_t most) {
  report::Marked marked{.key = "bits",
                        .title = std::move(title),
                        .note = {"The darker, the less expected.", "颜色越深，越出乎意料。"},
                        .tokens = {},
                        .values = {}};
  const std::size_t count = most > 0 ? std::min(most, scored.tokens.size()) : scored.tokens.size();
  for (std::size_t i = 0; i < count; ++i) {
    marked.tokens.push_back(scored.texts[i].empty() || scored.texts[i] == "\n" ? "¶" : scored.texts[i]);
    marked.values.push_back(static_cast<float>(-scored.log_probabilities[i] / std::log(2.0)));
  }
  return marked;
}

}  // namespace rondo::lm
