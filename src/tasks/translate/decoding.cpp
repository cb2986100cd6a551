#include "tasks/translate/decoding.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "base/message.h"
#include "decode/search.h"
#include "runtime/parallel.h"
#include "tasks/side_by_side.h"

namespace rondo::translate {
namespace {

/// What each of some sources, in packed order, is translated into, and the projection on all of that.
class Shortlists {
 public:
  Shortlists(const TranslationNet& net, std::vector<std::vector<std::int32_t>> lists)
      : lists_(std::move(lists)), all_(joined(lists_)), project_(net.logits_of(all_)) {
    for (const std::vector<std::int32_t>& list : lists_) {
      std::vector<std::size_t>& places = places_.emplace_back();
      for (const std::int32_t token : list)
        places.push_back(
            static_cast<std::size_t>(std::lower_bound(all_.begin(), all_.end(), token) - all_.begin()));
      widest_ = std::max(widest_, places.size());
    }
  }
  const std::vector<std::int32_t>& of(std::int32_t source) const {
    return lists_[static_cast<std::size_t>(source)];
  }
  /// For each row the logits of its source's list, as many for each.
  std::span<const float> logits(const Var& tops, std::span<const std::int32_t> source_of) {
    const Var projected = project_(tops);
    logits_.resize(source_of.size() * widest_);
    for (std::size_t row = 0; row < source_of.size(); ++row) {
      const float* const from = projected.values().data() + row * all_.size();
      float* to = logits_.data() + row * widest_;
      for (const std::size_t place : places_[static_cast<std::size_t>(source_of[row])])
        *to++ = from[place];
    }
    return logits_;
  }

 private:
  static std::vector<std::int32_t> joined(const std::vector<std::vector<std::int32_t>>& lists) {
    std::vector<std::int32_t> all;
    for (const std::vector<std::int32_t>& list : lists)
      all.insert(all.end(), list.begin(), list.end());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  std::vector<std::vector<std::int32_t>> lists_;
  std::vector<std::int32_t> all_;
  PackedLinear project_;
  std::vector<std::vector<std::size_t>> places_;  ///< of each list's tokens in all_
  std::size_t widest_ = 0;
  std::vector<float> logits_;
};

/// A batch of encoded sources that the decoder goes through.
class NetworkSearch final : public decode::SearchModel {
 public:
  /// `shortlists`: nothing for all tokens.
  NetworkSearch(const TranslationNet& net, const Ids& sources, std::optional<Shortlists> shortlists)
      : net_(net), memory_(net.encode(sources)), state_(memory_.start), shortlists_(std::move(shortlists)) {
    source_of_.resize(static_cast<std::size_t>(sources.count()));
    std::iota(source_of_.begin(), source_of_.end(), 0);
  }
  void select(std::span<const std::int32_t> rows) override {
    std::vector<std::int32_t> sources;
    for (const std::int32_t row : rows)
      sources.push_back(source_of_[static_cast<std::size_t>(row)]);
    source_of_ = std::move(sources);
    state_ = state_.select(rows);
  }
  std::span<const float> step(std::span<const std::int32_t> tokens) override {
    const Tensor ids = Tensor::of({static_cast<std::int64_t>(tokens.size())}, tokens);
    const Var tops = net_.step(memory_, source_of_, ids, state_);
    if (shortlists_) return shortlists_->logits(tops, source_of_);
    logits_ = net_.logits(tops);
    return logits_.values();
  }
  std::span<const std::int32_t> tokens_of(std::size_t row) const override {
    if (!shortlists_) return {};
    return shortlists_->of(source_of_[row]);
  }

 private:
  const TranslationNet& net_;
  Memory memory_;
  DecoderState state_;
  std::vector<std::int32_t> source_of_;
  std::optional<Shortlists> shortlists_;
  Var logits_;
};

std::optional<Shortlists> shortlists_of(const TranslationModel& model, const Ids& packed,
                                        std::span<const std::vector<std::int32_t>> sources,
                                        const TranslateOptions& options) {
  if (options.shortlist == 0) return {};
  std::vector<std::vector<std::int32_t>> lists;
  for (const std::int32_t k : packed.layout()->order())
    lists.push_back(model.input().shortlist(sources[static_cast<std::size_t>(k)], options.shortlist));
  return Shortlists(*model, std::move(lists));
}

/// Enough rows for a step's products to run at full speed. The logits of more would leave the caches.
constexpr std::size_t rows_at_once = 80;
constexpr std::size_t most_at_once = 32, fewest_at_once = 4;

std::size_t decoded_at_once(const TranslateOptions& options) {
  return std::clamp(rows_at_once / static_cast<std::size_t>(options.beam), fewest_at_once, most_at_once);
}

std::uint64_t seed_for(std::uint64_t seed, const std::vector<std::int32_t>& tokens) {
  return data::content_hash(data::content_of(seed, tokens));
}

std::size_t best_of(const TranslateOptions& options) {
  return static_cast<std::size_t>(std::min(options.n_best, options.beam));
}

/// What was found for each of some sources, in the order of `which`.
std::vector<std::vector<decode::Found>> find(const TranslationModel& model, std::span<const Encoded> sources,
                                             std::span<const std::size_t> which,
                                             const TranslateOptions& options) {
  std::vector<std::vector<std::int32_t>> tokens;
  for (const std::size_t i : which) {
    tokens.push_back(sources[i].tokens);
    tokens.back().push_back(model.input().source_end(options.to));
  }
  const Ids ids = Ids::pack(tokens);
  NetworkSearch network(*model, ids, shortlists_of(model, ids, tokens, options));
  const Units& target = model.input().target;
  const auto beam = static_cast<std::size_t>(options.beam);
  const decode::SearchOptions search{.beam = beam,
                                     .normalize = static_cast<double>(options.normalize),
                                     .best = options.coverage > 0 ? beam : best_of(options),
                                     .begin = target.begin(),
                                     .end = target.end(),
                                     .forbidden = target.begin()};
  std::vector<std::size_t> longest;
  std::vector<std::uint64_t> seeds;
  for (const std::int32_t k : ids.layout()->order()) {
    const std::vector<std::int32_t>& own = tokens[static_cast<std::size_t>(k)];
    longest.push_back(10 + static_cast<std::size_t>(std::ceil(static_cast<double>(options.max_length_factor) *
                                                              static_cast<double>(own.size()))));
    seeds.push_back(seed_for(options.seed, own));
  }
  std::vector<std::vector<decode::Found>> packed;
  if (options.temperature > 0)
    for (decode::Found& found : decode::draw(network, longest, search, options.temperature, seeds))
      packed.push_back({std::move(found)});
  else
    packed = decode::search(network, longest, search);
  std::vector<std::vector<decode::Found>> all(which.size());
  for (std::size_t k = 0; k < packed.size(); ++k)
    all[static_cast<std::size_t>(ids.layout()->order()[k])] = std::move(packed[k]);
  return all;
}

/// The sum over source tokens of ln min(1, the attention that each got); a token that got none counts 1e-9.
double coverage_of(const Examined& examined) {
  std::vector<double> got(examined.attention.front().size());
  for (const std::vector<double>& row : examined.attention)
    for (std::size_t s = 0; s < got.size(); ++s)
      got[s] += row[s];
  double sum = 0;
  for (const double weight : got)
    sum += std::log(std::min(1.0, std::max(weight, 1e-9)));
  return sum;
}

/// Ranks the beam's translations of a source again by what they left out, and keeps the best.
void rank_by_coverage(const TranslationModel& model, const Encoded& source, const TranslateOptions& options,
                      std::vector<decode::Found>& found) {
  std::vector<NumberedPair> pairs;
  for (const decode::Found& one : found) {
    pairs.push_back({source.tokens, one.tokens});
    pairs.back().source.push_back(model.input().source_end(options.to));
  }
  const std::vector<Examined> examined = examine(model, pairs);
  for (std::size_t i = 0; i < found.size(); ++i)
    found[i].score += static_cast<double>(options.coverage) * coverage_of(examined[i]);
  std::stable_sort(found.begin(), found.end(), [](const decode::Found& a, const decode::Found& b) {
    return a.ended != b.ended ? a.ended : a.score > b.score;
  });
  found.resize(std::min(found.size(), best_of(options)));
}

/// The text; what is unknown is the source's word that the decoder looked at.
Translation spelled(const TranslationModel& model, const Encoded& source, const decode::Found& found,
                    std::string_view language) {
  Examined examined;
  if (model->attends() &&
      std::find(found.tokens.begin(), found.tokens.end(), Vocab::unknown) != found.tokens.end()) {
    NumberedPair pair{source.tokens, found.tokens};
    pair.source.push_back(model.input().source_end(language));
    examined = std::move(examine(model, std::span(&pair, 1)).front());
  }
  const auto unknown = [&](std::size_t token) {
    if (examined.attention.empty()) return std::string();
    std::vector<double> weights = examined.attention[token];
    weights.pop_back();  // the end is no word
    return source.words[static_cast<std::size_t>(source.word_of[strongest(weights)])];
  };
  return {model.input().target.decode(found.tokens, unknown), found.log_probability, found.score,
          found.ended};
}

}  // namespace

std::vector<std::vector<Translation>> translations(const TranslationModel& model,
                                                   std::span<const std::string> texts,
                                                   const TranslateOptions& options) {
  const InferenceMode constant;
  if (options.coverage > 0 && !model->attends())
    fail(ErrorKind::option, "coverage wants a model with attention; this one has none; leave it at 0");
  if (options.shortlist > 0 && model.input().lexicon.empty())
    fail(ErrorKind::option,
         "shortlist wants a model with a lexicon, got one without; train it with --lexicon 50, or leave the "
         "shortlist at 0");
  std::vector<Encoded> sources;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    sources.push_back(model.input().source.encode(texts[i]));
    if (!sources.back().tokens.empty()) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return sources[a].tokens.size() > sources[b].tokens.size();
  });
  std::vector<std::vector<Translation>> all(texts.size(), {Translation{}});
  const std::size_t at_once = decoded_at_once(options);
  const auto decode = [&](std::size_t batch) {
    const InferenceMode of_this_thread;
    const std::size_t at = batch * at_once;
    const auto which = std::span(order).subspan(at, std::min(at_once, order.size() - at));
    auto found = find(model, sources, which, options);
    for (std::size_t k = 0; k < which.size(); ++k) {
      all[which[k]].clear();
      if (options.coverage > 0) rank_by_coverage(model, sources[which[k]], options, found[k]);
      for (const decode::Found& one : found[k])
        all[which[k]].push_back(spelled(model, sources[which[k]], one, options.to));
    }
  };
  const std::size_t batches = (order.size() + at_once - 1) / at_once;
  if (batches >= static_cast<std::size_t>(parallelism()))
    run_side_by_side(batches, decode);
  else  // all threads share each step of a batch
    for (std::size_t batch = 0; batch < batches; ++batch)
      decode(batch);
  return all;
}

}  // namespace rondo::translate
