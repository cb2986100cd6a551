// Writing text: one token after another, several samples side by side.
#include <algorithm>
#include <limits>
#include <utility>

#include "base/fields.h"
#include "base/message.h"
#include "base/random.h"
#include "base/utf8.h"
#include "decode/sampling.h"
#include "tasks/lm/model.h"

namespace rondo {
namespace {

using Piece = std::function<bool(int, std::string_view)>;

void check_end(const GenerateOptions& o, bool streams, bool ends) {
  if (o.length == 0 && o.stop.empty() && !ends && !streams)
    fail(ErrorKind::option,
         "length must be above 0 for a model whose texts have no end, unless there is a stop");
  for (const std::string& stop : o.stop)
    if (stop.empty()) fail(ErrorKind::option, "stop must not be empty");
}

/// Where a stop begins that is complete in `text`: of several the one that ends first.
std::size_t find_stop(std::string_view text, const std::vector<std::string>& stops) {
  std::size_t found = std::string_view::npos, ends = std::string_view::npos;
  for (const std::string& stop : stops) {
    const std::size_t at = text.find(stop);
    if (at != std::string_view::npos && (at + stop.size() < ends || ends == std::string_view::npos)) {
      found = at;
      ends = at + stop.size();
    }
  }
  return found;
}

/// How much of the end of `text` could be the beginning of a stop.
std::size_t held_back(std::string_view text, const std::vector<std::string>& stops) {
  std::size_t most = 0;
  for (const std::string& stop : stops)
    for (std::size_t length = std::min(stop.size() - 1, text.size()); length > most; --length)
      if (text.ends_with(std::string_view(stop).substr(0, length))) most = length;
  return most;
}

/// One text that is being written.
class Sample {
 public:
  Sample(int number, const GenerateOptions& options, const TextUnits& units, const Piece& piece)
      : number_(number),
        options_(options),
        units_(units),
        piece_(piece),
        keep_(options.length > 0 || !piece),
        random_(options.seed, mix(hash_of("generate"), static_cast<std::uint64_t>(number))) {}

  void read(std::int32_t token) {
    if (options_.repetition_penalty != 1) {
      seen_.resize(static_cast<std::size_t>(units_.vocab().size()));
      seen_[static_cast<std::size_t>(token)] = 1;
    }
    last_ = token;
  }
  std::int32_t choose(std::span<const float> logits, decode::Sampler& sampler, bool may_end) {
    scores_.assign(logits.begin(), logits.end());
    if (!seen_.empty()) decode::penalise_repetition(scores_, seen_, options_.repetition_penalty);
    constexpr float never = -std::numeric_limits<float>::infinity();
    scores_[TextUnits::unknown] = never;
    if (!may_end) scores_[TextUnits::border] = never;
    return sampler(scores_, random_);
  }
  void write(std::int32_t token, std::span<const float> logits) {
    ++count_;
    if (token == TextUnits::border) {
      end(true);
      return;
    }
    if (keep_) {
      written_.tokens.push_back(token);
      written_.log_probabilities.push_back(static_cast<float>(decode::log_probability(logits, token)));
    }
    held_ += units_.decode(std::span(&token, 1), last_);
    read(token);
    const std::size_t stop = find_stop(held_, options_.stop);
    if (stop != std::string_view::npos) {
      held_.resize(stop);
      end(true);
      return;
    }
    give(held_.size() - held_back(held_, options_.stop));
    if (options_.length > 0 && count_ >= options_.length) end(false);
  }
  bool ended() const noexcept { return ended_; }
  std::int32_t last() const noexcept { return last_; }
  Generated take() { return std::move(written_); }

 private:
  void give(std::size_t size) {
    if (size == 0) return;
    const std::string text = held_.substr(0, size);
    held_.erase(0, size);
    if (keep_) written_.text += text;
    if (piece_ && !piece_(number_, text)) ended_ = true;
  }
  void end(bool by_itself) {
    give(held_.size());
    written_.ended = by_itself;
    ended_ = true;
  }

  int number_;
  const GenerateOptions& options_;
  const TextUnits& units_;
  const Piece& piece_;
  bool keep_;
  Random random_;
  std::vector<std::uint8_t> seen_;
  std::vector<float> scores_;
  std::string held_;  ///< not given yet: it may be the beginning of a stop
  Generated written_;
  std::int32_t last_ = TextUnits::border;
  std::int64_t count_ = 0;
  bool ended_ = false;
};

/// The prompt's state, and the logits of what follows it, of one row.
StepResult read_prompt(const lm::LanguageNet& network, std::span<const std::int32_t> tokens) {
  constexpr std::size_t at_once = 1'024;
  StepResult result = network.read({TextUnits::border}, network.start(1));
  for (std::size_t at = 0; at < tokens.size(); at += at_once) {
    const auto part = tokens.subspan(at, std::min(at_once, tokens.size() - at));
    result = network.read({part.begin(), part.end()}, result.state);
  }
  return result;
}

std::span<const float> row_of(const Var& logits, std::size_t row) {
  const auto columns = static_cast<std::size_t>(logits.columns());
  return logits.values().subspan(row * columns, columns);
}

}  // namespace

std::vector<Generated> LanguageModel::generate(std::string_view prompt, const GenerateOptions& options,
                                               const Piece& piece) const {
  rondo::check(options, {"generate", ErrorKind::option});
  const lm::LanguageNet& network = *impl_->network;
  const bool ends = impl_->network.input().several;
  check_end(options, static_cast<bool>(piece), ends);
  const InferenceMode constant;
  const std::vector<std::int32_t> tokens = units().encode(prompt);
  std::vector<Sample> samples;
  for (int i = 0; i < options.samples; ++i) {
    samples.emplace_back(i, options, units(), piece);
    for (const std::int32_t token : tokens)
      samples.back().read(token);
  }
  decode::Sampler sampler({options.temperature, options.top_k, options.top_p, options.min_p});
  StepResult result = read_prompt(network, tokens);
  std::vector<std::size_t> alive(samples.size());
  std::vector<std::int32_t> rows(samples.size(), 0);  // all go on from the one row of the prompt
  for (std::size_t i = 0; i < alive.size(); ++i)
    alive[i] = i;
  while (!alive.empty()) {
    std::vector<std::size_t> next;
    std::vector<std::int32_t> kept, written;
    for (std::size_t k = 0; k < alive.size(); ++k) {
      Sample& sample = samples[alive[k]];
      const std::span<const float> logits = row_of(result.output, static_cast<std::size_t>(rows[k]));
      sample.write(sample.choose(logits, sampler, ends), logits);
      if (sample.ended()) continue;
      next.push_back(alive[k]);
      kept.push_back(rows[k]);
      written.push_back(sample.last());
    }
    alive = std::move(next);
    if (alive.empty()) break;
    result = network.step(written, result.state.select(kept));
    rows.resize(alive.size());
    for (std::size_t k = 0; k < rows.size(); ++k)
      rows[k] = static_cast<std::int32_t>(k);
  }
  std::vector<Generated> all;
  for (Sample& sample : samples)
    all.push_back(sample.take());
  return all;
}

}  // namespace rondo
