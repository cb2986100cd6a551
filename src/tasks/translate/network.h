/// The network of a translator.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <rondo/attention.h>
#include <rondo/network.h>

#include "ops/packed_linear.h"
#include "tasks/translate/decoder_layers.h"
#include "tasks/translate/input.h"

namespace rondo::translate {

/// Where a decoder is: the states of its recurrent layers, and what is fed to the next input.
struct DecoderState {
  State first, second;  ///< below and above the attention; `second` of gnmt only
  Var fed;              ///< of input feeding only

  DecoderState select(std::span<const std::int32_t> rows) const;
};

/// An encoded batch of sources.
struct Memory {
  nn::Attention::Memory rows;
  DecoderState start;  ///< of each source, in packed order
};

struct TranslationNet {
  using Input = TranslationInput;
  using Options = TranslatorOptions;

  TranslationNet(const Scope& in, const TranslationInput& input, const TranslatorOptions& options);

  /// The mean cross entropy of the target's tokens, in nats; smoothed while recording.
  BatchLoss loss(const PairBatch& batch) const;

  Memory encode(const Ids& source) const;
  /// What the projection reads for every row of a target, [rows, embedding]; `attended`, if given, gets what
  /// each row looked at, in order of the rows.
  Var tops(const PairBatch& batch, Attended* attended = nullptr) const;
  /// The logits of the tokens that come next.
  Var logits(const Var& tops) const;
  /// The same for some tokens only: a function of tops.
  PackedLinear logits_of(std::span<const std::int32_t> tokens) const {
    return {output_, output_bias_, tokens};
  }
  /// Takes a token of each row; `source_of` names their sources. The state goes on; gives the tops.
  Var step(const Memory& memory, std::span<const std::int32_t> source_of, const Tensor& tokens,
           DecoderState& state, std::uint64_t time = 0, Attended* attended = nullptr) const;
  bool attends() const noexcept { return options_.attention != TranslationAttention::none; }

 private:
  Var all_at_once(const Memory& memory, const PairBatch& batch, const Var& x, Attended* attended) const;
  Var step_by_step(const Memory& memory, const PairBatch& batch, const Var& x, Attended* attended) const;
  Var step_on(const Memory& memory, std::span<const std::int32_t> source_of, const Var& x,
              DecoderState& state, std::uint64_t time, Attended* attended) const;
  Var dropped(const Var& x, std::size_t place) const;
  PairBatch with_own_tokens(const PairBatch& batch) const;
  const Var& query_of(const State& state) const;

  TranslationNetworkOptions options_;
  Var source_table_, target_table_, output_, output_bias_;
  std::optional<nn::RecurrentLayers> encoder_;
  std::optional<DecoderLayers> first_, second_;
  std::vector<nn::Dense> bridges_;
  std::optional<nn::Attention> attention_;
  std::optional<nn::Dense> combine_;
  std::vector<std::uint64_t> keys_;
};

}  // namespace rondo::translate
