/// Tensors (f32, f64, i32) and the packed form of a batch of sequences (Layout, Ids).
///
/// A batch of sequences has no padding and no mask. It consists of packed rows, time-major, longest sequence
/// first: all first steps, then the second steps of the sequences that have one, and so on. The Layout says
/// how many rows each step has. See docs/unorthodox.md.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace [[gnu::visibility("default")]] rondo {

enum class DType : std::uint8_t { f32, f64, i32 };
std::string_view name_of(DType type) noexcept;
std::size_t size_of(DType type) noexcept;

template <class T>
concept Element = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int32_t>;
template <Element T>
constexpr DType dtype_of = std::same_as<T, float>    ? DType::f32
                           : std::same_as<T, double> ? DType::f64
                                                     : DType::i32;

/// Sizes, outermost first. {} is a single number. No operation uses more than 4 dimensions.
using Shape = std::vector<std::int64_t>;
/// "[35, 20, 200]"
std::string to_string(const Shape& shape);

class Deferred;

/// A dense row-major array. Copies alias the same memory; `clone()` copies it. An empty Tensor has no memory.
///
/// The numbers of a loaded model's parameters are read from its file when they are first asked for; what
/// keeps them from being read is an Error that data() throws.
class Tensor {
 public:
  Tensor() = default;
  static Tensor uninitialised(Shape shape, DType type = DType::f32);
  static Tensor zeros(Shape shape, DType type = DType::f32);
  static Tensor full(Shape shape, double value, DType type = DType::f32);
  /// Copies `values`. Their number must match the shape.
  template <Element T>
  static Tensor of(Shape shape, std::span<const T> values);
  template <Element T>
  static Tensor of(Shape shape, const std::vector<T>& values) {
    return of(std::move(shape), std::span<const T>(values));
  }

  bool empty() const noexcept { return data_ == nullptr; }
  const Shape& shape() const noexcept { return shape_; }
  DType dtype() const noexcept { return type_; }
  std::int64_t size() const noexcept { return size_; }
  /// The first dimension; 1 for a single number.
  std::int64_t rows() const noexcept { return shape_.empty() ? 1 : shape_.front(); }
  /// Elements per row: the product of all dimensions but the first.
  std::int64_t columns() const noexcept { return rows() == 0 ? 0 : size_ / rows(); }

  /// The elements. Asking for a type other than `dtype()` is a Bug.
  template <Element T>
  std::span<T> data();
  template <Element T>
  std::span<const T> data() const;
  /// Where the elements lie, of which only those in these rows may be looked at: what reads a few rows of a
  /// table need not have all of it read from a file.
  template <Element T>
  const T* data_of_rows(std::span<const std::int32_t> rows) const;
  /// Any element as a double, by flat index.
  double at(std::int64_t index) const;

  Tensor clone() const;
  /// The same numbers in another type: a copy, or this tensor if the type is the same.
  Tensor to(DType type) const;
  /// The same memory under another shape of the same size.
  Tensor reshape(Shape shape) const;
  /// Rows [begin, end) of the first dimension, sharing the memory.
  Tensor slice_rows(std::int64_t begin, std::int64_t end) const;

  /// A tensor over memory that `owner` keeps alive.
  static Tensor view(Shape shape, DType type, void* data, std::shared_ptr<void> owner);
  /// A tensor over memory that is filled when it is first asked for (of the library's own use).
  static Tensor deferred(Shape shape, DType type, std::shared_ptr<Deferred> memory);
  /// Whether it is one of those, filled or not.
  bool is_deferred() const noexcept { return deferred_ != nullptr; }

 private:
  void need(std::int64_t first, std::int64_t count) const;

  std::shared_ptr<void> owner_;
  Deferred* deferred_ = nullptr;  ///< owner_ keeps it alive
  void* data_ = nullptr;
  Shape shape_;
  std::int64_t size_ = 0;
  DType type_ = DType::f32;
};

/// How the sequences of a batch are packed into rows. Immutable and shared: `std::shared_ptr<const Layout>`.
///
/// Step t has rows [begin(t), begin(t) + rows_at(t)), one for each sequence longer than t, in packed order:
/// longest first, equal lengths in the given order. Results with one row per sequence (last states, pooled
/// rows, labels of a batch) are in packed order, too. `order()` maps back.
class Layout {
 public:
  /// Takes lengths in any order. Error(shape) for an empty list or a length below 1.
  static std::shared_ptr<const Layout> of(std::span<const std::int32_t> lengths);
  /// `count` sequences of the same length.
  static std::shared_ptr<const Layout> uniform(std::int64_t count, std::int64_t length);
  /// The same sequences, packed in the same order, with other lengths (in packed order, each at least 1).
  /// Error(shape) for lengths that increase or another number of them.
  std::shared_ptr<const Layout> resized(std::vector<std::int32_t> lengths) const;

  std::int64_t sequences() const noexcept { return static_cast<std::int64_t>(lengths_.size()); }
  std::int64_t steps() const noexcept { return static_cast<std::int64_t>(begins_.size()) - 1; }
  std::int64_t rows() const noexcept { return begins_.back(); }
  std::int64_t begin(std::int64_t step) const { return begins_[static_cast<std::size_t>(step)]; }
  std::int64_t rows_at(std::int64_t step) const { return begin(step + 1) - begin(step); }
  /// Lengths in packed order, so they never increase.
  std::span<const std::int32_t> lengths() const noexcept { return lengths_; }
  std::int64_t length(std::int64_t sequence) const { return lengths_[static_cast<std::size_t>(sequence)]; }
  /// order()[i] is the number of the given sequence that is at packed place i.
  std::span<const std::int32_t> order() const noexcept { return order_; }
  /// The row of one step of a sequence.
  std::int64_t row(std::int64_t sequence, std::int64_t step) const { return begin(step) + sequence; }

 private:
  Layout() = default;
  /// From lengths_.
  void set_begins();
  std::vector<std::int32_t> lengths_, order_;
  std::vector<std::int64_t> begins_;
};
bool operator==(const Layout& a, const Layout& b);

/// Token numbers of a batch, packed by `layout`, with up to two channels: tokens, and bigrams beside them.
class Ids {
 public:
  Ids() = default;
  /// Packs sequences of token numbers. `bigrams` is empty, or each of its items is as long as that of
  /// `tokens`.
  static Ids pack(std::span<const std::vector<std::int32_t>> tokens,
                  std::span<const std::vector<std::int32_t>> bigrams = {});
  /// i32 tensors of [layout->rows()]; `bigrams` may be empty.
  Ids(Tensor tokens, std::shared_ptr<const Layout> layout, Tensor bigrams = {});

  const Tensor& tokens() const noexcept { return tokens_; }
  const Tensor& bigrams() const noexcept { return bigrams_; }
  const std::shared_ptr<const Layout>& layout() const noexcept { return layout_; }
  std::int64_t count() const noexcept { return layout_ ? layout_->sequences() : 0; }
  std::int64_t rows() const noexcept { return layout_ ? layout_->rows() : 0; }

 private:
  Tensor tokens_, bigrams_;
  std::shared_ptr<const Layout> layout_;
};

}  // namespace rondo
