// Which examples make which batch, from their lengths alone.
#include <algorithm>
#include <numeric>

#include <rondo/data/batches.h>
#include <rondo/error.h>

#include "base/fields.h"
#include "base/message.h"
#include "base/random.h"
#include "data/dataset.h"

namespace rondo::data {
namespace {

using Lengths = std::vector<std::int32_t>;
using Chosen = std::span<const std::size_t>;

/// Sorts into packed order: longest first, equal lengths by number.
void sort_by_length(std::span<std::size_t> examples, const Lengths& lengths) {
  std::sort(examples.begin(), examples.end(), [&](std::size_t a, std::size_t b) {
    return lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b;
  });
}

/// How many of these examples, from the first on, fit into `times` batches; at least one.
std::size_t room(Chosen examples, const Lengths& lengths, const BatchOptions& options, std::int64_t times) {
  if (options.rows == 0)
    return std::min(examples.size(), static_cast<std::size_t>(options.batch_size * times));
  std::int64_t left = options.rows * times;
  std::size_t count = 0;
  while (count < examples.size() && (left -= lengths[examples[count]]) >= 0)
    ++count;
  return std::max(count, std::min<std::size_t>(1, examples.size()));
}

}  // namespace

std::span<const std::size_t> EpochPlan::examples(std::size_t number) const {
  if (number >= size())
    fail(ErrorKind::usage,
         "epoch: batch " + std::to_string(number) + " was asked for, there are " + std::to_string(size()));
  return std::span(order_).subspan(begins_[number], begins_[number + 1] - begins_[number]);
}

BatchPlan::BatchPlan(std::vector<std::int32_t> lengths, BatchOptions options, std::uint64_t seed)
    : lengths_(std::move(lengths)), options_(options), seed_(seed) {
  check(options_, {"batches"});
  const auto bad =
      std::find_if(lengths_.begin(), lengths_.end(), [](std::int32_t steps) { return steps < 1; });
  if (bad != lengths_.end())
    fail(ErrorKind::data, example_name(static_cast<std::size_t>(bad - lengths_.begin())) +
                              ": its length is " + std::to_string(*bad) + ", wanted 1 or more steps");
}

EpochPlan BatchPlan::epoch(std::int64_t number) const {
  const auto pass = static_cast<std::uint64_t>(number);
  const std::vector<std::uint32_t> shuffled =
      permutation(static_cast<std::uint32_t>(lengths_.size()), seed_, pass);
  std::vector<std::size_t> order(shuffled.begin(), shuffled.end());

  std::vector<Chosen> batches;
  for (std::span<std::size_t> rest(order); !rest.empty();) {
    std::span<std::size_t> pool = rest.first(room(rest, lengths_, options_, options_.bucket));
    rest = rest.subspan(pool.size());
    sort_by_length(pool, lengths_);
    for (Chosen left = pool; !left.empty(); left = left.subspan(batches.back().size()))
      batches.push_back(left.first(room(left, lengths_, options_, 1)));
  }
  shuffle(std::span(batches), seed_, mix(hash_of("batches"), pass));

  EpochPlan plan;
  plan.order_.reserve(order.size());
  for (const Chosen batch : batches) {
    plan.order_.insert(plan.order_.end(), batch.begin(), batch.end());
    plan.begins_.push_back(plan.order_.size());
  }
  return plan;
}

EpochPlan BatchPlan::in_order() const {
  EpochPlan plan;
  plan.order_.resize(lengths_.size());
  std::iota(plan.order_.begin(), plan.order_.end(), std::size_t{0});
  sort_by_length(plan.order_, lengths_);
  while (plan.begins_.back() < plan.order_.size()) {
    const Chosen left = Chosen(plan.order_).subspan(plan.begins_.back());
    plan.begins_.push_back(plan.begins_.back() + room(left, lengths_, options_, 1));
  }
  return plan;
}

std::int64_t BatchPlan::rows() const noexcept {
  return std::accumulate(lengths_.begin(), lengths_.end(), std::int64_t{0});
}

}  // namespace rondo::data
