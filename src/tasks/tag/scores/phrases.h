/// Scores of phrases: names, chunks, as conlleval counts them.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <rondo/tasks/tagged_text.h>

#include "tasks/tag/scheme.h"

namespace rondo::tag {

/// How phrases are read from tags.
enum class PhraseReading {
  conlleval,  ///< conlleval.pl's rules, which know the letters B and I
  scheme,     ///< by the scheme's letters, leniently, as conlleval would if it knew them
  strict,     ///< only phrases that the scheme has whole
};

/// Phrases of the truth, of the answer, and of both.
struct PhraseCounts {
  std::int64_t gold = 0, found = 0, correct = 0;

  /// In percent; 0 where nothing can be counted.
  double precision() const noexcept;
  double recall() const noexcept;
  double f1() const noexcept;
};

class PhraseScores {
 public:
  PhraseScores(TagScheme scheme, PhraseReading reading) : scheme_(scheme), reading_(reading) {}

  /// One sentence: no phrase goes on in the next. Error(data) unless there is a tag of each for each token.
  void add(const Strings& gold, const Strings& answer);

  const PhraseCounts& all() const noexcept { return all_; }
  const std::map<std::string, PhraseCounts, std::less<>>& types() const noexcept { return types_; }
  std::int64_t tokens() const noexcept { return tokens_; }
  std::int64_t tokens_right() const noexcept { return right_; }
  /// In percent.
  double accuracy() const noexcept;

  /// To the digit what conlleval.pl prints.
  std::string text() const;

 private:
  std::vector<Phrase> phrases(const Strings& tags) const;

  TagScheme scheme_;
  PhraseReading reading_;
  PhraseCounts all_;
  std::map<std::string, PhraseCounts, std::less<>> types_;
  std::int64_t tokens_ = 0, right_ = 0;
};

}  // namespace rondo::tag
