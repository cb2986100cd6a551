#include <algorithm>
#include <numeric>

#include <rondo/tensor.h>

#include "base/message.h"

namespace rondo {

namespace {

void check_lengths(std::span<const std::int32_t> lengths) {
  if (lengths.empty()) fail(ErrorKind::shape, "a batch needs at least one sequence, got none");
  for (std::size_t i = 0; i < lengths.size(); ++i)
    if (lengths[i] < 1)
      fail(ErrorKind::shape, "sequence " + std::to_string(i) + " has length " + std::to_string(lengths[i]) +
                                 ", wanted at least 1");
}

}  // namespace

std::shared_ptr<const Layout> Layout::of(std::span<const std::int32_t> lengths) {
  check_lengths(lengths);
  std::shared_ptr<Layout> layout(new Layout);
  auto& order = layout->order_;
  order.resize(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  const auto length_of = [&](std::int32_t i) { return lengths[static_cast<std::size_t>(i)]; };
  std::ranges::stable_sort(order, std::ranges::greater{}, length_of);
  layout->lengths_.resize(lengths.size());
  std::ranges::transform(order, layout->lengths_.begin(), length_of);
  layout->set_begins();
  return layout;
}

std::shared_ptr<const Layout> Layout::resized(std::vector<std::int32_t> lengths) const {
  check_lengths(lengths);
  if (lengths.size() != lengths_.size() || !std::ranges::is_sorted(lengths, std::ranges::greater{}))
    fail(ErrorKind::shape, "a layout of " + std::to_string(lengths_.size()) +
                               " sequences takes as many lengths, none above the one before it, got " +
                               std::to_string(lengths.size()) + " lengths");
  std::shared_ptr<Layout> layout(new Layout);
  layout->order_ = order_;
  layout->lengths_ = std::move(lengths);
  layout->set_begins();
  return layout;
}

void Layout::set_begins() {
  begins_.reserve(static_cast<std::size_t>(lengths_.front()) + 1);
  begins_.push_back(0);
  std::size_t alive = lengths_.size();
  for (std::int32_t step = 0; step < lengths_.front(); ++step) {
    while (lengths_[alive - 1] <= step)
      --alive;
    begins_.push_back(begins_.back() + static_cast<std::int64_t>(alive));
  }
}

std::shared_ptr<const Layout> Layout::uniform(std::int64_t count, std::int64_t length) {
  if (count < 1) fail(ErrorKind::shape, "a batch needs at least one sequence, got none");
  return of(std::vector<std::int32_t>(static_cast<std::size_t>(count), static_cast<std::int32_t>(length)));
}

bool operator==(const Layout& a, const Layout& b) {
  return std::ranges::equal(a.lengths(), b.lengths()) && std::ranges::equal(a.order(), b.order());
}

}  // namespace rondo
