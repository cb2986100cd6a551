#include "tasks/inspect/page.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "tasks/report/blocks.h"
#include "tasks/report/frame.h"
#include "tasks/report/heat.h"
#include "tasks/report/svg.h"

namespace rondo::inspect {
namespace {

std::string heading(const Words& title, const Words& note, bool chinese) {
  std::string out = "<h3>" + svg::escape(title.in(chinese)) + "</h3>\n";
  if (!note.en.empty()) out += "<p class=\"note\">" + svg::escape(note.in(chinese)) + "</p>\n";
  return out;
}

std::string html_of(const Heat& heat, bool chinese) {
  return heading(heat.title, {}, chinese) + "<div class=\"wide\">" +
         svg::heat_map({.rows = heat.rows,
                        .columns = heat.columns,
                        .row_label = heat.row_title.in(chinese),
                        .column_label = heat.column_title.in(chinese),
                        .values = heat.values,
                        .most = heat.most}) +
         "</div>\n";
}

std::string html_of(const Marked& marked, bool chinese) {
  float most = 1e-12F;
  for (const float value : marked.values)
    if (std::isfinite(value)) most = std::max(most, std::abs(value));
  return heading(marked.title, marked.note, chinese) +
         svg::marked_text(marked.tokens, marked.values, static_cast<double>(most));
}

/// Neighbours that a report can draw are drawn together, so that its pictures stand side by side.
std::string html_of(const Section& section, bool chinese) {
  std::string out = "<h2>" + svg::escape(section.title.in(chinese)) + "</h2>\n";
  report::Section some;
  const auto draw_some = [&] {
    if (!some.blocks.empty()) out += report::blocks_to_html(some.blocks, chinese);
    some.blocks.clear();
  };
  for (const Block& block : section.blocks) {
    if (const auto* const table = std::get_if<report::Table>(&block)) some.blocks.emplace_back(*table);
    if (const auto* const note = std::get_if<report::Note>(&block)) some.blocks.emplace_back(*note);
    if (const auto* const curves = std::get_if<Curves>(&block)) some.blocks.emplace_back(curves->lines);
    const auto* const heat = std::get_if<Heat>(&block);
    const auto* const marked = std::get_if<Marked>(&block);
    if (heat == nullptr && marked == nullptr) continue;
    draw_some();
    out += heat != nullptr ? html_of(*heat, chinese) : html_of(*marked, chinese);
  }
  draw_some();
  return out;
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
