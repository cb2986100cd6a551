/// Batches: which examples form a batch, and the packed batches of texts and features.
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

/// The size of a batch: `batch_size` examples, or, if `rows` is set, as many examples as have at most that
/// many steps together. An example longer than `rows` is a batch by itself.
struct BatchOptions {
  int batch_size = 32;
  int bucket = 64;
  int rows = 0;

  static constexpr auto fields() {
    return std::tuple{
        field("batch_size", &BatchOptions::batch_size, "examples in a batch", 1, 1 << 20),
        field("bucket", &BatchOptions::bucket,
              "how many batches of examples are sorted by length together; 1: no sorting", 1, 1 << 20),
        field("rows", &BatchOptions::rows,
              "largest number of steps in a batch, in place of batch_size; 0: use batch_size", 0, 1 << 30)};
  }
};
static_assert(all_fields_listed<BatchOptions>);

/// The batches of one pass. Each is a list of example numbers in packed order: longest first, equal lengths
/// by number.
class EpochPlan {
 public:
  std::size_t size() const noexcept { return begins_.size() - 1; }
  /// The examples of batch `number`. Error(usage) for a number outside 0 to size() - 1.
  std::span<const std::size_t> examples(std::size_t number) const;

 private:
  friend class BatchPlan;
  std::vector<std::size_t> order_;
  std::vector<std::size_t> begins_ = {0};  // batch b has [begins_[b], begins_[b + 1]) of order_
};

/// Divides examples into batches by their lengths alone, for batches of any kind. The result is a pure
/// function of (lengths, options, seed, epoch).
class BatchPlan {
 public:
  /// `lengths` are the steps of each example, for example dataset.lengths(). Error(data) for a length below
  /// 1.
  explicit BatchPlan(std::vector<std::int32_t> lengths, BatchOptions options = {}, std::uint64_t seed = 1);

  /// Shuffled by (seed, number). Examples of similar length are together, and the batches are in random
  /// order.
  EpochPlan epoch(std::int64_t number) const;
  /// For evaluation, without shuffling: longest first, equal lengths by number.
  EpochPlan in_order() const;

  const std::vector<std::int32_t>& lengths() const noexcept { return lengths_; }
  /// The total number of steps.
  std::int64_t rows() const noexcept;

 private:
  std::vector<std::int32_t> lengths_;
  BatchOptions options_;
  std::uint64_t seed_;
};

/// A packed batch. Sequence k of the layout is example `examples[k]` of the dataset.
struct Batch {
  std::shared_ptr<const Layout> layout;
  Ids ids;                            ///< tokens, for texts
  Tensor features;                    ///< f32 [rows, D]
  Tensor labels;                      ///< i32 [sequences], or [rows] for step_labels
  Tensor values;                      ///< f32 [sequences, K], or [rows, K] for step_values
  Tensor weights;                     ///< f32 [sequences]; empty: 1 each
  std::vector<std::size_t> examples;  ///< in packed order: longest first, equal lengths by number

  /// The same batch with features, values and weights of another type.
  Batch to(DType type) const;
};

/// One pass over a dataset. Any thread may ask for any batch at any time; the result is always the same.
class Epoch {
 public:
  std::size_t size() const noexcept;
  Batch batch(std::size_t number) const;
  /// The examples of a batch in packed order, without packing them.
  std::span<const std::size_t> examples(std::size_t number) const;

 private:
  friend class Batches;
  struct Walk;
  std::shared_ptr<const Walk> walk_;
};

/// A dataset prepared for training. Texts are encoded once. Batches are a pure function of (dataset, options,
/// seed, epoch).
class Batches {
 public:
  /// For texts. Error(usage) for a dataset of features. With one target per step, a text must have as many
  /// tokens as targets: Error(data) names an example with another number. Pre-split words without max_length
  /// always do.
  Batches(const Dataset& dataset, const TextEncoder& encoder, BatchOptions options = {},
          std::uint64_t seed = 1);
  /// For features. Error(usage) for a dataset of texts.
  explicit Batches(const Dataset& dataset, BatchOptions options = {}, std::uint64_t seed = 1);

  /// Shuffled by (seed, number). Examples of similar length are together, and the batches are in random
  /// order.
  Epoch epoch(std::int64_t number) const;
  /// For evaluation, without shuffling: longest first, equal lengths by number.
  Epoch in_order() const;
  /// The total number of rows (tokens or steps).
  std::int64_t rows() const noexcept;
  std::size_t examples() const noexcept;

  struct Packed;

 private:
  Epoch walk(EpochPlan plan) const;
  std::shared_ptr<const Packed> packed_;
};

}  // namespace data
}  // namespace rondo
