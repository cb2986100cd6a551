/// What a TextEncoder is made of; the public class hides it.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/text.h>

#include "data/hash_index.h"
#include "data/normalize.h"
#include "data/subword.h"
#include "data/tokenizer.h"

namespace rondo {

/// Pairs (previous token, token) with numbers from 1; -1 before the first token of a text.
class BigramTable {
 public:
  using Pair = std::pair<std::int32_t, std::int32_t>;

  BigramTable() = default;
  /// Pairs in the order of their numbers. Throws Error(format) for a pair given twice.
  explicit BigramTable(std::vector<Pair> pairs);
  /// The `limit` most frequent pairs of known tokens that occur at least twice in the sequences.
  static BigramTable learn(const std::vector<std::vector<std::int32_t>>& sequences, std::size_t limit);

  const std::vector<Pair>& pairs() const noexcept { return pairs_; }
  /// One number for each token; 0 for a pair that is not kept.
  std::vector<std::int32_t> encode(const std::vector<std::int32_t>& tokens) const;

 private:
  std::int32_t find(Pair pair) const;

  std::vector<Pair> pairs_;
  HashIndex numbers_;
};

struct TextEncoder::Impl {
  layers::Tokens options;
  std::string unicode;
  Vocab vocab;
  BigramTable bigrams;
  std::shared_ptr<const SubwordModel> subwords;

  Vocab learn_vocab(std::span<const std::string_view> texts) const;
  Vocab learn_vocab(std::span<const std::vector<std::string>> texts) const;
  /// From texts, whole or pre-split, once the vocabulary is known.
  template <class Text>
  void learn_bigrams(std::span<const Text> texts);
  std::string prepare(std::string_view text) const;
  /// The numbers of all tokens of a prepared text, without cutting. There may be none.
  std::vector<std::int32_t> numbers(std::string_view prepared) const;
  /// The token numbers of a text in a batch, cut to max_length, at least one; and how many were cut off.
  EncodedText tokens(std::string_view text) const;
  EncodedText tokens(std::span<const std::string> words) const;
  /// The same with its bigrams.
  template <class Text>
  EncodedText encode(const Text& text) const;
};

}  // namespace rondo
