#include "tasks/report/blocks.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/shown.h"
#include "tasks/report/heat.h"
#include "tasks/report/svg.h"

namespace rondo::report {
namespace {

std::string shown(const Entry& entry, Form form, bool chinese) {
  if (const auto* const text = std::get_if<std::string>(&entry)) return svg::escape(*text);
  if (const auto* const words = std::get_if<Words>(&entry)) return svg::escape(words->in(chinese));
  if (const auto* const count = std::get_if<std::int64_t>(&entry)) return grouped(*count);
  const double value = std::get<double>(entry);
  if (std::isnan(value)) return "-";
  return form == Form::share ? percent(value) : fixed(value, 4);
}

/// A long text may break anywhere; a name stays on one line.
std::string cell(const Entry& entry, const Column& column, bool chinese) {
  const bool text = column.form == Form::text;
  return (!text                  ? "<td class=\"n\">"
          : column.key == "text" ? "<td class=\"text\">"
                                 : "<td>") +
         shown(entry, column.form, chinese) + "</td>";
}

std::string figure(const std::string& title, const std::string& picture) {
  return "<figure><figcaption>" + svg::escape(title) + "</figcaption>" + picture + "</figure>";
}

struct ToHtml {
  bool chinese;
  const std::string& say(const Words& words) const { return words.in(chinese); }

  std::string heading(const Words& title, const Words& note = {}) const {
    std::string out = "<h3>" + svg::escape(say(title)) + "</h3>\n";
    if (!note.en.empty()) out += "<p class=\"note\">" + svg::escape(say(note)) + "</p>\n";
    return out;
  }

  std::string row(const std::vector<Entry>& entries, const std::vector<Column>& columns) const {
    std::string out = "<tr>";
    for (std::size_t i = 0; i < columns.size(); ++i)
      out += cell(entries[i], columns[i], chinese);
    return out + "</tr>";
  }

  std::string operator()(const Table& table) const {
    std::string out = heading(table.title, table.note);
    if (table.rows.empty() && table.footer.empty()) return out;
    out += "<table><tr>";
    for (const Column& column : table.columns)
      out += (column.form == Form::text ? "<th>" : "<th class=\"n\">") + svg::escape(say(column.title)) +
             "</th>";
    out += "</tr>";
    const std::size_t rows = std::min(table.rows.size(), table.shown);
    for (std::size_t i = 0; i < rows; ++i)
      out += row(table.rows[i], table.columns);
    if (!table.footer.empty()) out += row(table.footer, table.columns);
    out += "</table>\n";
    if (rows < table.rows.size())
      out += "<p class=\"note\">" + std::to_string(rows) + " / " + std::to_string(table.rows.size()) + "</p>";
    return out;
  }

  std::string operator()(const Matrix& matrix) const {
    return heading(matrix.title) + svg::heat_map(matrix.names, matrix.counts, say(matrix.row_title) + " ↓",
                                                 say(matrix.column_title) + " →");
  }

  std::string operator()(const Lines& block) const {
    std::vector<svg::Line> lines;
    for (const auto& [name, values] : block.lines)
      lines.push_back({say(name), values});
    return figure(say(block.title), svg::line_chart(lines, say(block.x_title), block.mark));
  }

  std::string operator()(const Bars& block) const {
    constexpr std::size_t most = 40;
    std::vector<svg::Bar> bars;
    for (std::size_t i = 0; i < std::min(most, block.bars.size()); ++i)
      bars.push_back({block.bars[i].first, block.bars[i].second});
    std::string title = say(block.title);
    if (block.bars.size() > most)
      title += " (" + std::to_string(most) + " / " + std::to_string(block.bars.size()) + ")";
    return figure(title, svg::bar_chart(bars));
  }

  std::string operator()(const Histogram& block) const {
    return figure(say(block.title), svg::histogram(block.values, say(block.x_title)));
  }

  std::string operator()(const Note& block) const {
    return "<p class=\"note\">" + svg::escape(say(block.text)) + "</p>\n";
  }

  std::string operator()(const Heat& heat) const {
    return heading(heat.title) + "<div class=\"wide\">" +
           svg::heat_map({.rows = heat.rows,
                          .columns = heat.columns,
                          .row_label = say(heat.row_title),
                          .column_label = say(heat.column_title),
                          .values = heat.values,
                          .most = heat.most}) +
           "</div>\n";
  }

  std::string operator()(const Marked& marked) const {
    float most = 1e-12F;
    for (const float value : marked.values)
      if (std::isfinite(value)) most = std::max(most, std::abs(value));
    return heading(marked.title, marked.note) +
           svg::marked_text(marked.tokens, marked.values, static_cast<double>(most));
  }
};

bool is_picture(const Block& block) {
  return std::holds_alternative<Lines>(block) || std::holds_alternative<Bars>(block) ||
         std::holds_alternative<Histogram>(block);
}

}  // namespace

std::string to_html(const Section& section, bool chinese) {
  return "<h2>" + svg::escape(section.title.in(chinese)) + "</h2>\n" +
         blocks_to_html(section.blocks, chinese);
}

std::string blocks_to_html(const std::vector<Block>& blocks, bool chinese) {
  std::string out;
  bool paired = false;
  for (const Block& block : blocks) {
    if (std::exchange(paired, is_picture(block)) != paired)
      out += paired ? "<div class=\"pair\">" : "</div>\n";
    out += std::visit(ToHtml{chinese}, block);
  }
  return paired ? out + "</div>\n" : out;
}

}  // namespace rondo::report
