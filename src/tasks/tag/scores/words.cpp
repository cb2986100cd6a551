#include "tasks/tag/scores/words.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "base/shown.h"
#include "base/utf8.h"
#include "tasks/tag/scores/alignment.h"

namespace rondo::tag {
namespace {

double share(std::int64_t part, std::int64_t whole) noexcept {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

std::string digits(double value) {
  return std::isnan(value) ? "--" : fixed(value, 3);
}

/// Where each word ends, in characters.
std::vector<std::size_t> ends_of(const Strings& words) {
  std::vector<std::size_t> ends;
  std::size_t end = 0;
  for (const std::string_view word : words)
    ends.push_back(end += count_code_points(word));
  return ends;
}

}  // namespace

double WordCounts::recall() const noexcept {
  return share(correct, gold);
}
double WordCounts::precision() const noexcept {
  return share(correct, found);
}
double WordCounts::f1() const noexcept {
  return share(2 * correct, gold + found);
}
double WordCounts::unseen_rate() const noexcept {
  return share(unseen, gold);
}
double WordCounts::unseen_recall() const noexcept {
  return unseen == 0 ? nothing : share(unseen_correct, unseen);
}
double WordCounts::seen_recall() const noexcept {
  return unseen == gold ? nothing : share(correct - unseen_correct, gold - unseen);
}

void WordScores::add(const Strings& gold, const Strings& answer) {
  ++sentences_;
  add_places(gold, answer);
  add_diff(gold, answer);
}

void WordScores::count_gold(std::string_view word, bool correct, WordCounts& counts) const {
  const bool unseen = seen_ && !seen_(word);
  ++counts.gold;
  counts.correct += correct;
  counts.unseen += unseen;
  counts.unseen_correct += unseen && correct;
}

void WordScores::add_places(const Strings& gold, const Strings& answer) {
  const std::vector<std::size_t> ends = ends_of(gold), found = ends_of(answer);
  if ((ends.empty() ? 0 : ends.back()) != (found.empty() ? 0 : found.back()) && other_texts_++ == 0)
    first_other_text_ = sentences_;
  by_place_.found += static_cast<std::int64_t>(found.size());
  std::size_t k = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const std::size_t begin = i == 0 ? 0 : ends[i - 1];
    while (k < found.size() && found[k] < ends[i])
      ++k;
    const bool ends_too = k < found.size() && found[k] == ends[i];
    const std::size_t its_begin = k == 0 ? 0 : found[k - 1];
    count_gold(gold[i], ends_too && its_begin == begin, by_place_);
  }
}

void WordScores::add_diff(const Strings& gold, const Strings& answer) {
  by_diff_.found += static_cast<std::int64_t>(answer.size());
  std::size_t i = 0, k = 0;
  // What stands between two words that both have is changed: word by word as long as both sides have some.
  const auto changed_up_to = [&](std::size_t gold_end, std::size_t answer_end) {
    const auto gone = static_cast<std::int64_t>(gold_end - i),
               come = static_cast<std::int64_t>(answer_end - k);
    changes_.substitutions += std::min(gone, come);
    changes_.deletions += std::max<std::int64_t>(gone - come, 0);
    changes_.insertions += std::max<std::int64_t>(come - gone, 0);
    for (; i < gold_end; ++i)
      count_gold(gold[i], false, by_diff_);
    k = answer_end;
  };
  for (const auto& [in_gold, in_answer] : aligned(gold, answer)) {
    changed_up_to(in_gold, in_answer);
    count_gold(gold[i++], true, by_diff_);
    ++k;
  }
  changed_up_to(gold.size(), answer.size());
}

std::string WordScores::text() const {
  const WordCounts& d = by_diff_;
  const WordChanges& c = changes_;
  std::string out;
  const auto line = [&](const std::string& title, const std::string& value) {
    out.append("=== ").append(title).append(":\t").append(value).append("\n");
  };
  const auto scores = [&](const WordCounts& counts, const std::string& how) {
    line("TOTAL TRUE WORDS RECALL" + how, digits(counts.recall()));
    line("TOTAL TEST WORDS PRECISION" + how, digits(counts.precision()));
    line("F MEASURE" + how, digits(counts.f1()));
    line("OOV Rate" + how, digits(counts.unseen_rate()));
    line("OOV Recall Rate" + how, digits(counts.unseen_recall()));
    line("IV Recall Rate" + how, digits(counts.seen_recall()));
  };
  out += "=== SUMMARY:\n";
  line("TOTAL INSERTIONS", std::to_string(c.insertions));
  line("TOTAL DELETIONS", std::to_string(c.deletions));
  line("TOTAL SUBSTITUTIONS", std::to_string(c.substitutions));
  line("TOTAL NCHANGE", std::to_string(c.insertions + c.deletions + c.substitutions));
  line("TOTAL TRUE WORD COUNT", std::to_string(d.gold));
  line("TOTAL TEST WORD COUNT", std::to_string(d.found));
  scores(d, "");
  scores(by_place_, " BY PLACE");
  return out;
}

}  // namespace rondo::tag
