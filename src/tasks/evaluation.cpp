#include <algorithm>
#include <cmath>

#include <rondo/tasks/evaluation.h>

#include "base/json.h"

namespace rondo {
namespace {

Json json_of(const report::Entry& entry) {
  if (const auto* const words = std::get_if<Words>(&entry)) return words->en;
  if (const auto* const text = std::get_if<std::string>(&entry)) return *text;
  if (const auto* const count = std::get_if<std::int64_t>(&entry)) return *count;
  return std::get<double>(entry);
}

Json json_of(const report::Table& table) {
  Json rows = Json::array();
  for (const std::vector<report::Entry>& row : table.rows) {
    Json object = Json::object();
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      object[table.columns[i].key] = json_of(row[i]);
    rows.push_back(std::move(object));
  }
  return rows;
}

void add_block(Json& json, const report::Block& block) {
  if (const auto* const table = std::get_if<report::Table>(&block); table != nullptr && !table->key.empty())
    json[table->key] = json_of(*table);
  if (const auto* const matrix = std::get_if<report::Matrix>(&block)) json[matrix->key] = matrix->counts;
}

}  // namespace

const Score* Evaluation::find(std::string_view name) const noexcept {
  const auto found =
      std::find_if(scores.begin(), scores.end(), [&](const Score& score) { return score.name == name; });
  return found == scores.end() ? nullptr : &*found;
}

std::string Evaluation::to_json() const {
  Json json = {{"examples", examples}};
  for (const Score& score : scores)  // of no examples there is no score; some are undefined for others too
    json[score.name] = examples > 0 && !std::isnan(score.value) ? json_number(score.value) : Json();
  for (const report::Block& block : blocks)
    add_block(json, block);
  return dump_json(json);
}

}  // namespace rondo
