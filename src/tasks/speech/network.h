/// The network of a recogniser.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include <rondo/network.h>

#include "tasks/speech/input.h"

namespace rondo::speech {

struct SpeechNet {
  using Input = SpeechInput;
  using Options = SpeechOptions;

  SpeechNet(const Scope& in, const SpeechInput& input, const SpeechOptions& options);

  /// Of classes: the mean cross entropy. Of CTC: the mean over the clips that have a path.
  BatchLoss loss(const SpeechBatch& batch) const;

  /// What the last layer reads: a row for every `stride` frames.
  Sequences states(const SpeechBatch& batch) const;
  /// Of classes: [sequences, classes], in packed order.
  Var class_scores(const Sequences& states) const;
  /// Of CTC: [rows, symbols + 1]; the blank is symbol 0.
  Sequences symbol_scores(const Sequences& states) const;

  bool ctc() const noexcept { return ctc_; }
  bool streaming() const noexcept { return options_.streaming; }
  int stride() const noexcept { return options_.filters > 0 ? options_.stride : 1; }

  /// Where a stream is. What it holds does not grow.
  struct Place {
    std::vector<float> seen = {};  ///< the last frames that a window still needs, [kernel - 1, mels]
    std::int64_t frames = 0;       ///< taken so far
    State state = {};
    std::vector<float> sum = {}, largest = {};  ///< over the states so far, and of them
    std::int64_t rows = 0;
  };
  /// Of a streaming network: takes frames [n, mels] and gives the states that they complete, with the bits of
  /// states(); none: an undefined Var.
  Var step(std::span<const float> frames, Place& place) const;
  /// Of a streaming network: class_scores() of what was heard so far.
  Var class_scores_so_far(const Place& place) const;

 private:
  Var dropped(const Var& x, std::size_t place) const;

  SpeechNetworkOptions options_;
  int mels_;
  bool ctc_;
  std::optional<nn::Conv1D> front_, front_window_;  ///< over whole clips; over frames that are all there
  std::optional<nn::RecurrentLayers> recurrent_;
  std::optional<nn::Dense> last_;
  std::vector<std::uint64_t> keys_;
};

}  // namespace rondo::speech
