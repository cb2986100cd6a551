// Likelihood and marginals of a conditional random field.
#include <cmath>
#include <utility>

#include "ops/crf/lattice.h"
#include "ops/loss_options.h"

namespace rondo {
namespace {

using namespace crf;

constexpr std::string_view operation = "crf_loss";

/// "sequence 3 goes from tag 1 to tag 2 at step 4"
[[noreturn]] void refuse_tags(const Layout& layout, Index sequence, const std::string& what, Index step) {
  fail(ErrorKind::data, std::string(operation) + ": sequence " +
                            std::to_string(layout.order()[static_cast<std::size_t>(sequence)]) + " " + what +
                            " at step " + std::to_string(step) + ", which the rules forbid");
}

void check_tags(const Tensor& tags, Index rows, Index count) {
  if (tags.dtype() != DType::i32 || tags.shape() != Shape{rows})
    refuse_shape(operation, "tags i32 " + to_string({rows}), describe(tags));
  for (const std::int32_t tag : tags.data<std::int32_t>())
    if (tag < 0 || tag >= count)
      refuse_shape(operation, "tags within [0, " + std::to_string(count) + ")", std::to_string(tag));
}

/// s(y) of the tags given.
template <class T>
double score_of(const T* scores, const std::int32_t* tags, const Layout& layout, const Chain& chain,
                Index sequence) {
  double score = 0;
  Index before = 0;
  for (Index t = 0; t < layout.length(sequence); ++t) {
    const Index row = layout.row(sequence, t), tag = tags[row];
    const double step = t == 0 ? chain.start[static_cast<std::size_t>(tag)]
                               : chain.transitions[static_cast<std::size_t>(before * chain.tags + tag)];
    if (step == never)
      refuse_tags(layout, sequence,
                  t == 0 ? "begins with tag " + std::to_string(tag)
                         : "goes from tag " + std::to_string(before) + " to " + std::to_string(tag),
                  t);
    score += step + static_cast<double>(scores[row * chain.tags + tag]);
    before = tag;
  }
  const double end = chain.end[static_cast<std::size_t>(before)];
  if (end == never)
    refuse_tags(layout, sequence, "ends with tag " + std::to_string(before), layout.length(sequence) - 1);
  return score + end;
}

/// Each sequence's part in the mean.
std::vector<double> shares_of(const Tensor& weights, const Layout& layout) {
  std::vector<double> shares;
  double total = 0;
  for (Index i = 0; i < layout.sequences(); ++i) {
    shares.push_back(weights.at(i));
    total += shares.back() * static_cast<double>(layout.length(i));
  }
  for (double& share : shares)
    share = total == 0 ? 0 : share / total;
  return shares;
}

/// The gradients of the mean, in the order of CRFWeights.
struct Slopes {
  Tensor scores, transitions, start, end;
};

/// What the weights' gradients are: expected counts less those of the tags given.
class Counts {
 public:
  Counts(Index tags, const Layout& layout, const std::int32_t* given, const std::vector<double>& shares)
      : tags_(tags), layout_(layout), given_(given), shares_(shares) {}

  std::vector<double> transitions(const Lattice& lattice) const {
    std::vector<double> counts(static_cast<std::size_t>(tags_ * tags_));
    parallel_for(tags_, std::max<Index>(1, work_grain / std::max<Index>(1, layout_.rows() * tags_)),
                 [&](Index begin, Index end) {
                   for (Index from = begin; from < end; ++from)
                     lattice.add_pairs(from, shares_, counts.data() + from * tags_);
                 });
    for (Index i = 0; i < layout_.sequences(); ++i)
      for (Index t = 1; t < layout_.length(i); ++t)
        counts[static_cast<std::size_t>(tag(i, t - 1) * tags_ + tag(i, t))] -= share(i);
    return counts;
  }
  /// Of the first steps, or of the last ones.
  template <class T>
  std::vector<double> ends(const T* marginals, bool first) const {
    std::vector<double> counts(static_cast<std::size_t>(tags_));
    for (Index i = 0; i < layout_.sequences(); ++i) {
      const Index t = first ? 0 : layout_.length(i) - 1;
      const T* const row = marginals + layout_.row(i, t) * tags_;
      for (Index k = 0; k < tags_; ++k)
        counts[static_cast<std::size_t>(k)] += share(i) * static_cast<double>(row[k]);
      counts[static_cast<std::size_t>(tag(i, t))] -= share(i);
    }
    return counts;
  }
  /// From marginals to the gradient of the scores.
  template <class T>
  void scores(T* marginals) const {
    for (Index i = 0; i < layout_.sequences(); ++i)
      for (Index t = 0; t < layout_.length(i); ++t) {
        T* const row = marginals + layout_.row(i, t) * tags_;
        row[tag(i, t)] -= 1;
        kernels<T>().scale(tags_, static_cast<T>(share(i)), row, row);
      }
  }

 private:
  Index tag(Index sequence, Index step) const { return given_[layout_.row(sequence, step)]; }
  double share(Index sequence) const { return shares_[static_cast<std::size_t>(sequence)]; }

  Index tags_;
  const Layout& layout_;
  const std::int32_t* given_;
  const std::vector<double>& shares_;
};

template <class T>
Tensor tensor_of(Shape shape, const std::vector<double>& numbers) {
  Tensor tensor = Tensor::uninitialised(std::move(shape), dtype_of<T>);
  std::transform(numbers.begin(), numbers.end(), elements<T>(tensor),
                 [](double number) { return static_cast<T>(number); });
  return tensor;
}

template <class T>
Slopes slopes_of(Lattice& lattice, const Counts& counts, const Shape& shape) {
  const Index tags = shape[1];
  Slopes slopes;
  slopes.scores = Tensor::uninitialised(shape, dtype_of<T>);
  T* const marginals = elements<T>(slopes.scores);
  lattice.backward(marginals);
  slopes.transitions = tensor_of<T>({tags, tags}, counts.transitions(lattice));
  slopes.start = tensor_of<T>({tags}, counts.ends(marginals, true));
  slopes.end = tensor_of<T>({tags}, counts.ends(marginals, false));
  counts.scores(marginals);
  return slopes;
}

void check_totals(std::string_view of, const std::vector<double>& log_totals, const Layout& layout) {
  for (std::size_t i = 0; i < log_totals.size(); ++i)
    if (log_totals[i] == never) refuse_length(of, layout.length(static_cast<Index>(i)));
}

/// Hands each slope on, times what arrived for the loss.
void give_slopes(Gradients& g, const Sequences& scores, const CRFWeights& chain, const Slopes& slopes) {
  const auto give = [&](const Var& input, Tensor slope) {
    if (!input.defined() || !g.wants(input)) return;
    visit_float(slope.dtype(), operation, [&]<class T>() {
      const T arrived = arrived_number<T>(g);
      if (arrived != 1) kernels<T>().scale(slope.size(), arrived, elements<T>(slope), elements<T>(slope));
    });
    g.give(input, std::move(slope));
  };
  give(scores.rows(), slopes.scores);
  give(chain.transitions, slopes.transitions);
  give(chain.start, slopes.start);
  give(chain.end, slopes.end);
}

}  // namespace

Var crf_loss(const Sequences& scores, const Tensor& tags, const CRFWeights& weights, const TagRules& rules,
             const Tensor& sequence_weights) {
  const Chain chain = chain_of(operation, scores, weights, rules);
  const Layout& layout = *scores.layout();
  check_tags(tags, layout.rows(), chain.tags);
  const DType type = scores.rows().dtype();
  const std::vector<double> shares =
      shares_of(checked_weights(operation, "weights", sequence_weights, layout.sequences(), type), layout);
  const auto* const given = elements<std::int32_t>(tags);
  const std::vector<Var> inputs = [&] {
    std::vector<Var> defined = {scores.rows()};
    for (const Var& weight : {weights.transitions, weights.start, weights.end})
      if (weight.defined()) defined.push_back(weight);
    return defined;
  }();

  Slopes slopes;
  double loss = 0;
  visit_float(type, operation, [&]<class T>() {
    std::vector<double> scored;
    for (Index i = 0; i < layout.sequences(); ++i)
      scored.push_back(score_of(elements<T>(scores.rows().value()), given, layout, chain, i));
    Lattice lattice(scores, chain);
    check_totals(operation, lattice.log_totals(), layout);
    for (std::size_t i = 0; i < scored.size(); ++i)
      loss += shares[i] * (lattice.log_totals()[i] - scored[i]);
    if (any_tracked(inputs))
      slopes = slopes_of<T>(lattice, Counts(chain.tags, layout, given, shares), scores.rows().shape());
  });
  return record(number(loss, type), inputs, [scores, weights, slopes = std::move(slopes)](Gradients& g) {
    give_slopes(g, scores, weights, slopes);
  });
}

Tensor crf_marginals(const Sequences& scores, const CRFWeights& weights, const TagRules& rules) {
  const Chain chain = chain_of("crf_marginals", scores, weights, rules);
  Tensor marginals = Tensor::uninitialised(scores.rows().shape(), scores.rows().dtype());
  Lattice lattice(scores, chain);
  check_totals("crf_marginals", lattice.log_totals(), *scores.layout());
  visit_float(marginals.dtype(), "crf_marginals",
              [&]<class T>() { lattice.backward(elements<T>(marginals)); });
  return marginals;
}

}  // namespace rondo
