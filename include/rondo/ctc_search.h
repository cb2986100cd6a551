/// Reads labels out of the frames of a network that was trained by ctc_loss.
///
/// A search takes frames one after another, so that it also runs while a sound is still heard. Its result for
/// the frames so far can be asked for at any time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace [[gnu::visibility("default")]] rondo {

/// Labels that were read.
struct CTCReading {
  std::vector<std::int32_t> labels = {};
  std::vector<std::int64_t> frames = {};  ///< of each label: the frame, from 0, at which it was first read
  /// Of a beam search ln P(labels), the sum over the paths that were kept; of the greedy one ln P of the
  /// path.
  double log_probability = 0;
  double score = 0;  ///< what readings are ranked by: with the language model and the bonus
};

/// ln P(next | labels before), of a language model over the labels. `next` = -1 asks for the end.
using CTCLanguageModel = std::function<double(std::span<const std::int32_t> before, std::int32_t next)>;

struct CTCSearchOptions {
  std::int32_t blank = 0;
  int beam = 16;
  /// ln P(labels) + weight · ln P of the language model + bonus · labels (shallow fusion).
  CTCLanguageModel language_model = {};
  double weight = 0.5;
  double bonus = 0;
  /// Symbols below this probability at a frame begin no label there; 0: all may.
  double threshold = 1e-6;
};

/// The likeliest symbol of each frame, of equal ones the lower; then equal neighbours as one, without blanks.
class CTCGreedy {
 public:
  explicit CTCGreedy(std::int32_t blank = 0) : blank_(blank) {}
  /// ln probabilities of the next frame's symbols.
  void push(std::span<const float> log_probabilities);
  const CTCReading& reading() const noexcept { return reading_; }
  std::int64_t frames() const noexcept { return frames_; }

 private:
  std::int32_t blank_, last_ = -1;
  std::int64_t frames_ = 0;
  CTCReading reading_;
};

/// Prefix beam search (Hannun et al. 2014): sums the paths of each labelling, so that it finds what many
/// paths lead to.
class CTCBeam {
 public:
  /// Error(option) for a beam below 1.
  explicit CTCBeam(CTCSearchOptions options = {});
  CTCBeam(CTCBeam&&) noexcept;
  CTCBeam& operator=(CTCBeam&&) noexcept;
  ~CTCBeam();
  void push(std::span<const float> log_probabilities);
  /// The best so far, the best first, at most `count`. `ended`: the language model's end counts, too.
  std::vector<CTCReading> best(std::size_t count = 1, bool ended = true) const;
  std::int64_t frames() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rondo
