// The likeliest tags under a conditional random field.
#include <cmath>
#include <numeric>
#include <utility>

#include "ops/crf/lattice.h"

namespace rondo {
namespace {

using namespace crf;

/// Numbers that stay finite in any sum over a sequence, and compare: what is not a number is the lowest.
constexpr double most = 1e30;
double tamed(double x) {
  return std::isnan(x) ? -most : std::clamp(x, -most, most);
}

Chain tamed_chain(std::string_view operation, const Sequences& scores, const CRFWeights& weights,
                  const TagRules& rules) {
  Chain chain = chain_of(operation, scores, weights, rules);
  for (std::vector<double>* const numbers : {&chain.transitions, &chain.start, &chain.end})
    for (double& x : *numbers)
      if (x != never) x = tamed(x);
  return chain;
}

template <class T>
std::vector<double> tamed_scores(const T* rows, const Layout& layout, Index sequence, Index tags) {
  std::vector<double> scores(static_cast<std::size_t>(layout.length(sequence) * tags));
  copy_scores(rows, layout, sequence, tags, scores.data());
  std::transform(scores.begin(), scores.end(), scores.begin(), tamed);
  return scores;
}

/// The best way to each tag of each step of one sequence.
class Viterbi {
 public:
  explicit Viterbi(const Chain& chain)
      : chain_(chain),
        best_(static_cast<std::size_t>(chain.tags)),
        next_(static_cast<std::size_t>(chain.tags)) {}

  /// The tags, one a step of `scores`; false where the rules leave none.
  bool run(const std::vector<double>& scores, std::vector<std::int32_t>& tags) {
    const auto size = static_cast<std::size_t>(chain_.tags);
    const std::size_t length = scores.size() / size;
    from_.assign(scores.size(), 0);
    for (std::size_t k = 0; k < size; ++k)
      best_[k] = chain_.start[k] + scores[k];
    for (std::size_t t = 1; t < length; ++t) {
      step(from_.data() + t * size);
      for (std::size_t k = 0; k < size; ++k)
        best_[k] = next_[k] + scores[t * size + k];
    }
    for (std::size_t k = 0; k < size; ++k)
      best_[k] += chain_.end[k];
    auto tag = static_cast<std::size_t>(std::max_element(best_.begin(), best_.end()) - best_.begin());
    if (best_[tag] == never) return false;
    tags.resize(length);
    for (std::size_t t = length; t-- > 0;) {
      tags[t] = static_cast<std::int32_t>(tag);
      tag = static_cast<std::size_t>(from_[t * size + tag]);
    }
    return true;
  }

 private:
  void step(std::int32_t* from) {
    const Index size = chain_.tags;
    std::fill(next_.begin(), next_.end(), never);
    double* const next = next_.data();
    for (Index j = 0; j < size; ++j) {
      const double here = best_[static_cast<std::size_t>(j)];
      if (here == never) continue;
      const double* const transitions = chain_.transitions.data() + j * size;
      for (Index k = 0; k < size; ++k) {
        const double way = here + transitions[k];
        if (way <= next[k]) continue;
        next[k] = way;
        from[k] = static_cast<std::int32_t>(j);
      }
    }
  }

  const Chain& chain_;
  std::vector<double> best_, next_;
  std::vector<std::int32_t> from_;
};

/// A way to a tag of a step: from which tag, and by which of the ways to that.
struct Way {
  double score;
  std::int32_t tag;
  std::uint32_t rank;
};

/// The best few ways to each tag of each step of one sequence.
class BestWays {
 public:
  BestWays(const Chain& chain, std::size_t count) : chain_(chain), count_(count) {}

  std::vector<TagPath> run(const std::vector<double>& scores, double log_total) {
    const auto size = static_cast<std::size_t>(chain_.tags);
    const std::size_t length = scores.size() / size;
    ways_.assign(length, std::vector<std::vector<Way>>(size));
    for (std::size_t t = 0; t < length; ++t)
      for (std::size_t k = 0; k < size; ++k) {
        if (t == 0)
          candidates_ = {{chain_.start[k], 0, 0}};
        else
          extend(ways_[t - 1], [&](std::size_t j) { return chain_.transitions[j * size + k]; });
        ways_[t][k] = best_candidates();
        for (Way& way : ways_[t][k])
          way.score += scores[t * size + k];
      }
    extend(ways_.back(), [&](std::size_t j) { return chain_.end[j]; });
    std::vector<TagPath> paths;
    for (const Way& last : best_candidates())
      paths.push_back({tags_of(last), last.score, last.score - log_total});
    return paths;
  }

 private:
  template <class Step>
  void extend(const std::vector<std::vector<Way>>& before, const Step& step) {
    candidates_.clear();
    for (std::size_t j = 0; j < before.size(); ++j)
      for (std::size_t rank = 0; rank < before[j].size(); ++rank)
        candidates_.push_back({before[j][rank].score + step(j), static_cast<std::int32_t>(j),
                               static_cast<std::uint32_t>(rank)});
  }

  /// Best first; of equal ones the earlier candidates, which have lower tags.
  std::vector<Way> best_candidates() {
    std::erase_if(candidates_, [](const Way& way) { return way.score == never; });
    std::stable_sort(candidates_.begin(), candidates_.end(),
                     [](const Way& a, const Way& b) { return a.score > b.score; });
    if (candidates_.size() > count_) candidates_.resize(count_);
    return candidates_;
  }

  std::vector<std::int32_t> tags_of(Way way) const {
    std::vector<std::int32_t> tags(ways_.size());
    for (std::size_t t = ways_.size(); t-- > 0;) {
      tags[t] = way.tag;
      way = ways_[t][static_cast<std::size_t>(way.tag)][way.rank];
    }
    return tags;
  }

  const Chain& chain_;
  std::size_t count_;
  std::vector<std::vector<std::vector<Way>>> ways_;  ///< [step][tag]
  std::vector<Way> candidates_;
};

/// Calls body(sequence, its scores) for all, on several threads.
template <class Body>
void for_each_sequence(std::string_view operation, const Sequences& x, const Chain& chain, const Body& body) {
  const Layout& layout = *x.layout();
  visit_float(x.rows().dtype(), operation, [&]<class T>() {
    const T* const rows = elements<T>(x.rows().value());
    parallel_balanced(work_of(layout, chain.tags), work_grain, [&](std::size_t place) {
      const auto sequence = static_cast<Index>(place);
      body(sequence, tamed_scores(rows, layout, sequence, chain.tags));
    });
  });
}

}  // namespace

Tensor crf_tags(const Sequences& scores, const CRFWeights& weights, const TagRules& rules) {
  static constexpr std::string_view operation = "crf_tags";
  const Chain chain = tamed_chain(operation, scores, weights, rules);
  const Layout& layout = *scores.layout();
  Tensor result = Tensor::uninitialised({layout.rows()}, DType::i32);
  auto* const to = elements<std::int32_t>(result);
  for_each_sequence(operation, scores, chain, [&](Index sequence, const std::vector<double>& numbers) {
    std::vector<std::int32_t> tags;
    if (!Viterbi(chain).run(numbers, tags)) refuse_length(operation, layout.length(sequence));
    for (std::size_t t = 0; t < tags.size(); ++t)
      to[layout.row(sequence, static_cast<Index>(t))] = tags[t];
  });
  return result;
}

std::vector<std::vector<TagPath>> crf_best(const Sequences& scores, const CRFWeights& weights,
                                           const TagRules& rules, int count) {
  static constexpr std::string_view operation = "crf_best";
  if (count < 1) fail(ErrorKind::option, "crf_best: count must be at least 1, got " + std::to_string(count));
  const Chain chain = tamed_chain(operation, scores, weights, rules);
  const Layout& layout = *scores.layout();
  const Lattice lattice(scores, chain);
  std::vector<std::vector<TagPath>> results(static_cast<std::size_t>(layout.sequences()));
  for_each_sequence(operation, scores, chain, [&](Index sequence, const std::vector<double>& numbers) {
    const auto place = static_cast<std::size_t>(sequence);
    std::vector<TagPath> paths =
        BestWays(chain, static_cast<std::size_t>(count)).run(numbers, lattice.log_totals()[place]);
    if (paths.empty()) refuse_length(operation, layout.length(sequence));
    results[static_cast<std::size_t>(layout.order()[place])] = std::move(paths);
  });
  return results;
}

}  // namespace rondo
