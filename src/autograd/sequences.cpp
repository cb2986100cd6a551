#include <algorithm>
#include <string>

#include <rondo/autograd.h>

#include "base/message.h"

namespace rondo {
namespace {

void copy_row(const Tensor& from, std::int64_t from_row, Tensor& to, std::int64_t to_row) {
  const Tensor source = from.slice_rows(from_row, from_row + 1);
  Tensor target = to.slice_rows(to_row, to_row + 1);
  if (to.dtype() == DType::f32)
    std::ranges::copy(source.data<float>(), target.data<float>().begin());
  else
    std::ranges::copy(source.data<double>(), target.data<double>().begin());
}

}  // namespace

Sequences::Sequences(Var rows, std::shared_ptr<const Layout> layout)
    : rows_(std::move(rows)), layout_(std::move(layout)) {
  if (!layout_) fail(ErrorKind::shape, "Sequences wanted a layout, got none");
  if (rows_.shape().size() < 2 || rows_.rows() != layout_->rows())
    fail(ErrorKind::shape, "Sequences wanted rows [" + std::to_string(layout_->rows()) +
                               ", features] as the layout says, got " + to_string(rows_.shape()));
}

Sequences::Sequences(Var rows, std::shared_ptr<const Layout> layout, Copies copies)
    : Sequences(std::move(rows), std::move(layout)) {
  const Var& distinct = copies.distinct;
  if (distinct.shape().size() != 2 || distinct.columns() != features() || distinct.dtype() != rows_.dtype())
    fail(ErrorKind::shape, "Sequences of copies wanted distinct rows " + std::string(name_of(rows_.dtype())) +
                               " [U, " + std::to_string(features()) + "], got " +
                               (distinct.defined() ? std::string(name_of(distinct.dtype())) + " " : "") +
                               to_string(distinct.shape()));
  if (copies.of.dtype() != DType::i32 || copies.of.shape() != Shape{layout_->rows()})
    fail(ErrorKind::shape, "Sequences of copies wanted 'of' i32 [" + std::to_string(layout_->rows()) +
                               "], got " + std::string(name_of(copies.of.dtype())) + " " +
                               to_string(copies.of.shape()));
  for (const std::int32_t row : copies.of.data<std::int32_t>())
    if (row < 0 || row >= distinct.rows())
      fail(ErrorKind::shape, "Sequences of copies wanted 'of' within [0, " + std::to_string(distinct.rows()) +
                                 "), got " + std::to_string(row));
  copies.of = copies.of.clone();  // a copy, so that nobody can change it after these checks
  copies_ = std::make_shared<const Copies>(std::move(copies));
}

Sequences Sequences::pack(std::span<const Tensor> features) {
  std::vector<std::int32_t> lengths;
  for (const Tensor& one : features) {
    const Tensor& first = features.front();
    if (one.dtype() == DType::i32 || one.shape().size() != 2 || one.dtype() != first.dtype() ||
        one.columns() != first.columns())
      fail(ErrorKind::shape,
           "Sequences::pack wanted f32 or f64 [steps, features], all of one type and width, got " +
               std::string(name_of(one.dtype())) + " " + to_string(one.shape()) + " beside " +
               std::string(name_of(first.dtype())) + " " + to_string(first.shape()));
    lengths.push_back(static_cast<std::int32_t>(one.rows()));
  }
  auto layout = Layout::of(lengths);
  Tensor rows = Tensor::uninitialised({layout->rows(), features.front().columns()}, features.front().dtype());
  for (std::int64_t i = 0; i < layout->sequences(); ++i) {
    const auto given = static_cast<std::size_t>(layout->order()[static_cast<std::size_t>(i)]);
    for (std::int64_t step = 0; step < layout->length(i); ++step)
      copy_row(features[given], step, rows, layout->row(i, step));
  }
  return Sequences(Var(std::move(rows)), std::move(layout));
}

std::vector<Tensor> Sequences::unpack() const {
  std::vector<Tensor> result(static_cast<std::size_t>(count()));
  for (std::int64_t i = 0; i < count(); ++i) {
    Tensor one = Tensor::uninitialised({layout_->length(i), features()}, rows_.dtype());
    for (std::int64_t step = 0; step < layout_->length(i); ++step)
      copy_row(rows_.value(), layout_->row(i, step), one, step);
    result[static_cast<std::size_t>(layout_->order()[static_cast<std::size_t>(i)])] = std::move(one);
  }
  return result;
}

}  // namespace rondo
