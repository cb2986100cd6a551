// Which examples make which batch.
#include "data/batches.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include <rondo/error.h>

#include "base/fields.h"
#include "base/message.h"
#include "base/random.h"

namespace rondo::data {
namespace {

void check_steps(const Dataset& dataset, const std::vector<std::int32_t>& lengths) {
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    std::int64_t targets = lengths[i];
    if (dataset.target() == Target::step_labels) targets = dataset.step_labels(i).rows();
    if (dataset.target() == Target::step_values) targets = dataset.step_values(i).rows();
    if (targets != lengths[i])
      fail(ErrorKind::data, "dataset: example " + std::to_string(i) + " has " + std::to_string(lengths[i]) +
                                " steps, but " + std::to_string(targets) + " targets");
  }
}

/// Longest first, equal lengths by number: the order in which sequences are packed.
void sort_by_length(std::span<std::size_t> examples, const std::vector<std::int32_t>& lengths) {
  std::sort(examples.begin(), examples.end(), [&](std::size_t a, std::size_t b) {
    return lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b;
  });
}

}  // namespace

Batches::Batches(const Dataset& dataset, const TextEncoder& encoder, BatchOptions options,
                 std::uint64_t seed) {
  check(options, {"batches"});
  if (!dataset.is_text())
    fail(ErrorKind::usage, "batches: the dataset has features; it wants no text encoder");
  auto source = std::make_shared<Source>(Source{dataset, options, seed, {}, {}, {0}, {}});
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    const EncodedText encoded = encoder.encode(dataset.text(i));
    source->tokens.insert(source->tokens.end(), encoded.tokens.begin(), encoded.tokens.end());
    source->bigrams.insert(source->bigrams.end(), encoded.bigrams.begin(), encoded.bigrams.end());
    source->offsets.push_back(source->tokens.size());
    source->lengths.push_back(static_cast<std::int32_t>(encoded.tokens.size()));
  }
  check_steps(dataset, source->lengths);
  source_ = std::move(source);
}

Batches::Batches(const Dataset& dataset, BatchOptions options, std::uint64_t seed) {
  check(options, {"batches"});
  if (dataset.is_text() && !dataset.empty())
    fail(ErrorKind::usage, "batches: the dataset has texts; they want a text encoder");
  auto source = std::make_shared<Source>(Source{dataset, options, seed, {}, {}, {}, {}});
  for (std::size_t i = 0; i < dataset.size(); ++i)
    source->lengths.push_back(static_cast<std::int32_t>(dataset.features(i).rows()));
  check_steps(dataset, source->lengths);
  source_ = std::move(source);
}

Epoch Batches::epoch(std::int64_t number) const {
  const std::vector<std::int32_t>& lengths = source_->lengths;
  const std::uint64_t seed = source_->seed;
  const auto pass = static_cast<std::uint64_t>(number);
  const std::vector<std::uint32_t> shuffled =
      permutation(static_cast<std::uint32_t>(lengths.size()), seed, pass);
  std::vector<std::size_t> order(shuffled.begin(), shuffled.end());
  const auto batch = static_cast<std::size_t>(source_->options.batch_size);
  const std::size_t pool = batch * static_cast<std::size_t>(source_->options.bucket);
  for (std::size_t at = 0; at < order.size(); at += pool)
    sort_by_length(std::span(order).subspan(at, std::min(pool, order.size() - at)), lengths);

  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < order.size(); at += batch)
    starts.push_back(at);
  shuffle(std::span(starts), seed, mix(hash_of("batches"), pass));

  auto plan = std::make_shared<Epoch::Plan>();
  plan->source = source_;
  plan->order.reserve(order.size());
  for (const std::size_t start : starts) {
    const std::size_t end = std::min(start + batch, order.size());
    plan->order.insert(plan->order.end(), order.begin() + static_cast<std::ptrdiff_t>(start),
                       order.begin() + static_cast<std::ptrdiff_t>(end));
    plan->begins.push_back(plan->order.size());
  }
  Epoch epoch;
  epoch.plan_ = std::move(plan);
  return epoch;
}

Epoch Batches::in_order() const {
  auto plan = std::make_shared<Epoch::Plan>();
  plan->source = source_;
  plan->order.resize(source_->lengths.size());
  std::iota(plan->order.begin(), plan->order.end(), std::size_t{0});
  sort_by_length(plan->order, source_->lengths);
  const auto batch = static_cast<std::size_t>(source_->options.batch_size);
  for (std::size_t at = 0; at < plan->order.size(); at += batch)
    plan->begins.push_back(std::min(at + batch, plan->order.size()));
  Epoch epoch;
  epoch.plan_ = std::move(plan);
  return epoch;
}

std::int64_t Batches::rows() const noexcept {
  return std::accumulate(source_->lengths.begin(), source_->lengths.end(), std::int64_t{0});
}

std::size_t Batches::examples() const noexcept {
  return source_->lengths.size();
}

std::size_t Epoch::size() const noexcept {
  return plan_->begins.size() - 1;
}

std::span<const std::size_t> Epoch::examples(std::size_t number) const {
  if (number >= size())
    fail(ErrorKind::usage,
         "epoch: batch " + std::to_string(number) + " was asked for, there are " + std::to_string(size()));
  return std::span(plan_->order)
      .subspan(plan_->begins[number], plan_->begins[number + 1] - plan_->begins[number]);
}

}  // namespace rondo::data
