#include "tasks/tag/scores/phrases.h"

#include <algorithm>

#include "base/message.h"
#include "base/shown.h"

namespace rondo::tag {
namespace {

double percent_of(std::int64_t part, std::int64_t whole) noexcept {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string right_aligned(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

/// "%6.2f%%"
std::string in_percent(double value) {
  return right_aligned(fixed(value, 2), 6) + "%";
}

}  // namespace

double PhraseCounts::precision() const noexcept {
  return percent_of(correct, found);
}

double PhraseCounts::recall() const noexcept {
  return percent_of(correct, gold);
}

double PhraseCounts::f1() const noexcept {
  const double p = precision(), r = recall();
  return p + r > 0 ? 2 * p * r / (p + r) : 0;
}

std::vector<Phrase> PhraseScores::phrases(const Strings& tags) const {
  switch (reading_) {
    case PhraseReading::conlleval:
      return conlleval_phrases_of(tags);
    case PhraseReading::scheme:
      return phrases_of(tags, scheme_);
    case PhraseReading::strict:
      break;
  }
  return phrases_of(tags, scheme_, PhraseRule::strict);
}

void PhraseScores::add(const Strings& gold, const Strings& answer) {
  if (gold.size() != answer.size())
    fail(ErrorKind::data, "a sentence of " + std::to_string(gold.size()) + " tokens has " +
                              std::to_string(answer.size()) + " answers");
  tokens_ += static_cast<std::int64_t>(gold.size());
  for (std::size_t i = 0; i < gold.size(); ++i)
    right_ += gold[i] == answer[i];
  const std::vector<Phrase> wanted = phrases(gold), found = phrases(answer);
  const auto counts_of = [this](std::string_view type) -> PhraseCounts& {
    const auto at = types_.find(type);
    return at == types_.end() ? types_[std::string(type)] : at->second;
  };
  for (const Phrase& phrase : wanted)
    ++counts_of(phrase.type).gold;
  auto candidate = wanted.begin();
  for (const Phrase& phrase : found) {
    PhraseCounts& counts = counts_of(phrase.type);
    ++counts.found;
    candidate = std::lower_bound(candidate, wanted.end(), phrase.begin,
                                 [](const Phrase& a, std::size_t begin) { return a.begin < begin; });
    if (candidate == wanted.end() || *candidate != phrase) continue;
    ++counts.correct;
    ++all_.correct;
  }
  all_.gold += static_cast<std::int64_t>(wanted.size());
  all_.found += static_cast<std::int64_t>(found.size());
}

double PhraseScores::accuracy() const noexcept {
  return percent_of(right_, tokens_);
}

std::string PhraseScores::text() const {
  std::string out = "processed " + std::to_string(tokens_) + " tokens with " + std::to_string(all_.gold) +
                    " phrases; found: " + std::to_string(all_.found) +
                    " phrases; correct: " + std::to_string(all_.correct) + ".\n";
  if (tokens_ == 0) return out;
  const auto scores = [](const PhraseCounts& counts) {
    return "precision: " + in_percent(counts.precision()) + "; recall: " + in_percent(counts.recall()) +
           "; FB1: " + right_aligned(fixed(counts.f1(), 2), 6);
  };
  out += "accuracy: " + in_percent(accuracy()) + "; " + scores(all_) + "\n";
  for (const auto& [type, counts] : types_)
    out += right_aligned(type, 17) + ": " + scores(counts) + "  " + std::to_string(counts.found) + "\n";
  return out;
}

}  // namespace rondo::tag
