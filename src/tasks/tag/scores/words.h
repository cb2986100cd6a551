/// Scores of word segmentation, as the bakeoffs of SIGHAN count them.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

#include <rondo/tasks/tagged_text.h>

namespace rondo::tag {

/// Words of the truth, of the answer, and of both; those of the truth by whether the training data have them.
struct WordCounts {
  std::int64_t gold = 0, found = 0, correct = 0;
  std::int64_t unseen = 0, unseen_correct = 0;  ///< not in the training data (OOV)

  /// Shares of 1; 0 where there is nothing to count.
  double recall() const noexcept;
  double precision() const noexcept;
  double f1() const noexcept;
  double unseen_rate() const noexcept;
  /// NaN where the truth has no such word.
  double unseen_recall() const noexcept;
  double seen_recall() const noexcept;
};

/// Words laid one list against the other: what changed between, as the program diff counts it.
struct WordChanges {
  std::int64_t insertions = 0, deletions = 0, substitutions = 0;
};

class WordScores {
 public:
  /// Whether the training data have a word; not given: all are seen.
  using Seen = std::function<bool(std::string_view)>;
  explicit WordScores(Seen seen = {}) : seen_(std::move(seen)) {}

  /// One sentence.
  void add(const Strings& gold, const Strings& answer);

  /// A word is right when it stands at the same place, counted in characters.
  const WordCounts& by_place() const noexcept { return by_place_; }
  /// As the bakeoff's script has it: the words of a line are laid against each other by diff, as texts.
  const WordCounts& by_diff() const noexcept { return by_diff_; }
  const WordChanges& changes() const noexcept { return changes_; }
  /// Sentences whose two texts do not have as many characters: places mean little in them.
  std::int64_t other_texts() const noexcept { return other_texts_; }
  /// The first of them, from 1; 0: none.
  std::int64_t first_other_text() const noexcept { return first_other_text_; }

  /// What the script prints, and the scores by place under it.
  std::string text() const;

 private:
  void add_places(const Strings& gold, const Strings& answer);
  void add_diff(const Strings& gold, const Strings& answer);
  void count_gold(std::string_view word, bool correct, WordCounts& counts) const;

  Seen seen_;
  WordCounts by_place_, by_diff_;
  WordChanges changes_;
  std::int64_t sentences_ = 0, other_texts_ = 0, first_other_text_ = 0;
};

}  // namespace rondo::tag
