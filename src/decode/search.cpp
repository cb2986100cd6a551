#include "decode/search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "decode/sampling.h"

namespace rondo::decode {
namespace {

struct Candidate {
  double score;
  std::size_t from;
  std::int32_t token;
};

bool better(const Candidate& a, const Candidate& b) {
  if (a.score != b.score) return a.score > b.score;
  return a.from != b.from ? a.from < b.from : a.token < b.token;
}

/// The logits of a row and what they are of: see SearchModel.
struct Logits {
  std::span<const float> values;
  std::span<const std::int32_t> tokens;

  static Logits of(const SearchModel& model, std::span<const float> all, std::size_t row,
                   std::size_t columns) {
    const std::span<const std::int32_t> tokens = model.tokens_of(row);
    return {all.subspan(row * columns, tokens.empty() ? columns : tokens.size()), tokens};
  }
  std::int32_t token(std::size_t i) const {
    return tokens.empty() ? static_cast<std::int32_t>(i) : tokens[i];
  }
};

/// The likeliest tokens of a row, the likeliest first.
class Likeliest {
 public:
  void find(const Logits& logits, std::size_t count, std::int32_t forbidden) {
    constexpr std::size_t together = 64;
    best_.clear();
    float least = -std::numeric_limits<float>::infinity();
    const std::span<const float> values = logits.values;
    for (std::size_t first = 0; first < values.size(); first += together) {
      const std::size_t last = std::min(values.size(), first + together);
      if (best_.size() == count && !any_above(values.subspan(first, last - first), least)) continue;
      for (std::size_t i = first; i < last; ++i) {
        if (best_.size() == count && !(values[i] > least)) continue;
        if (logits.token(i) == forbidden || std::isnan(values[i])) continue;
        insert({values[i], logits.token(i)}, count);
        least = best_.back().first;
      }
    }
  }
  const std::vector<std::pair<float, std::int32_t>>& best() const noexcept { return best_; }

 private:
  /// Most of a large vocabulary is below: without a branch for each.
  static bool any_above(std::span<const float> values, float least) {
    int above = 0;
    for (const float value : values)
      above |= static_cast<int>(value > least);
    return above != 0;
  }
  void insert(std::pair<float, std::int32_t> one, std::size_t count) {
    const auto at =
        std::find_if(best_.begin(), best_.end(), [&](const auto& b) { return one.first > b.first; });
    best_.insert(at, one);
    if (best_.size() > count) best_.pop_back();
  }
  std::vector<std::pair<float, std::int32_t>> best_;
};

/// The beam of one input.
class Beam {
 public:
  Beam(std::size_t longest, const SearchOptions& options) : longest_(longest), options_(&options), live_(1) {}

  std::size_t rows() const noexcept { return live_.size(); }
  std::int32_t last(std::size_t row) const {
    return live_[row].tokens.empty() ? options_->begin : live_[row].tokens.back();
  }
  /// Goes on by the best of all that can follow; `kept` gets the rows, from `first` on, that they come from.
  void advance(std::span<const Logits> logits, std::int32_t first, std::vector<std::int32_t>& kept) {
    const std::size_t slots = options_->beam - done_.size();
    std::vector<Found> next;
    for (const Candidate& c : candidates(logits, slots)) {
      Found found{live_[c.from].tokens, c.score};
      if (c.token == options_->end) {
        finish(std::move(found), true);
        continue;
      }
      found.tokens.push_back(c.token);
      next.push_back(std::move(found));
      kept.push_back(first + static_cast<std::int32_t>(c.from));
    }
    live_ = std::move(next);
    if (live_.empty() || (live_.front().tokens.size() < longest_ && !decided())) return;
    kept.resize(kept.size() - live_.size());
    if (live_.front().tokens.size() >= longest_)
      for (Found& cut : live_)
        finish(std::move(cut), false);
    live_.clear();
  }
  /// The best, the best first.
  std::vector<Found> results() {
    std::stable_sort(done_.begin(), done_.end(), [](const Found& a, const Found& b) {
      return a.ended != b.ended ? a.ended : a.score > b.score;
    });
    done_.resize(std::min(done_.size(), options_->best));
    return std::move(done_);
  }

 private:
  std::vector<Candidate> candidates(std::span<const Logits> logits, std::size_t slots) const {
    std::vector<Candidate> all;
    Likeliest likeliest;
    for (std::size_t row = 0; row < live_.size(); ++row) {
      const std::span<const float> own = logits[row].values;
      const double whole = log_sum(own);
      likeliest.find(logits[row], slots, options_->forbidden);
      for (const auto& [logit, token] : likeliest.best())
        all.push_back({live_[row].log_probability + (static_cast<double>(logit) - whole), row, token});
    }
    std::sort(all.begin(), all.end(), better);
    all.resize(std::min(all.size(), slots));
    return all;
  }
  void finish(Found found, bool ended) {
    found.ended = ended;
    found.score =
        normalized(found.log_probability, found.tokens.size() + (ended ? 1 : 0), options_->normalize);
    done_.push_back(std::move(found));
  }
  /// Whether none that goes on can be among the best: ln P only falls, and the length is limited.
  bool decided() const {
    if (done_.size() < options_->best) return false;
    std::vector<double> scores;
    for (const Found& found : done_)
      scores.push_back(found.score);
    std::sort(scores.begin(), scores.end(), std::greater<>());
    const double most = normalized(live_.front().log_probability, longest_ + 1, options_->normalize);
    return most <= scores[options_->best - 1];
  }

  std::size_t longest_;
  const SearchOptions* options_;
  std::vector<Found> live_, done_;
};

}  // namespace

double normalized(double log_probability, std::size_t length, double exponent) {
  return log_probability / std::pow(static_cast<double>(std::max<std::size_t>(length, 1)), exponent);
}

std::vector<std::vector<Found>> search(SearchModel& model, std::span<const std::size_t> longest,
                                       const SearchOptions& options) {
  std::vector<Beam> beams;
  for (const std::size_t most : longest)
    beams.emplace_back(most, options);
  for (;;) {
    std::vector<std::int32_t> tokens, kept;
    for (const Beam& beam : beams)
      for (std::size_t row = 0; row < beam.rows(); ++row)
        tokens.push_back(beam.last(row));
    if (tokens.empty()) break;
    const std::span<const float> logits = model.step(tokens);
    const std::size_t columns = logits.size() / tokens.size();
    std::vector<Logits> rows;
    for (std::size_t row = 0; row < tokens.size(); ++row)
      rows.push_back(Logits::of(model, logits, row, columns));
    std::size_t row = 0;
    for (Beam& beam : beams) {
      const std::size_t own = beam.rows();
      if (own == 0) continue;
      beam.advance(std::span(rows).subspan(row, own), static_cast<std::int32_t>(row), kept);
      row += own;
    }
    if (!kept.empty()) model.select(kept);
  }
  std::vector<std::vector<Found>> all;
  for (Beam& beam : beams)
    all.push_back(beam.results());
  return all;
}

std::vector<Found> draw(SearchModel& model, std::span<const std::size_t> longest,
                        const SearchOptions& options, float temperature,
                        std::span<const std::uint64_t> seeds) {
  std::vector<Found> all(longest.size());
  std::vector<Random> random;
  std::vector<std::size_t> live(longest.size());
  for (std::size_t i = 0; i < longest.size(); ++i) {
    random.emplace_back(seeds[i], 0);
    live[i] = i;
  }
  Sampler sampler({.temperature = temperature});
  while (!live.empty()) {
    std::vector<std::int32_t> tokens, kept;
    for (const std::size_t i : live)
      tokens.push_back(all[i].tokens.empty() ? options.begin : all[i].tokens.back());
    const std::span<const float> logits = model.step(tokens);
    const std::size_t columns = logits.size() / tokens.size();
    std::vector<std::size_t> next;
    for (std::size_t row = 0; row < live.size(); ++row) {
      Found& found = all[live[row]];
      const Logits given = Logits::of(model, logits, row, columns);
      std::vector<float> own(given.values.begin(), given.values.end());
      const double whole = log_sum(own);
      for (std::size_t i = 0; i < own.size(); ++i)
        if (given.token(i) == options.forbidden) own[i] = -std::numeric_limits<float>::infinity();
      const auto drawn = static_cast<std::size_t>(sampler(own, random[live[row]]));
      const std::int32_t token = given.token(drawn);
      found.log_probability += static_cast<double>(own[drawn]) - whole;
      found.ended = token == options.end;
      if (!found.ended) found.tokens.push_back(token);
      if (found.ended || found.tokens.size() >= longest[live[row]]) continue;
      next.push_back(live[row]);
      kept.push_back(static_cast<std::int32_t>(row));
    }
    live = std::move(next);
    if (!kept.empty()) model.select(kept);
  }
  for (Found& found : all)
    found.score =
        normalized(found.log_probability, found.tokens.size() + (found.ended ? 1 : 0), options.normalize);
  return all;
}

}  // namespace rondo::decode
