#include "tasks/lm/beam.h"

#include <algorithm>
#include <utility>

#include "decode/beam.h"
#include "decode/sampling.h"

namespace rondo::lm {
namespace {

/// A text of the beam.
struct Hypothesis {
  Writing text;
  Generated written = {};
  double score = 0;  ///< ln P of what was written
};

Hypothesis extended(const Hypothesis& from, const decode::Extension& by, const Rules& rules) {
  Hypothesis to = from;
  to.score = by.score;
  if (by.token != TextUnits::border) {
    to.written.tokens.push_back(by.token);
    to.written.log_probabilities.push_back(static_cast<float>(by.score - from.score));
  }
  rules.take(to.text, by.token);
  to.written.ended = to.text.ended;
  return to;
}

/// ln P of each token of a row, -infinity for those that may not come.
std::vector<float> allowed(std::span<const float> logits, const Writing& text, const Rules& rules) {
  const double whole = decode::log_sum(logits);
  std::vector<float> scores(logits.begin(), logits.end());
  for (float& score : scores)
    score = static_cast<float>(static_cast<double>(score) - whole);
  rules.restrict(scores, text);
  return scores;
}

std::vector<Generated> results(std::vector<Hypothesis> beam, std::size_t count) {
  std::vector<Generated> all;
  for (Hypothesis& hypothesis : beam) {
    if (all.size() == count) break;
    hypothesis.written.text = std::move(hypothesis.text.held);
    all.push_back(std::move(hypothesis.written));
  }
  return all;
}

}  // namespace

std::vector<Generated> likeliest(const LanguageNet& network, std::span<const std::int32_t> prompt,
                                 const GenerateOptions& options, const Rules& rules,
                                 const Steering& steering) {
  std::vector<Hypothesis> beam = {{.text = rules.start(prompt)}};
  NextTokens after(network, steering);
  after.read(prompt);
  for (int step = 0; rules.length() == 0 || step < rules.length(); ++step) {
    decode::BeamStep next(static_cast<std::size_t>(options.beam));
    std::size_t row = 0;  // of the network: those that have ended have none
    std::vector<std::size_t> rows(beam.size());
    for (std::size_t k = 0; k < beam.size(); ++k) {
      if (beam[k].text.ended) {
        next.keep(k, beam[k].score);
        continue;
      }
      rows[k] = row;
      next.extend(k, beam[k].score, allowed(after.logits(row++), beam[k].text, rules));
    }
    std::vector<Hypothesis> chosen;
    std::vector<std::int32_t> from, tokens;
    for (const decode::Extension& best : next.best()) {
      chosen.push_back(best.kept ? beam[best.from] : extended(beam[best.from], best, rules));
      if (chosen.back().text.ended) continue;
      from.push_back(static_cast<std::int32_t>(rows[best.from]));
      tokens.push_back(best.token);
    }
    beam = std::move(chosen);
    if (tokens.empty()) break;
    after.step(tokens, from);
  }
  return results(std::move(beam), static_cast<std::size_t>(options.samples));
}

}  // namespace rondo::lm
