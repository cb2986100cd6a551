#include <algorithm>
#include <limits>
#include <utility>

#include <rondo/error.h>
#include <rondo/tensor.h>

#include "base/message.h"
#include "runtime/buffers.h"
#include "tensor/deferred.h"

namespace rondo {
namespace {

/// The product of the sizes; Error(shape) when one is negative or the product does not fit.
std::int64_t count_elements(const Shape& shape, DType type) {
  const auto most = std::numeric_limits<std::int64_t>::max() / static_cast<std::int64_t>(size_of(type));
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0) fail(ErrorKind::shape, "a size below 0 in " + to_string(shape));
    if (size > 0 && count > most / size)
      fail(ErrorKind::shape, "" + to_string(shape) + " has more elements than memory can hold");
    count *= size;
  }
  return count;
}

template <class F>
decltype(auto) visit(DType type, F&& f) {
  switch (type) {
    case DType::f32:
      return f.template operator()<float>();
    case DType::f64:
      return f.template operator()<double>();
    case DType::i32:
      break;
  }
  return f.template operator()<std::int32_t>();
}

}  // namespace

std::string_view name_of(DType type) noexcept {
  return type == DType::f32 ? "f32" : type == DType::f64 ? "f64" : "i32";
}

std::size_t size_of(DType type) noexcept {
  return type == DType::f64 ? 8 : 4;
}

std::string to_string(const Shape& shape) {
  return shape_text(shape);
}

Tensor Tensor::uninitialised(Shape shape, DType type) {
  Tensor result;
  result.size_ = count_elements(shape, type);
  result.shape_ = std::move(shape);
  result.type_ = type;
  // A tensor of no elements still has a place in memory: only a Tensor without a value is empty().
  result.owner_ =
      acquire_buffer(std::max<std::size_t>(1, static_cast<std::size_t>(result.size_)) * size_of(type));
  result.data_ = result.owner_.get();
  return result;
}

Tensor Tensor::zeros(Shape shape, DType type) {
  return full(std::move(shape), 0, type);
}

Tensor Tensor::full(Shape shape, double value, DType type) {
  Tensor result = uninitialised(std::move(shape), type);
  visit(type, [&]<class T>() { std::ranges::fill(result.data<T>(), static_cast<T>(value)); });
  return result;
}

template <Element T>
Tensor Tensor::of(Shape shape, std::span<const T> values) {
  Tensor result = uninitialised(std::move(shape), dtype_of<T>);
  if (result.size_ != static_cast<std::int64_t>(values.size()))
    fail(ErrorKind::shape, "a tensor of " + to_string(result.shape_) + " takes " +
                               std::to_string(result.size_) + " values, got " +
                               std::to_string(values.size()));
  std::ranges::copy(values, result.data<T>().begin());
  return result;
}

/// Elements [first, first + count) are there.
void Tensor::need(std::int64_t first, std::int64_t count) const {
  if (deferred_ == nullptr) return;
  const std::size_t each = size_of(type_);
  deferred_->need(static_cast<const std::byte*>(data_) + static_cast<std::size_t>(first) * each,
                  static_cast<std::size_t>(count) * each);
}

template <Element T>
std::span<T> Tensor::data() {
  const std::span<const T> whole = std::as_const(*this).data<T>();
  return {const_cast<T*>(whole.data()), whole.size()};
}

template <Element T>
std::span<const T> Tensor::data() const {
  if (type_ != dtype_of<T>)
    throw Bug("Tensor::data: asked for " + std::string(name_of(dtype_of<T>)) + ", holds " +
              std::string(name_of(type_)));
  need(0, size_);
  return {static_cast<const T*>(data_), static_cast<std::size_t>(size_)};
}

template <Element T>
const T* Tensor::data_of_rows(std::span<const std::int32_t> rows) const {
  if (deferred_ == nullptr) return data<T>().data();
  if (type_ != dtype_of<T>) throw Bug("Tensor::data_of_rows: another type is held");
  const std::int64_t width = columns();
  for (const std::int32_t row : rows)
    need(row * width, width);
  return static_cast<const T*>(data_);
}

double Tensor::at(std::int64_t index) const {
  if (index < 0 || index >= size_)
    fail(ErrorKind::shape,
         "element " + std::to_string(index) + " of a tensor of " + std::to_string(size_) + " elements");
  return visit(type_,
               [&]<class T>() { return static_cast<double>(data<T>()[static_cast<std::size_t>(index)]); });
}

Tensor Tensor::clone() const {
  if (empty()) return {};
  need(0, size_);
  Tensor result = uninitialised(shape_, type_);
  std::copy_n(static_cast<const std::byte*>(data_), static_cast<std::size_t>(size_) * size_of(type_),
              static_cast<std::byte*>(result.data_));
  return result;
}

Tensor Tensor::to(DType type) const {
  if (empty() || type == type_) return *this;
  Tensor result = uninitialised(shape_, type);
  visit(type_, [&]<class From>() {
    visit(type, [&]<class To>() {
      std::ranges::transform(data<From>(), result.data<To>().begin(),
                             [](From x) { return static_cast<To>(x); });
    });
  });
  return result;
}

Tensor Tensor::reshape(Shape shape) const {
  if (count_elements(shape, type_) != size_)
    fail(ErrorKind::shape,
         "" + to_string(shape_) + " cannot be seen as " + to_string(shape) + ": another number of elements");
  Tensor result = *this;
  result.shape_ = std::move(shape);
  return result;
}

Tensor Tensor::slice_rows(std::int64_t begin, std::int64_t end) const {
  if (shape_.empty() || begin < 0 || begin > end || end > rows())
    fail(ErrorKind::shape, "rows [" + std::to_string(begin) + ", " + std::to_string(end) +
                               ") of a tensor of " + to_string(shape_));
  const std::int64_t stride = columns();
  Tensor result = *this;
  result.data_ = static_cast<std::byte*>(data_) + static_cast<std::size_t>(begin * stride) * size_of(type_);
  result.shape_.front() = end - begin;
  result.size_ = (end - begin) * stride;
  return result;
}

Tensor Tensor::view(Shape shape, DType type, void* data, std::shared_ptr<void> owner) {
  Tensor result;
  result.size_ = count_elements(shape, type);
  result.shape_ = std::move(shape);
  result.type_ = type;
  result.data_ = data;
  result.owner_ = std::move(owner);
  return result;
}

Tensor Tensor::deferred(Shape shape, DType type, std::shared_ptr<Deferred> memory) {
  Deferred* const filled_later = memory.get();
  Tensor result = view(std::move(shape), type, filled_later->memory(), std::move(memory));
  result.deferred_ = filled_later;
  return result;
}

template Tensor Tensor::of<float>(Shape, std::span<const float>);
template std::span<float> Tensor::data<float>();
template std::span<const float> Tensor::data<float>() const;
template const float* Tensor::data_of_rows<float>(std::span<const std::int32_t>) const;
template Tensor Tensor::of<double>(Shape, std::span<const double>);
template std::span<double> Tensor::data<double>();
template std::span<const double> Tensor::data<double>() const;
template const double* Tensor::data_of_rows<double>(std::span<const std::int32_t>) const;
template Tensor Tensor::of<std::int32_t>(Shape, std::span<const std::int32_t>);
template std::span<std::int32_t> Tensor::data<std::int32_t>();
template std::span<const std::int32_t> Tensor::data<std::int32_t>() const;
template const std::int32_t* Tensor::data_of_rows<std::int32_t>(std::span<const std::int32_t>) const;

}  // namespace rondo
