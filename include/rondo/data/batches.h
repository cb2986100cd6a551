/// Which examples are packed together for one step, and the packed batches of texts and features.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <tuple>
#include <vector>

#include <rondo/data/dataset.h>
#include <rondo/description.h>
#include <rondo/tensor.h>
#include <rondo/text.h>

namespace [[gnu::visibility("default")]] rondo {
namespace data {

/// How many examples a batch has: `batch_size`, or, where `rows` is given, as many as have that many steps
/// together at most. An example longer than that is a batch of its own.
struct BatchOptions {
  int batch_size = 32;
  int bucket = 64;
  int rows = 0;

  static constexpr auto fields() {
    return std::tuple{
        field("batch_size", &BatchOptions::batch_size, "examples a step", 1, 1 << 20),
        field("bucket", &BatchOptions::bucket,
              "batches whose examples are sorted by length together; 1: no sorting", 1, 1 << 20),
        field("rows", &BatchOptions::rows,
              "steps of all examples of a batch, at most, in place of batch_size; 0: by batch_size", 0,
              1 << 30)};
  }
};
static_assert(all_fields_listed<BatchOptions>);

/// The batches of one pass as numbers of examples, in packed order: longest first, equal lengths by number.
class EpochPlan {
 public:
  std::size_t size() const noexcept { return begins_.size() - 1; }
  /// Throws Error(usage) for a number outside 0 .. size() - 1.
  std::span<const std::size_t> examples(std::size_t number) const;

 private:
  friend class BatchPlan;
  std::vector<std::size_t> order_;
  std::vector<std::size_t> begins_ = {0};  // batch b has [begins_[b], begins_[b + 1]) of order_
};

/// Which examples make which batch, from their lengths alone: a pure function of (lengths, options, seed,
/// epoch), for batches of any kind.
class BatchPlan {
 public:
  /// Steps of each example, e.g. dataset.lengths(). Throws Error(data) for one below 1.
  explicit BatchPlan(std::vector<std::int32_t> lengths, BatchOptions options = {}, std::uint64_t seed = 1);

  /// Shuffled by (seed, number), examples of like length together, batches in shuffled order.
  EpochPlan epoch(std::int64_t number) const;
  /// Not shuffled: longest first, equal lengths by number. For evaluation.
  EpochPlan in_order() const;

  const std::vector<std::int32_t>& lengths() const noexcept { return lengths_; }
  /// Steps of all examples together.
  std::int64_t rows() const noexcept;

 private:
  std::vector<std::int32_t> lengths_;
  BatchOptions options_;
  std::uint64_t seed_;
};

/// Examples packed for one step. Sequence k of the layout is example `examples[k]` of the dataset.
struct Batch {
  std::shared_ptr<const Layout> layout;
  Ids ids;                            ///< text
  Tensor features;                    ///< f32 [rows, D]
  Tensor labels;                      ///< i32 [sequences], or [rows] for step_labels
  Tensor values;                      ///< f32 [sequences, K], or [rows, K] for step_values
  Tensor weights;                     ///< f32 [sequences]; empty: 1 each
  std::vector<std::size_t> examples;  ///< packed order: longest first, equal lengths by number

  /// The same with its features, values and weights in another type.
  Batch to(DType type) const;
};

/// One pass over a dataset. Any batch may be asked for at any time, from any thread, with the same result.
class Epoch {
 public:
  std::size_t size() const noexcept;
  Batch batch(std::size_t number) const;
  /// The examples of a batch in packed order, without packing it.
  std::span<const std::size_t> examples(std::size_t number) const;

 private:
  friend class Batches;
  struct Walk;
  std::shared_ptr<const Walk> walk_;
};

/// A dataset ready for training: texts encoded once, batches a pure function of (dataset, options, seed,
/// epoch).
class Batches {
 public:
  /// Texts; throws Error(usage) for a dataset of features, and the other way round below. Throws Error(data)
  /// naming the example where a text has another number of tokens than targets: one a step belongs to one
  /// token, which only pre-split words without max_length promise.
  Batches(const Dataset& dataset, const TextEncoder& encoder, BatchOptions options = {},
          std::uint64_t seed = 1);
  /// Features.
  explicit Batches(const Dataset& dataset, BatchOptions options = {}, std::uint64_t seed = 1);

  /// Shuffled by (seed, number), examples of like length together, batches in shuffled order.
  Epoch epoch(std::int64_t number) const;
  /// Not shuffled: longest first, equal lengths by number. For evaluation.
  Epoch in_order() const;
  /// Rows (tokens, steps) of all examples together.
  std::int64_t rows() const noexcept;
  std::size_t examples() const noexcept;

  struct Packed;

 private:
  Epoch walk(EpochPlan plan) const;
  std::shared_ptr<const Packed> packed_;
};

}  // namespace data
}  // namespace rondo
