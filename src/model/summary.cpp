#include "model/summary.h"

#include <algorithm>
#include <string_view>

#include "base/shown.h"
#include "model/sequential_impl.h"

namespace rondo {
namespace {

std::string megabytes(std::int64_t bytes) {
  const std::int64_t tenths = (bytes * 10 + 500'000) / 1'000'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

std::string of_module(const ParameterCount& count) {
  return grouped(count.all) + (count.frozen > 0 ? " (frozen)" : "");
}

}  // namespace

std::string table(const std::vector<SummaryRow>& rows) {
  std::array<std::size_t, 4> widths = {};
  for (const SummaryRow& row : rows)
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

ParameterCount count_parameters(const ParameterStore& store, const std::string& prefix) {
  ParameterCount count;
  for (const Parameter& p : store.parameters()) {
    if (p.name.compare(0, prefix.size(), prefix) != 0) continue;
    count.all += p.leaf->value.size();
    if (!p.leaf->trainable) count.frozen += p.leaf->value.size();
  }
  return count;
}

std::string in_words(const ParameterCount& count) {
  std::string text = "parameters: " + grouped(count.all) + " (" + megabytes(4 * count.all) + ")";
  if (count.frozen > 0) text += ", frozen: " + grouped(count.frozen);
  return text;
}

std::string parameter_table(const ParameterStore& store) {
  std::vector<SummaryRow> rows = {{"module", "parameter", "shape", "parameters"}};
  std::string_view above = "";
  for (const Parameter& p : store.parameters()) {
    const std::string_view name = p.name;
    const std::size_t dot = name.rfind('.');
    const std::string_view module = dot == std::string_view::npos ? "" : name.substr(0, dot);
    const bool again = rows.size() > 1 && module == above;
    above = module;
    const ParameterCount count{p.leaf->value.size(), p.leaf->trainable ? 0 : p.leaf->value.size()};
    rows.push_back({std::string(again ? "" : module), std::string(name.substr(dot + 1)),
                    to_string(p.leaf->value.shape()), of_module(count)});
  }
  return table(rows) + in_words(count_parameters(store)) + "\n";
}

std::string Sequential::summary() const {
  const Impl& m = *impl_;
  const ParameterStore* store = m.network ? m.network->store().get() : nullptr;
  std::vector<SummaryRow> rows = {{"layer", "type", "output", "parameters"}};
  ParameterCount total;
  for (std::size_t i = 0; i < m.layers.size(); ++i) {
    std::string parameters = "?";
    if (store != nullptr) {
      const ParameterCount count = count_parameters(*store, m.names[i] + ".");
      parameters = of_module(count);
      total.all += count.all;
      total.frozen += count.frozen;
    }
    rows.push_back({m.names[i], std::string(type_of(m.layers[i])), m.shapes[i].shape(), parameters});
  }
  std::string text = table(rows);
  if (store == nullptr) return text + "parameters: known when the vocabulary is learned, by fit or prepare\n";
  text += in_words(total);
  if (m.encoder) text += "; vocabulary: " + grouped(m.encoder->vocab().size());
  if (!m.classes.empty()) text += "; classes: " + grouped(static_cast<std::int64_t>(m.classes.size()));
  return text + "\n";
}

}  // namespace rondo
