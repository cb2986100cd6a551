// Writing text: one token after another, several samples side by side.
#include <utility>

#include "base/fields.h"
#include "base/message.h"
#include "base/random.h"
#include "decode/sampling.h"
#include "tasks/lm/beam.h"
#include "tasks/lm/model.h"
#include "tasks/lm/rules.h"

namespace rondo {
namespace {

using Piece = std::function<bool(int, std::string_view)>;

/// One text that is being written.
class Sample {
 public:
  Sample(int number, const GenerateOptions& options, const lm::Rules& rules,
         std::span<const std::int32_t> prompt, const Piece& piece)
      : number_(number),
        options_(options),
        rules_(rules),
        piece_(piece),
        keep_(rules.length() > 0 || !piece),
        random_(options.seed, mix(hash_of("generate"), static_cast<std::uint64_t>(number))),
        text_(rules.start(prompt)) {}

  std::int32_t choose(std::span<const float> logits, decode::Sampler& sampler,
                      std::span<const std::int32_t> prompt) {
    scores_.assign(logits.begin(), logits.end());
    if (options_.repetition_penalty != 1) {
      if (seen_.empty()) read(prompt);
      decode::penalise_repetition(scores_, seen_, options_.repetition_penalty);
    }
    rules_.restrict(scores_, text_);
    return sampler(scores_, random_);
  }
  void write(std::int32_t token, std::span<const float> logits) {
    ++count_;
    if (keep_ && token != TextUnits::border) {
      written_.tokens.push_back(token);
      written_.log_probabilities.push_back(static_cast<float>(decode::log_probability(logits, token)));
    }
    if (!seen_.empty()) seen_[static_cast<std::size_t>(token)] = 1;
    const std::size_t settled = rules_.take(text_, token);
    written_.ended = text_.ended;
    const bool last = text_.ended || (rules_.length() > 0 && count_ >= rules_.length());
    ended_ = last;
    give(last ? text_.held.size() : settled);
  }
  bool ended() const noexcept { return ended_; }
  std::int32_t last() const noexcept { return text_.last; }
  Generated take() { return std::move(written_); }

 private:
  void read(std::span<const std::int32_t> prompt) {
    seen_.resize(scores_.size());
    for (const std::int32_t token : prompt)
      seen_[static_cast<std::size_t>(token)] = 1;
  }
  void give(std::size_t size) {
    if (size == 0) return;
    const std::string text = text_.held.substr(0, size);
    text_.held.erase(0, size);
    if (keep_) written_.text += text;
    if (piece_ && !piece_(number_, text)) ended_ = true;
  }

  int number_;
  const GenerateOptions& options_;
  const lm::Rules& rules_;
  const Piece& piece_;
  bool keep_;
  Random random_;
  std::vector<std::uint8_t> seen_;
  std::vector<float> scores_;
  lm::Writing text_;
  Generated written_;
  std::int64_t count_ = 0;
  bool ended_ = false;
};

/// All samples, drawn token by token; rows of the network are those that still go on.
std::vector<Generated> drawn(const lm::LanguageNet& network, std::span<const std::int32_t> prompt,
                             const GenerateOptions& options, const lm::Rules& rules, const Piece& piece,
                             const lm::Steering& steering) {
  std::vector<Sample> samples;
  for (int i = 0; i < options.samples; ++i)
    samples.emplace_back(i, options, rules, prompt, piece);
  decode::Sampler sampler({options.temperature, options.top_k, options.top_p, options.min_p});
  lm::NextTokens after(network, steering);
  after.read(prompt);
  std::vector<std::size_t> alive(samples.size());
  std::vector<std::int32_t> rows(samples.size(), 0);  // all go on from the one row of the prompt
  for (std::size_t i = 0; i < alive.size(); ++i)
    alive[i] = i;
  while (!alive.empty()) {
    std::vector<std::size_t> next;
    std::vector<std::int32_t> kept, written;
    for (std::size_t k = 0; k < alive.size(); ++k) {
      Sample& sample = samples[alive[k]];
      const std::span<const float> logits = after.logits(static_cast<std::size_t>(rows[k]));
      sample.write(sample.choose(logits, sampler, prompt), logits);
      if (sample.ended()) continue;
      next.push_back(alive[k]);
      kept.push_back(rows[k]);
      written.push_back(sample.last());
    }
    alive = std::move(next);
    if (alive.empty()) break;
    after.step(written, kept);
    rows.resize(alive.size());
    for (std::size_t k = 0; k < rows.size(); ++k)
      rows[k] = static_cast<std::int32_t>(k);
  }
  std::vector<Generated> all;
  for (Sample& sample : samples)
    all.push_back(sample.take());
  return all;
}

}  // namespace

std::vector<Generated> LanguageModel::generate(std::string_view prompt, const GenerateOptions& options,
                                               const Piece& piece) const {
  rondo::check(options, {"generate", ErrorKind::option});
  const lm::Rules rules(units(), options, impl_->network.input().several, static_cast<bool>(piece));
  const InferenceMode constant;
  const std::vector<std::int32_t> tokens = units().encode(prompt);
  const lm::Steering steering = {impl_->network.input().label_number(options.label), options.guidance};
  if (options.beam == 0) return drawn(*impl_->network, tokens, options, rules, piece, steering);
  if (options.samples > options.beam)
    fail(ErrorKind::option, "a beam of " + std::to_string(options.beam) + " has no " +
                                std::to_string(options.samples) + " samples; make it wider");
  std::vector<Generated> all = lm::likeliest(*impl_->network, tokens, options, rules, steering);
  for (std::size_t i = 0; piece && i < all.size(); ++i)
    piece(static_cast<int>(i), all[i].text);
  return all;
}

}  // namespace rondo
