/// The network of a language model.
#pragma once
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include <rondo/min_recurrent.h>
#include <rondo/network.h>
#include <rondo/nn.h>
#include <rondo/tasks/lm.h>

#include "tasks/lm/chunks.h"

namespace rondo::lm {

/// A recurrent layer of any cell.
using AnyRecurrent = std::variant<nn::RecurrentLayers, nn::MinGRU, nn::MinLSTM>;

/// Embedding, recurrent layers with dropout and shortcuts between them, projection on the vocabulary.
struct LanguageNet {
  using Input = TextInput;
  using Options = LanguageOptions;

  LanguageNet(const Scope& in, const TextInput& input, const LanguageOptions& options);

  /// The mean negative log-likelihood of a batch's tokens, in nats. While recording it includes the
  /// penalties.
  BatchLoss loss(const ChunkBatch& batch, State& carried) const;
  /// ln P of each of `after`, the tokens of one text, read behind `before`; `state` goes on.
  /// Read as text of a label; -1: of none.
  std::vector<double> log_probabilities(const std::vector<std::int32_t>& before,
                                        const std::vector<std::int32_t>& after, State& state,
                                        std::int32_t label = -1) const;

  /// What the projection takes at each of `before`, [tokens, width], and the logits of what follows,
  /// [tokens, vocabulary].
  struct Places {
    Var features, logits;
  };
  Places places(const std::vector<std::int32_t>& before, State& state, std::int32_t label = -1) const;

  /// Zeros: of each layer h, and for an LSTM c, [rows, units].
  State start(std::int64_t rows) const;
  /// The labels that it has learned.
  std::int32_t labels() const;
  /// The same tokens for each of `labels`, a row each; `output` are the logits of the next, [rows,
  /// vocabulary].
  StepResult read(const std::vector<std::int32_t>& tokens, const State& state,
                  const std::vector<std::int32_t>& labels) const;
  /// One token of each row, which has a label; `output` are the logits of the next, [rows, vocabulary].
  StepResult step(const std::vector<std::int32_t>& tokens, const State& state,
                  const std::vector<std::int32_t>& labels) const;

 private:
  /// What the projection takes, [rows, width]; the state that each sequence ends in.
  /// `labels` has one for each sequence, or none.
  Sequences features(const Ids& ids, State& state, const std::vector<std::int32_t>& labels) const;
  /// The tokens' vectors, plus that of the sequence's label at each step.
  Sequences embedded(const Ids& ids, const std::vector<std::int32_t>& labels) const;
  /// The features of a batch; takes what was carried, and leaves what is to be.
  Sequences features(const ChunkBatch& batch, State& carried) const;
  Sequences dropped(const Sequences& x, float rate, std::size_t place) const;
  Var penalty(const Sequences& y) const;

  LanguageNetworkOptions options_;
  nn::Embedding embed_;
  Var label_table_;  ///< [labels, embedding]; undefined without labels
  std::vector<AnyRecurrent> layers_;
  std::vector<nn::LayerNorm> norms_;
  std::optional<nn::Dense> narrow_;  ///< to the embedding's width, where the projection is tied to it
  nn::Dense next_;
  std::vector<std::uint64_t> keys_;  ///< of dropout: on the embedding, and after each layer
};

}  // namespace rondo::lm
