/// A network's pass over a dataset. For the library's own use.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <rondo/data.h>
#include <rondo/network/any_model.h>
#include <rondo/network/hooks.h>

namespace [[gnu::visibility("default")]] rondo {
namespace detail {

/// One pass over an input's batches. The next batches are made in the background.
template <class Epoch>
class Walk {
 public:
  using Batch = decltype(std::declval<Epoch&>().batch(std::size_t{}));

  std::size_t begin(Epoch epoch) {
    ahead_.reset();
    epoch_ = std::make_shared<Epoch>(std::move(epoch));
    return epoch_->size();
  }
  Batch batch(std::size_t number) {
    if (!ahead_ || ahead_->position() != number)
      ahead_.emplace(number, epoch_->size(), [epoch = epoch_](std::size_t at) { return epoch->batch(at); });
    return ahead_->next().value();
  }

 private:
  std::shared_ptr<Epoch> epoch_;
  std::optional<data::Prefetch<Batch>> ahead_;
};

template <Network Net>
using BatchesOf = decltype(std::declval<const typename Net::Input&>().batches(
    std::declval<const Dataset&>(), data::BatchOptions{}, std::uint64_t{}));
template <Network Net>
using WalkOf = Walk<decltype(std::declval<const BatchesOf<Net>&>().in_order())>;

/// Calls visit(batch, carried) for each batch in order, in an InferenceMode.
template <Network Net, class Visit>
void for_each_batch(const BatchesOf<Net>& batches, Visit&& visit) {
  const InferenceMode constant;
  WalkOf<Net> walk;
  State carried;
  const std::size_t count = walk.begin(batches.in_order());
  for (std::size_t i = 0; i < count; ++i) {
    const BatchOf<Net> batch = walk.batch(i);
    visit(batch, carried);
  }
}

/// A Pass of a network. The network, its input and its metrics must outlive it.
template <Network Net>
class NetworkPass final : public Pass {
 public:
  using Metrics = std::vector<NetworkMetric<Net>>;

  NetworkPass(const Net& net, const typename Net::Input& input, const Metrics& metrics,
              const Dataset& examples, data::BatchOptions options, std::uint64_t seed)
      : net_(net),
        metrics_(metrics),
        fingerprint_(examples.fingerprint()),
        examples_(examples.size()),
        batches_(input.batches(examples, options, seed)) {}

  std::uint64_t fingerprint() const override { return fingerprint_; }
  std::size_t examples() const override { return examples_; }
  std::size_t begin(std::int64_t epoch) override {
    carried_ = {};
    return walk_.begin(epoch < 0 ? batches_.in_order() : batches_.epoch(epoch));
  }
  BatchLoss loss(std::size_t number) override {
    batch_.emplace(walk_.batch(number));
    before_ = carried_;
    BatchLoss loss = loss_of(net_, *batch_, carried_);
    std::vector<Var> left;
    for (std::size_t i = 0; i < carried_.size(); ++i)
      left.emplace_back(carried_[i].value());
    carried_ = State(std::move(left));
    mean_ = loss.loss.value().at(0);
    weight_ = loss.weight;
    return loss;
  }
  std::vector<std::vector<double>> sums(bool in_training) const override {
    const BatchView<Net> seen(net_, *batch_, mean_, weight_, before_);
    std::vector<std::vector<double>> all;
    for (const NetworkMetric<Net>& metric : metrics_)
      if (metric.in_training || !in_training) all.push_back(metric.sums.value()(seen));
    return all;
  }
  const State& carried() const override { return carried_; }
  void carry(State state) override { carried_ = std::move(state); }

 private:
  const Net& net_;
  const Metrics& metrics_;
  std::uint64_t fingerprint_;
  std::size_t examples_;
  BatchesOf<Net> batches_;
  WalkOf<Net> walk_;
  std::optional<BatchOf<Net>> batch_;
  State carried_, before_;
  double mean_ = 0, weight_ = 0;
};

}  // namespace detail
}  // namespace rondo
