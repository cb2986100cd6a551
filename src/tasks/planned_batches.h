/// Batches that an application makes of what it has prepared once: pairs as numbers, windows of series,
/// sounds.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include <rondo/data/batches.h>

namespace rondo {

/// Batches in the order of a plan, as Model<Net> asks for them. `Source::batch(examples, epoch)` makes one
/// from the numbers of its examples in packed order; `epoch` is below 0 where examples are taken as they are.
/// Any thread may ask for any batch. data::PackedBatches is the form for what packs straight from a dataset.
template <class Source>
class PlannedBatches {
 public:
  PlannedBatches(std::shared_ptr<const Source> source, data::BatchPlan plan)
      : plan_(std::move(plan)), source_(std::move(source)) {}

  class Epoch {
   public:
    std::size_t size() const noexcept { return plan_.size(); }
    auto batch(std::size_t number) const { return source_->batch(plan_.examples(number), number_); }

   private:
    friend class PlannedBatches;
    Epoch(data::EpochPlan plan, std::shared_ptr<const Source> source, std::int64_t number)
        : plan_(std::move(plan)), source_(std::move(source)), number_(number) {}
    data::EpochPlan plan_;
    std::shared_ptr<const Source> source_;
    std::int64_t number_;
  };
  Epoch epoch(std::int64_t number) const { return Epoch(plan_.epoch(number), source_, number); }
  Epoch in_order() const { return Epoch(plan_.in_order(), source_, -1); }

 private:
  data::BatchPlan plan_;
  std::shared_ptr<const Source> source_;
};

}  // namespace rondo
