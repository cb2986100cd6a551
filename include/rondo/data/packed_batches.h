/// Batches of examples of any type, packed by a function. The input of a user-defined network returns these.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include <rondo/data/batches.h>
#include <rondo/data/dataset.h>

namespace [[gnu::visibility("default")]] rondo {
namespace data {

/// Batches in the order of a BatchPlan: similar lengths are together, and each epoch is shuffled anew.
///
///     auto batches(const Dataset& data, data::BatchOptions options, std::uint64_t seed) const {
///       return data::PackedBatches(data, options, seed, [input = *this](const Dataset& from,
///           std::span<const std::size_t> examples) { return input.pack(from, examples); });
///     }
///
/// `pack(dataset, examples)` gets the numbers of a batch's examples in packed order (longest first). It may
/// be called for any batch at any time, also from a background thread.
template <class Pack>
class PackedBatches {
  // Before Epoch, which names it: clang 14 does not look further down.
  struct Shared {
    Dataset data;
    Pack pack;
  };

 public:
  PackedBatches(Dataset data, BatchOptions options, std::uint64_t seed, Pack pack)
      : plan_(data.lengths(), options, seed),
        shared_(std::make_shared<const Shared>(Shared{std::move(data), std::move(pack)})) {}

  class Epoch {
   public:
    std::size_t size() const noexcept { return plan_.size(); }
    auto batch(std::size_t number) const { return shared_->pack(shared_->data, plan_.examples(number)); }

   private:
    friend class PackedBatches;
    Epoch(EpochPlan plan, std::shared_ptr<const typename PackedBatches::Shared> shared)
        : plan_(std::move(plan)), shared_(std::move(shared)) {}
    EpochPlan plan_;
    std::shared_ptr<const typename PackedBatches::Shared> shared_;
  };
  Epoch epoch(std::int64_t number) const { return Epoch(plan_.epoch(number), shared_); }
  Epoch in_order() const { return Epoch(plan_.in_order(), shared_); }

 private:
  BatchPlan plan_;
  std::shared_ptr<const Shared> shared_;
};

}  // namespace data
}  // namespace rondo
