/// Sentences as numbers: what a tagger learns of its training data before it learns to tag.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/data.h>
#include <rondo/tasks/tag.h>
#include <rondo/text.h>

#include "data/text_encoder.h"
#include "tasks/tag/lexicon/lexicon.h"

namespace rondo::tag {

/// Texts that were seen, as their hashes.
class SeenTexts {
 public:
  SeenTexts() = default;
  explicit SeenTexts(std::vector<std::uint64_t> hashes);

  static std::uint64_t hash_of(std::string_view text) { return data::content_hash(text); }
  bool contains(std::string_view text) const;
  const std::vector<std::uint64_t>& hashes() const noexcept { return hashes_; }

 private:
  std::vector<std::uint64_t> hashes_;  ///< ascending
};

/// Sentences side by side.
struct TagBatch {
  std::shared_ptr<const Layout> layout = {};
  Ids tokens = {};
  Tensor before = {}, after = {};     ///< i32 [rows]: the pair with the token before, and with that after
  Tensor shapes = {};                 ///< i32 [rows], where tokens are words
  std::vector<Tensor> features = {};  ///< i32 [rows], of each further column
  std::vector<Tensor> lexicon = {};   ///< i32 [rows] each: lengths of words that begin, end and go on here
  Ids spellings = {};                 ///< of the distinct words
  std::vector<std::int32_t> spelling_of_rows = {};  ///< their places in `spellings`, in packed order
  Tensor tags = {};                                 ///< i32 [rows]
  /// Of each sequence, in packed order: 0 where it has tags that the training data do not have.
  std::vector<std::uint8_t> counts = {};
  std::vector<std::uint8_t> allowed = {};  ///< [rows · tags]: 0 for a tag that may not stand; empty: all may
  std::vector<const TaggedSentence*> sentences = {};  ///< in packed order
  std::vector<std::size_t> examples = {};
};

/// Sentences as numbers, not yet packed.
struct EncodedSentences {
  struct Sentence {
    const TaggedSentence* text;
    std::vector<std::int32_t> tokens, pairs, shapes, words, tags;  ///< pairs: one more than tokens
    std::vector<std::vector<std::int32_t>> features, lexicon;
    bool counts;
  };
  std::vector<Sentence> sentences;
  std::vector<std::vector<std::int32_t>> spellings;  ///< of words, by the numbers in Sentence::words
};

/// The preprocessing of a tagger, as Model<Net> asks for it.
struct TaggerInput {
  using Batch = TagBatch;

  Tagging tagging = {};
  std::vector<std::string> tags = {};
  Vocab tokens = {};
  std::shared_ptr<const BigramTable> bigrams = std::make_shared<const BigramTable>();
  Vocab characters = {};             ///< of spellings; number 1 begins a word and 2 ends it
  std::vector<Vocab> features = {};  ///< of each further column
  SeenTexts seen = {};               ///< words, or tokens where phrases are no words
  std::shared_ptr<const Lexicon> lexicon = std::make_shared<const Lexicon>();  ///< a user's dictionary

  static TaggerInput learn(const Dataset& train, const TaggerOptions& planned);

  bool spells() const noexcept { return characters.size() > 1; }
  bool shaped() const noexcept { return tagging.reading.unit == TokenUnit::words; }
  std::int32_t tag_number(std::string_view tag) const;  ///< -1: the training data do not have it

  EncodedSentences encode(std::span<const TaggedSentence* const> sentences) const;
  TagBatch pack(const EncodedSentences& from, std::span<const std::size_t> examples) const;
  auto batches(const Dataset& data, data::BatchOptions options, std::uint64_t seed) const {
    auto encoded = std::make_shared<const EncodedSentences>(encode_all(data));
    return data::PackedBatches(
        data, options, seed, [input = *this, encoded](const Dataset&, std::span<const std::size_t> examples) {
          return input.pack(*encoded, examples);
        });
  }
  std::string to_json() const;
  /// Error(format) for anything that to_json() cannot have written.
  static TaggerInput from_json(std::string_view json);

 private:
  EncodedSentences encode_all(const Dataset& data) const;
};

}  // namespace rondo::tag
