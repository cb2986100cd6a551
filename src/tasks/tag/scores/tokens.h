/// Scores of tags, token by token.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <rondo/tasks/evaluation.h>
#include <rondo/tasks/tagged_text.h>

#include "tasks/tag/scores/phrases.h"

namespace rondo::tag {

class TokenScores {
 public:
  /// Whether the training data have a token; not given: all are seen.
  using Seen = std::function<bool(std::string_view)>;
  explicit TokenScores(Seen seen = {}) : seen_(std::move(seen)) {}

  /// One sentence. Error(data) unless there is a tag of each for each token.
  void add(const Strings& tokens, const Strings& gold, const Strings& answer);

  struct Share {
    std::int64_t right = 0, all = 0;
    /// Of 1; 0 where there are none.
    double value() const noexcept {
      return all == 0 ? 0 : static_cast<double>(right) / static_cast<double>(all);
    }
  };
  Share all() const noexcept { return {seen_tokens_.right + unseen_.right, seen_tokens_.all + unseen_.all}; }
  Share seen() const noexcept { return seen_tokens_; }
  Share unseen() const noexcept { return unseen_; }

  /// How often each tag was answered for each true one, the right ones included.
  const std::map<std::pair<std::string, std::string>, std::int64_t>& confusion() const noexcept {
    return confusion_;
  }

 private:
  Seen seen_;
  Share seen_tokens_, unseen_;
  std::map<std::pair<std::string, std::string>, std::int64_t> confusion_;
};

/// Each tag: precision, recall, F1 and how often it is the truth.
report::Table tag_table(const TokenScores& scores);
/// The pairs of tags that were taken for each other most often.
report::Table confused_tags(const TokenScores& scores);
/// Each type of phrase.
report::Table phrase_table(const PhraseScores& scores);

/// A sentence as its truth and its answer show it, one over the other: words with blanks between where
/// phrases are words, else phrases in brackets with their types behind, or tokens with their tags.
std::pair<std::string, std::string> gold_over_answer(const TaggedSentence& sentence, const Strings& answer,
                                                     const Tagging& tagging);

}  // namespace rondo::tag
