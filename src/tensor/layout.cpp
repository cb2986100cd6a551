#include <algorithm>
#include <numeric>

#include <rondo/tensor.h>

#include "base/message.h"

namespace rondo {

std::shared_ptr<const Layout> Layout::of(std::span<const std::int32_t> lengths) {
  if (lengths.empty()) fail(ErrorKind::shape, "a batch needs at least one sequence, got none");
  for (std::size_t i = 0; i < lengths.size(); ++i)
    if (lengths[i] < 1)
      fail(ErrorKind::shape, "sequence " + std::to_string(i) + " has length " + std::to_string(lengths[i]) +
                                 ", wanted at least 1");

  std::shared_ptr<Layout> layout(new Layout);
  auto& order = layout->order_;
  order.resize(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  const auto length_of = [&](std::int32_t i) { return lengths[static_cast<std::size_t>(i)]; };
  std::ranges::stable_sort(order, std::ranges::greater{}, length_of);
  layout->lengths_.resize(lengths.size());
  std::ranges::transform(order, layout->lengths_.begin(), length_of);

  auto& begins = layout->begins_;
  begins.reserve(static_cast<std::size_t>(layout->lengths_.front()) + 1);
  begins.push_back(0);
  std::size_t alive = lengths.size();
  for (std::int32_t step = 0; step < layout->lengths_.front(); ++step) {
    while (layout->lengths_[alive - 1] <= step)
      --alive;
    begins.push_back(begins.back() + static_cast<std::int64_t>(alive));
  }
  return layout;
}

std::shared_ptr<const Layout> Layout::uniform(std::int64_t count, std::int64_t length) {
  if (count < 1) fail(ErrorKind::shape, "a batch needs at least one sequence, got none");
  return of(std::vector<std::int32_t>(static_cast<std::size_t>(count), static_cast<std::int32_t>(length)));
}

bool operator==(const Layout& a, const Layout& b) {
  return std::ranges::equal(a.lengths(), b.lengths()) && std::ranges::equal(a.order(), b.order());
}

}  // namespace rondo
