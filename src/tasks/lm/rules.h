/// Which tokens may come next in a text that is being written, whatever their scores.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tasks/lm.h>

#include "decode/form.h"

namespace rondo::lm {

/// A text that is being written: its form, if it keeps to one, and its last token.
struct Writing {
  std::optional<decode::FormWalk> form = {};
  std::int32_t last = TextUnits::border;
  std::string held = {};  ///< not given yet: it may be the beginning of a stop
  bool ended = false;     ///< by itself: a document's end, a stop, or the end of the form
};

class Rules {
 public:
  /// Error(option) for options that contradict each other or ask for characters that the model does not know.
  /// `ends`: whether the model has learned where a document ends. `streams`: whether the text goes somewhere
  /// while it is written, so that it needs no end.
  Rules(const TextUnits& units, const GenerateOptions& options, bool ends, bool streams);

  /// Behind the prompt's tokens.
  Writing start(std::span<const std::int32_t> prompt) const;
  /// Takes all hope from tokens that may not come next. Error(option) if none may.
  void restrict(std::span<float> scores, const Writing& text) const;
  /// Adds a token to what is held, and gives how much of that is settled. Behind a stop nothing is held.
  std::size_t take(Writing& text, std::int32_t token) const;
  /// Tokens to write; 0: as many as it takes.
  int length() const noexcept { return form_ ? 0 : options_.length; }

 private:
  void check_ends(bool streams) const;
  void check_form();
  const std::string& spelled(std::int32_t token, std::int32_t after) const;

  const TextUnits& units_;
  const GenerateOptions& options_;
  bool ends_;
  std::shared_ptr<const decode::Form> form_;
  /// What each token spells where a line begins, and elsewhere; only with a form.
  std::vector<std::string> at_begin_, inside_;
};

}  // namespace rondo::lm
