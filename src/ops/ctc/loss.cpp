// The loss of connectionist temporal classification and its gradient.
#include <cmath>
#include <optional>
#include <utility>

#include <rondo/ctc.h>

#include "ops/common.h"
#include "ops/ctc/paths.h"
#include "ops/loss_options.h"

namespace rondo {
namespace {

constexpr std::string_view operation = "ctc_loss";

using Targets = std::vector<std::vector<std::int32_t>>;

void check_targets(const Sequences& logits, std::span<const std::vector<std::int32_t>> targets,
                   std::int32_t blank) {
  check_matrix(operation, logits.rows());
  const Index symbols = logits.features();
  if (static_cast<Index>(targets.size()) != logits.count())
    refuse_shape(operation, "targets of " + std::to_string(logits.count()) + " sequences",
                 std::to_string(targets.size()));
  if (blank < 0 || blank >= symbols)
    refuse_shape(operation, "a blank within [0, " + std::to_string(symbols) + ")", std::to_string(blank));
  for (const std::vector<std::int32_t>& labels : targets)
    for (const std::int32_t label : labels)
      if (label < 0 || label >= symbols || label == blank)
        refuse_shape(operation,
                     "labels within [0, " + std::to_string(symbols) + ") other than the blank " +
                         std::to_string(blank),
                     std::to_string(label));
}

/// How much work each sequence is: its lattice.
std::vector<Index> work_of(const Layout& layout, const Targets& targets, Index symbols) {
  std::vector<Index> work;
  for (std::size_t i = 0; i < targets.size(); ++i)
    work.push_back(layout.length(static_cast<Index>(i)) *
                   (symbols + 2 * static_cast<Index>(targets[i].size()) + 1));
  return work;
}
constexpr Index work_grain = 1 << 11;

/// Writes share · (softmax - posterior) into the rows of a sequence; zeros where nothing leads to its target.
template <class T>
void write_slope(const ctc::Paths& paths, std::span<const double> logs, double share, const Layout& layout,
                 Index sequence, Index symbols, T* to) {
  const bool counts = paths.total() != ctc::never && share != 0;
  std::vector<double> posteriors;
  if (counts) paths.posteriors(posteriors);
  for (Index t = 0; t < layout.length(sequence); ++t) {
    T* const row = to + layout.row(sequence, t) * symbols;
    for (Index k = 0; k < symbols; ++k) {
      const auto at = static_cast<std::size_t>(t * symbols + k);
      row[k] = counts ? static_cast<T>(share * (std::exp(logs[at]) - posteriors[at])) : T{0};
    }
  }
}

/// The weights of the sequences that have a path, divided by their sum.
std::vector<double> shares_of(const Tensor& weights, const std::vector<double>& losses, double& total) {
  std::vector<double> shares;
  total = 0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    shares.push_back(losses[i] == -ctc::never ? 0 : weights.at(static_cast<Index>(i)));
    total += shares.back();
  }
  for (double& share : shares)
    share = total == 0 ? 0 : share / total;
  return shares;
}

}  // namespace

std::int64_t ctc_frames(std::span<const std::int32_t> labels) {
  auto frames = static_cast<std::int64_t>(labels.size());
  for (std::size_t i = 1; i < labels.size(); ++i)
    frames += labels[i] == labels[i - 1] ? 1 : 0;
  return frames;
}

CTCLoss ctc_loss(const Sequences& logits, std::span<const std::vector<std::int32_t>> given,
                 const CTCOptions& options) {
  check_targets(logits, given, options.blank);
  const Layout& layout = *logits.layout();
  const Index symbols = logits.features();
  const Targets targets(given.begin(), given.end());
  const DType type = logits.rows().dtype();
  const Tensor weights = checked_weights(operation, "weights", options.weights, layout.sequences(), type);
  const bool tracked = logits.rows().tracked();

  CTCLoss result;
  Tensor slope;
  double loss = 0;
  visit_float(type, operation, [&]<class T>() {
    const T* const rows = elements<T>(logits.rows().value());
    result.losses.resize(targets.size());
    const std::vector<Index> work = work_of(layout, targets, symbols);
    std::vector<std::vector<double>> logs(targets.size());
    std::vector<std::optional<ctc::Paths>> paths(targets.size());
    parallel_balanced(work, work_grain, [&](std::size_t i) {
      logs[i] = ctc::log_probabilities(rows, layout, static_cast<Index>(i), symbols);
      paths[i].emplace(logs[i], symbols, targets[i], options.blank);
      result.losses[i] = -paths[i]->total();
    });
    const std::vector<double> shares = shares_of(weights, result.losses, result.weight);
    for (std::size_t i = 0; i < shares.size(); ++i)
      if (shares[i] != 0) loss += shares[i] * result.losses[i];
    if (!tracked) return;
    slope = Tensor::uninitialised(logits.rows().shape(), type);
    T* const to = elements<T>(slope);
    parallel_balanced(work, work_grain, [&](std::size_t i) {
      write_slope(*paths[i], logs[i], shares[i], layout, static_cast<Index>(i), symbols, to);
    });
  });
  result.loss = record(number(loss, type), {logits.rows()}, [x = logits.rows(), slope](Gradients& g) {
    visit_float(slope.dtype(), operation, [&]<class T>() {
      Tensor dx = slope.clone();
      kernels<T>().scale(dx.size(), arrived_number<T>(g), elements<T>(dx), elements<T>(dx));
      g.give(x, std::move(dx));
    });
  });
  return result;
}

}  // namespace rondo
