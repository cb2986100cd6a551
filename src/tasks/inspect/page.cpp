#include "tasks/inspect/page.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "tasks/report/blocks.h"
#include "tasks/report/frame.h"

namespace rondo::inspect {
namespace {

/// What a report draws of a block.
report::Block drawn(const Block& block) {
  if (const auto* const curves = std::get_if<Curves>(&block)) return curves->lines;
  if (const auto* const table = std::get_if<report::Table>(&block)) return *table;
  if (const auto* const heat = std::get_if<Heat>(&block)) return *heat;
  if (const auto* const marked = std::get_if<Marked>(&block)) return *marked;
  return std::get<report::Note>(block);
}

std::string html_of(const Section& section, bool chinese) {
  report::Section drawn_section{section.title, {}};
  for (const Block& block : section.blocks)
    drawn_section.blocks.push_back(drawn(block));
  return report::to_html(drawn_section, chinese);
}

Json json_of(const std::vector<float>& values) {
  Json list = Json::array();
  for (const float value : values)
    list.push_back(std::isnan(value) ? Json() : json_number(static_cast<double>(value)));
  return list;
}

Json json_of(const Heat& heat) {
  Json values = Json::array();
  for (const std::vector<float>& row : heat.values)
    values.push_back(json_of(row));
  return {{"rows", heat.rows}, {"columns", heat.columns}, {"values", std::move(values)}};
}

void add_to(Json& object, const Block& block) {
  if (const auto* const curves = std::get_if<Curves>(&block)) {
    Json lines = Json::object();
    for (const auto& [name, values] : curves->lines.lines)
      lines[name.en] = json_of(values);
    object[curves->key] = std::move(lines);
  }
  if (const auto* const heat = std::get_if<Heat>(&block)) object[heat->key] = json_of(*heat);
  if (const auto* const marked = std::get_if<Marked>(&block))
    object[marked->key] = {{"tokens", marked->tokens}, {"values", json_of(marked->values)}};
}

}  // namespace

std::string to_html(const Page& page, bool chinese) {
  std::string out = report::page_begin(page.title, chinese) + report::facts_section(page.facts, chinese);
  for (const Section& section : page.sections)
    out += html_of(section, chinese);
  return out + report::page_end();
}

std::string to_json(std::span<const Section> sections) {
  const Evaluation tables{.counted = {}, .scores = {}, .blocks = tables_of(sections)};
  Json object = parse_json(tables.to_json(), {.name = "tables"});
  object.erase("examples");
  for (const Section& section : sections)
    for (const Block& block : section.blocks)
      add_to(object, block);
  return dump_json(object);
}

std::vector<report::Block> tables_of(std::span<const Section> sections) {
  std::vector<report::Block> tables;
  for (const Section& section : sections)
    for (const Block& block : section.blocks) {
      if (const auto* const table = std::get_if<report::Table>(&block)) tables.emplace_back(*table);
      const auto* const marked = std::get_if<Marked>(&block);
      if (marked == nullptr) continue;
      report::Table table{
          .key = {},
          .title = marked->title,
          .columns = {{"token", {"token", "词元"}, Form::text}, {"value", {"value", "数值"}, Form::number}},
          .shown = marked->tokens.size()};
      for (std::size_t i = 0; i < std::min(marked->tokens.size(), marked->values.size()); ++i)
        table.rows.push_back({marked->tokens[i], static_cast<double>(marked->values[i])});
      tables.emplace_back(std::move(table));
    }
  return tables;
}

}  // namespace rondo::inspect
