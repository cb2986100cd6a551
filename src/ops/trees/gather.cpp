// Rows from many matrices, and sums of ranges of rows: for compositions of a user's own.
#include <algorithm>
#include <vector>

#include <rondo/tree_ops.h>

#include "ops/common.h"

namespace rondo {
namespace {

using Numbers = std::vector<std::int32_t>;

void check_sources(std::span<const Var> sources, std::span<const std::int32_t> of,
                   std::span<const std::int32_t> rows) {
  if (sources.empty() || of.size() != rows.size() || rows.empty())
    refuse_shape("gather_rows", "a source, and a row of it for each row wanted",
                 std::to_string(of.size()) + " sources named and " + std::to_string(rows.size()) + " rows");
  for (const Var& source : sources)
    if (source.columns() != sources[0].columns() || source.dtype() != sources[0].dtype())
      refuse_shape("gather_rows", "sources of one width and type",
                   describe(source) + " beside " + describe(sources[0]));
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (of[i] < 0 || static_cast<std::size_t>(of[i]) >= sources.size() || rows[i] < 0 ||
        rows[i] >= sources[static_cast<std::size_t>(of[i])].rows())
      refuse_shape("gather_rows", "rows that are there",
                   "row " + std::to_string(rows[i]) + " of source " + std::to_string(of[i]));
}

}  // namespace

Var gather_rows(std::span<const Var> sources, std::span<const std::int32_t> of,
                std::span<const std::int32_t> rows) {
  check_sources(sources, of, rows);
  const Index columns = sources[0].columns(), count = std::ssize(rows);
  Tensor y = Tensor::uninitialised({count, columns}, sources[0].dtype());
  visit_float(y.dtype(), "gather_rows", [&]<class T>() {
    for (Index i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const T* const from = elements<T>(sources[static_cast<std::size_t>(of[at])].value());
      std::copy_n(from + rows[at] * columns, columns, elements<T>(y) + i * columns);
    }
  });
  const std::vector<Var> inputs(sources.begin(), sources.end());
  const Numbers from(of.begin(), of.end()), wanted(rows.begin(), rows.end());
  return record(std::move(y), sources, [inputs, from, wanted, columns](Gradients& g) {
    visit_float(inputs[0].dtype(), "gather_rows", [&]<class T>() {
      const T* const dy = elements<T>(g.of_result());
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        Tensor* const sum = g.into(inputs[static_cast<std::size_t>(from[i])]);
        if (sum == nullptr) continue;
        T* const to = elements<T>(*sum) + wanted[i] * columns;
        kernels<T>().add(columns, to, dy + static_cast<Index>(i) * columns, to);
      }
    });
  });
}

Var sum_ranges(const Var& x, std::span<const std::int64_t> begins) {
  check_matrix("sum_ranges", x);
  if (begins.size() < 2 || begins.front() < 0 || begins.back() > x.rows() ||
      !std::is_sorted(begins.begin(), begins.end()))
    refuse_shape("sum_ranges", "ascending ranges of the " + std::to_string(x.rows()) + " rows",
                 "begins from " + (begins.empty() ? std::string("nothing") : std::to_string(begins.front())));
  const Index columns = x.columns(), count = std::ssize(begins) - 1;
  const std::vector<std::int64_t> ranges(begins.begin(), begins.end());
  Tensor y = Tensor::zeros({count, columns}, x.dtype());
  const auto each = [=](const auto& visit) {
    parallel_for(count, rows_grain(2 * columns), [&](Index first, Index last) {
      for (Index i = first; i < last; ++i)
        for (Index row = ranges[static_cast<std::size_t>(i)]; row < ranges[static_cast<std::size_t>(i) + 1];
             ++row)
          visit(i * columns, row * columns);
    });
  };
  visit_float(x.dtype(), "sum_ranges", [&]<class T>() {
    const T* const from = elements<T>(x.value());
    T* const to = elements<T>(y);
    each([=](Index sum, Index row) { kernels<T>().add(columns, to + sum, from + row, to + sum); });
  });
  return record(std::move(y), {x}, [x = without_value(x), each, columns](Gradients& g) {
    visit_float(x.dtype(), "sum_ranges", [&]<class T>() {
      const T* const dy = elements<T>(g.of_result());
      T* const dx = elements<T>(*g.into(x));
      each([=](Index sum, Index row) { kernels<T>().add(columns, dx + row, dy + sum, dx + row); });
    });
  });
}

}  // namespace rondo
