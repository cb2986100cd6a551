/// The network of a tagger.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include <rondo/network.h>
#include <rondo/nn.h>
#include <rondo/tasks/tag.h>

#include "tasks/tag/input.h"

namespace rondo::tag {

/// Vectors of tokens, of pairs, of spellings and of further columns side by side; recurrent layers in both
/// directions; scores of the tags.
struct TagNet {
  using Input = TaggerInput;
  using Options = TaggerOptions;

  TagNet(const Scope& in, const TaggerInput& input, const TaggerOptions& options);

  /// Scores of each tag at each step, [rows, tags]; of a softmax, their log-probabilities.
  Sequences outputs(const TagBatch& batch) const;
  /// The mean negative log-likelihood of a token's tag. Sentences with tags that the training data do not
  /// have weigh nothing.
  BatchLoss loss(const TagBatch& batch) const;
  /// The likeliest tags that scheme and borders allow, i32 [rows].
  Tensor decode(const Sequences& scores, const TagBatch& batch) const;
  /// The probability of each tag, [rows, tags], within what scheme and borders allow.
  Tensor marginals(const TagBatch& batch) const;
  std::vector<std::vector<std::int32_t>> predict(const TagBatch& batch) const;

 private:
  /// What scores the tags of a step without the layers between: numbers of a channel some steps away.
  struct Direct {
    std::int64_t channel;  ///< 0: tokens; 1, 2: pairs; from 3 on: further columns
    std::int64_t offset;
    Var table;  ///< [numbers + 1, tags]; the last row is for what lies outside of the sentence
    std::vector<float> rates;
    std::uint64_t key;
  };
  void add_direct(const Scope& in, const TaggerInput& input);
  /// The scores with those of the direct features.
  Var with_direct(const Var& scores, const TagBatch& batch) const;
  Var logits(const TagBatch& batch) const;

  Sequences features(const TagBatch& batch) const;
  Sequences dropped(const Sequences& x, std::uint64_t key) const;
  Var spelled(const TagBatch& batch) const;

  TagNetworkOptions options_;
  bool crf_head_;
  Var tokens_, pairs_, shapes_, characters_;
  std::vector<Var> columns_, lexicon_;
  std::vector<float> token_rates_, pair_rates_;
  std::optional<nn::LSTM> spell_;
  std::optional<nn::RecurrentLayers> read_;
  std::optional<nn::CRF> crf_;
  std::optional<nn::Dense> softmax_;
  std::vector<Direct> direct_;
  CRFWeights chain_ = {};
  TagRules rules_ = {};
  std::uint64_t token_key_, before_key_, after_key_, spell_key_, in_key_, out_key_;
};

/// The tags of each sentence by number, sentences of any lengths in batches of their own.
std::vector<std::vector<std::int32_t>> predict_all(const Model<TagNet>& model,
                                                   std::span<const TaggedSentence* const> sentences);

}  // namespace rondo::tag
