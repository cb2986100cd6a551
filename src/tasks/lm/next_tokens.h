/// What may follow texts that are being written, by a language model that is steered.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tasks/lm/network.h"

namespace rondo::lm {

/// How a text is steered.
struct Steering {
  std::int32_t label = -1;  ///< written for; -1: none
  float guidance = 0;       ///< see NextTokens
};

/// The logits of the tokens that follow each text. With guidance g they are l + g (l - mean of l'), where l
/// are those for the label and l' those for each other label, behind the same tokens (a model that knows
/// several labels is expert and anti-expert at once; Liu et al. 2021, "DExperts", section 2.2). With two
/// labels, a token's probability is then proportional to P(token | label) (P(token | label) / P(token |
/// other))^g.
class NextTokens {
 public:
  /// Error(option) for guidance without a label, or of a model that has fewer than two.
  NextTokens(const LanguageNet& network, const Steering& steering);

  /// Begins with the one text that a prompt is.
  void read(std::span<const std::int32_t> prompt);
  /// Text i goes on from where text from[i] was, by tokens[i].
  void step(const std::vector<std::int32_t>& tokens, const std::vector<std::int32_t>& from);
  /// [vocabulary]; holds until the next call.
  std::span<const float> logits(std::size_t text);

 private:
  std::span<const float> row(std::size_t voice, std::size_t text) const;

  const LanguageNet& network_;
  float guidance_;
  std::vector<std::int32_t> voices_;  ///< the label, then those that it is led away from
  std::size_t texts_ = 0;
  StepResult result_;  ///< row voice * texts + text
  std::vector<float> guided_;
};

}  // namespace rondo::lm
