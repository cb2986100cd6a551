#include <algorithm>

#include <rondo/ops.h>

#include "ops/common.h"

namespace rondo {
namespace {

/// The places of `ids` by row: the distinct rows in ascending order, and for each its places in order.
struct Occurrences {
  std::vector<std::int32_t> rows;    ///< distinct, ascending
  std::vector<std::int32_t> begins;  ///< of rows[i]'s places; one more at the end
  std::vector<std::int32_t> places;
};

/// A stable counting sort: the order depends on the ids alone.
Occurrences sort_by_row(std::span<const std::int32_t> ids, std::int64_t table_rows) {
  std::vector<std::int32_t> next(static_cast<std::size_t>(table_rows) + 1);
  for (const std::int32_t id : ids)
    ++next[static_cast<std::size_t>(id) + 1];
  Occurrences result;
  const std::size_t most = std::min(ids.size(), static_cast<std::size_t>(table_rows));
  result.rows.reserve(most);
  result.begins.reserve(most + 1);
  for (std::size_t row = 0; row < static_cast<std::size_t>(table_rows); ++row) {
    if (next[row + 1] > 0) {
      result.rows.push_back(static_cast<std::int32_t>(row));
      result.begins.push_back(next[row]);
    }
    next[row + 1] += next[row];
  }
  result.begins.push_back(static_cast<std::int32_t>(ids.size()));
  result.places.resize(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i)
    result.places[static_cast<std::size_t>(next[static_cast<std::size_t>(ids[i])]++)] =
        static_cast<std::int32_t>(i);
  return result;
}

/// gradient[id] += dy of every place of that id: one chain an id, in order of places; threads split the ids.
template <class T>
void scatter_add(const Occurrences& found, Index columns, const T* dy, T* gradient) {
  const Index each = static_cast<Index>(found.places.size()) / static_cast<Index>(found.rows.size());
  parallel_for(static_cast<Index>(found.rows.size()), rows_grain(columns * each),
               [&](Index begin, Index end) {
                 for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
                   T* sum = gradient + Index{found.rows[i]} * columns;
                   for (auto at = found.begins[i]; at < found.begins[i + 1]; ++at)
                     kernels<T>().add(columns, sum,
                                      dy + Index{found.places[static_cast<std::size_t>(at)]} * columns, sum);
                 }
               });
}

void check_ids(std::string_view operation, const Var& table, std::span<const std::int32_t> ids) {
  check_matrix(operation, table);
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (ids[i] < 0 || ids[i] >= table.rows())
      refuse_shape(operation, "rows within [0, " + std::to_string(table.rows()) + ")",
                   std::to_string(ids[i]) + " at place " + std::to_string(i));
}

/// Row i of the result is row ids[i] of the table.
Var gather(std::string_view operation, const Var& table, const Tensor& ids) {
  const auto rows = ids.data<std::int32_t>();
  check_ids(operation, table, rows);
  const Index columns = table.columns();
  Tensor y = Tensor::uninitialised({ids.size(), columns}, table.dtype());
  visit_float(table.dtype(), operation, [&]<class T>() {
    const T* from = table.value().data_of_rows<T>(rows);
    T* to = elements<T>(y);
    parallel_for(ids.size(), rows_grain(columns), [=](Index begin, Index end) {
      for (Index i = begin; i < end; ++i)
        std::copy_n(from + Index{rows[static_cast<std::size_t>(i)]} * columns, columns, to + i * columns);
    });
  });
  return record(std::move(y), {table}, [table, ids, columns](Gradients& g) {
    if (ids.size() == 0) return;
    const Occurrences found = sort_by_row(ids.data<std::int32_t>(), table.rows());
    visit_float(table.dtype(), "a gradient", [&]<class T>() {
      const bool sparse = table.leaf() != nullptr && table.leaf()->sparse;
      if (sparse) Gradients::touch(*table.leaf(), found.rows);
      Tensor& sums = sparse ? table.leaf()->gradient : *g.into(table);
      scatter_add<T>(found, columns, elements<T>(g.of_result()), elements<T>(sums));
    });
  });
}

/// The distinct ids in order of their first place, and for each id its number among them.
struct DistinctIds {
  std::vector<std::int32_t> ids;
  Tensor of;
};
DistinctIds distinct_of(std::span<const std::int32_t> ids, std::int64_t table_rows) {
  constexpr std::int32_t unseen = -1;
  std::vector<std::int32_t> place(static_cast<std::size_t>(table_rows), unseen);
  DistinctIds result;
  result.ids.reserve(ids.size());
  std::vector<std::int32_t> of;
  of.reserve(ids.size());
  for (const std::int32_t id : ids) {
    std::int32_t& at = place[static_cast<std::size_t>(id)];
    if (at == unseen) {
      at = static_cast<std::int32_t>(result.ids.size());
      result.ids.push_back(id);
    }
    of.push_back(at);
  }
  result.of = Tensor::of<std::int32_t>({static_cast<std::int64_t>(ids.size())}, of);
  return result;
}

}  // namespace

Sequences embedding(const Var& table, const Ids& ids) {
  const Var rows = embedding(table, ids.tokens());
  // Finding copies costs a pass over the table's rows; using them costs one over sums of the distinct rows.
  constexpr std::int64_t table_rows_a_token = 64;
  if (table.rows() > table_rows_a_token * ids.rows()) return {rows, ids.layout()};
  DistinctIds distinct = distinct_of(ids.tokens().data<std::int32_t>(), table.rows());
  if (3 * static_cast<std::int64_t>(distinct.ids.size()) > 2 * ids.rows()) return {rows, ids.layout()};
  return {rows, ids.layout(), {select_rows(table, distinct.ids), std::move(distinct.of)}};
}

Var embedding(const Var& table, const Tensor& ids) {
  if (ids.dtype() != DType::i32 || ids.shape().size() != 1)
    refuse_shape("embedding", "ids i32 [N]", describe(ids));
  return gather("embedding", table, ids);
}

Var select_rows(const Var& x, std::span<const std::int32_t> ids) {
  return gather("select_rows", x, Tensor::of<std::int32_t>({static_cast<std::int64_t>(ids.size())}, ids));
}

namespace {

/// Whether `ids` are all of `rows` rows in their order.
bool all_in_order(std::span<const std::int32_t> ids, std::int64_t rows) {
  if (static_cast<std::int64_t>(ids.size()) != rows) return false;
  std::int32_t next = 0;
  return std::all_of(ids.begin(), ids.end(), [&next](std::int32_t id) { return id == next++; });
}

}  // namespace

State State::select(std::span<const std::int32_t> rows) const {
  // Streams of text that all go on keep their rows: there is nothing to copy.
  if (!parts_.empty() && std::all_of(parts_.begin(), parts_.end(),
                                     [rows](const Var& part) { return all_in_order(rows, part.rows()); }))
    return *this;
  std::vector<Var> selected;
  selected.reserve(parts_.size());
  for (const Var& part : parts_)
    selected.push_back(select_rows(part, rows));
  return State(std::move(selected));
}

}  // namespace rondo
