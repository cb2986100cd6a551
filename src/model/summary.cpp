#include <algorithm>

#include "base/shown.h"
#include "model/sequential_impl.h"

namespace rondo {
namespace {

std::string megabytes(std::int64_t bytes) {
  const std::int64_t tenths = (bytes * 10 + 500'000) / 1'000'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

struct Count {
  std::int64_t all = 0, frozen = 0;
};

Count count_under(const ParameterStore& store, const std::string& name) {
  Count count;
  const std::string prefix = name + ".";
  for (const Parameter& p : store.parameters()) {
    if (p.name.compare(0, prefix.size(), prefix) != 0) continue;
    count.all += p.leaf->value.size();
    if (!p.leaf->trainable) count.frozen += p.leaf->value.size();
  }
  return count;
}

using Row = std::array<std::string, 4>;

/// Text columns to the left, numbers to the right, a line under the heading.
std::string table(const std::vector<Row>& rows) {
  std::array<std::size_t, 4> widths = {};
  for (const Row& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c)
      widths[c] = std::max(widths[c], row[c].size());
  std::string text;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t c = 0; c < widths.size(); ++c) {
      const std::string padding(widths[c] - rows[r][c].size(), ' ');
      line += (c == 3 ? padding + rows[r][c] : rows[r][c] + padding) + (c == 3 ? "" : "  ");
    }
    text += line + "\n";
    if (r == 0) text += std::string(line.size(), '-') + "\n";
  }
  return text;
}

}  // namespace

std::string Sequential::summary() const {
  const Impl& m = *impl_;
  const ParameterStore* store = m.network ? m.network->store().get() : nullptr;
  std::vector<Row> rows = {{"layer", "type", "output", "parameters"}};
  Count total;
  for (std::size_t i = 0; i < m.layers.size(); ++i) {
    std::string parameters = "?";
    if (store != nullptr) {
      const Count count = count_under(*store, m.names[i]);
      parameters = grouped(count.all) + (count.frozen > 0 ? " (frozen)" : "");
      total.all += count.all;
      total.frozen += count.frozen;
    }
    rows.push_back({m.names[i], std::string(type_of(m.layers[i])), m.shapes[i].shape(), parameters});
  }
  std::string text = table(rows);
  if (store == nullptr) return text + "parameters: known when the vocabulary is learned, by fit or prepare\n";
  text += "parameters: " + grouped(total.all) + " (" + megabytes(4 * total.all) + ")";
  if (total.frozen > 0) text += ", frozen: " + grouped(total.frozen);
  if (m.encoder) text += "; vocabulary: " + grouped(m.encoder->vocab().size());
  if (!m.classes.empty()) text += "; classes: " + grouped(static_cast<std::int64_t>(m.classes.size()));
  return text + "\n";
}

}  // namespace rondo
