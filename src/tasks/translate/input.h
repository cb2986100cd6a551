/// Pairs as numbers: what a translator learns of its data before it learns to translate.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/network.h>
#include <rondo/tasks/translate.h>

#include "tasks/planned_batches.h"
#include "tasks/translate/lexicon.h"
#include "tasks/translate/units.h"

namespace rondo::translate {

struct PairBatch {
  std::shared_ptr<const Layout> layout = {};  ///< of the target
  Ids source = {}, before = {};               ///< what is read: the source; the target behind its begin
  Tensor after = {};                          ///< i32 [rows]: the target with its end
  std::vector<std::int32_t> source_of = {};   ///< of each target in packed order: the place of its source
  std::vector<std::size_t> examples = {};     ///< of each target in packed order
};

/// Packs pairs of any lengths.
PairBatch pack_pairs(std::span<const NumberedPair* const> pairs, std::int32_t begin, std::int32_t end);

/// What batches of pairs are packed from.
struct NumberedPairs {
  std::vector<NumberedPair> pairs;
  std::int32_t begin, end;

  PairBatch batch(std::span<const std::size_t> examples, std::int64_t epoch) const;
};
/// A plan by the tokens of both sides.
using PairBatches = PlannedBatches<NumberedPairs>;

/// The preprocessing of a translator, as Model<Net> asks for it.
struct TranslationInput {
  using Batch = PairBatch;

  Units source, target;
  bool joint = false;
  /// Several directions in one model: the source's end says the language of the target (Johnson et al. 2017,
  /// who put it first; an encoder of both directions reads it as early).
  std::vector<std::string> directions = {}, languages = {};
  Lexicon lexicon = {};  ///< empty unless `text.lexicon` asked for one

  static TranslationInput learn(const Dataset& train, const TranslatorOptions& planned);
  NumberedPair numbers(const Encoded& from, const Encoded& to, std::string_view language) const;
  /// What ends a source. Error(option) for a language that is not known, or missing.
  std::int32_t source_end(std::string_view language) const;
  /// Error(option) for a direction that is not known; without `from`, any.
  void check_direction(std::string_view from, std::string_view to) const;
  /// The tokens that translations of a source, which has its end, are made of: in ascending order, those of
  /// the lexicon, of a joint vocabulary the source's own, unknown, begin and end.
  std::vector<std::int32_t> shortlist(std::span<const std::int32_t> source, int each) const;
  PairBatches batches(const Dataset& pairs, data::BatchOptions options, std::uint64_t seed) const;
  std::string to_json() const;
  /// Error(format) for anything that to_json() cannot have written.
  static TranslationInput from_json(std::string_view json);

 private:
  void mark_languages();
  std::vector<NumberedPair> numbered(const Dataset& pairs) const;
};

}  // namespace rondo::translate
