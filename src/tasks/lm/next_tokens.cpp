#include "tasks/lm/next_tokens.h"

#include <algorithm>

#include <rondo/error.h>

namespace rondo::lm {

NextTokens::NextTokens(const LanguageNet& network, const Steering& steering)
    : network_(network), guidance_(steering.guidance), voices_({steering.label}) {
  if (guidance_ == 0) return;
  if (steering.label < 0)
    fail(ErrorKind::option,
         "guidance leads away from what other labels would write; say by --label for which one to write");
  if (network.labels() < 2)
    fail(ErrorKind::option,
         "guidance leads away from what other labels would write, but the model knows one label alone");
  for (std::int32_t label = 0; label < network.labels(); ++label)
    if (label != steering.label) voices_.push_back(label);
}

void NextTokens::read(std::span<const std::int32_t> prompt) {
  constexpr std::size_t at_once = 1'024;
  texts_ = 1;
  result_ =
      network_.read({TextUnits::border}, network_.start(static_cast<std::int64_t>(voices_.size())), voices_);
  for (std::size_t at = 0; at < prompt.size(); at += at_once) {
    const auto part = prompt.subspan(at, std::min(at_once, prompt.size() - at));
    result_ = network_.read({part.begin(), part.end()}, result_.state, voices_);
  }
}

void NextTokens::step(const std::vector<std::int32_t>& tokens, const std::vector<std::int32_t>& from) {
  std::vector<std::int32_t> all, rows, labels;
  for (std::size_t voice = 0; voice < voices_.size(); ++voice) {
    all.insert(all.end(), tokens.begin(), tokens.end());
    labels.insert(labels.end(), tokens.size(), voices_[voice]);
    for (const std::int32_t text : from)
      rows.push_back(static_cast<std::int32_t>(voice * texts_) + text);
  }
  texts_ = tokens.size();
  result_ = network_.step(all, result_.state.select(rows), labels);
}

std::span<const float> NextTokens::row(std::size_t voice, std::size_t text) const {
  const auto columns = static_cast<std::size_t>(result_.output.columns());
  return result_.output.values().subspan((voice * texts_ + text) * columns, columns);
}

std::span<const float> NextTokens::logits(std::size_t text) {
  const std::span<const float> own = row(0, text);
  if (guidance_ == 0) return own;
  guided_.assign(own.size(), 0);
  for (std::size_t voice = 1; voice < voices_.size(); ++voice) {
    const std::span<const float> other = row(voice, text);
    for (std::size_t i = 0; i < own.size(); ++i)
      guided_[i] += other[i];
  }
  const float others = static_cast<float>(voices_.size() - 1);
  for (std::size_t i = 0; i < own.size(); ++i)
    guided_[i] = own[i] + guidance_ * (own[i] - guided_[i] / others);
  return guided_;
}

}  // namespace rondo::lm
