/// Sentences of one language as token numbers and back.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tasks/translate.h>
#include <rondo/text.h>

#include "base/json.h"

namespace rondo::translate {

/// What stands between white space.
std::vector<std::string> words_of(std::string_view text);

struct Encoded {
  std::vector<std::int32_t> tokens;
  std::vector<std::int32_t> word_of;  ///< of each token: its word's number
  std::vector<std::string> words;
};

/// Immutable; copies share what was learned. Number 0 is unknown; the last two begin and end a sentence.
class Units {
 public:
  Units() = default;
  /// `options` are resolved.
  static Units learn(std::span<const std::string_view> texts, const TranslationTextOptions& options,
                     std::uint64_t seed);

  std::int32_t size() const noexcept { return encoder_.vocab().size() + marks_ + 2; }
  std::int32_t begin() const noexcept { return size() - 2; }
  std::int32_t end() const noexcept { return size() - 1; }
  /// So many numbers between those of the vocabulary and the last two say something of the whole sentence.
  void set_marks(std::int32_t count) noexcept { marks_ = count; }
  std::int32_t mark(std::int32_t number) const noexcept { return encoder_.vocab().size() + number; }
  /// Without begin and end. A text without words has no tokens.
  Encoded encode(std::string_view text) const;
  /// `unknown(i)` is what stands for token i, which is unknown; within a word of letters nothing does.
  /// `word_of`, if given, gets the number of the word that each token is part of.
  std::string decode(std::span<const std::int32_t> tokens,
                     const std::function<std::string(std::size_t)>& unknown,
                     std::vector<std::int32_t>* word_of = nullptr) const;

  Json to_tree() const;
  static Units from_tree(const Json& tree);

 private:
  std::string spelled(std::int32_t token) const;
  TranslationUnit kind_ = TranslationUnit::words;
  TextEncoder encoder_;
  std::int32_t marks_ = 0;
};

}  // namespace rondo::translate
