/// One step of a beam search: which texts to keep of all that go on from some.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rondo::decode {

/// A text that goes on by a token, or one that has ended and is kept as it is.
struct Extension {
  std::size_t from;  ///< number of the text that goes on
  std::int32_t token;
  double score;  ///< ln P of the whole
  bool kept;     ///< as it is
};

class BeamStep {
 public:
  /// At most `width` texts are kept, at least 1.
  explicit BeamStep(std::size_t width) : width_(width) {}
  /// Text `from` of ln P `score` goes on by each token whose ln P is above -infinity.
  void extend(std::size_t from, double score, std::span<const float> log_probabilities);
  void keep(std::size_t from, double score);
  /// The best, the likeliest first; of equal ones the earlier text, then the lower token.
  std::vector<Extension> best() const;

 private:
  std::size_t width_;
  std::vector<Extension> all_;
};

}  // namespace rondo::decode
