#include "scores.h"

#include <algorithm>
#include <cmath>

#include "base/shown.h"
#include "base/utf8.h"
#include "table.h"

namespace rondo::program {
namespace {

std::string shown(const report::Entry& entry, Form form) {
  constexpr int widest = 72;
  if (const auto* const text = std::get_if<std::string>(&entry))
    return truncate_to_width(one_line(*text), widest);
  if (const auto* const words = std::get_if<Words>(&entry)) return words->en;
  if (const auto* const count = std::get_if<std::int64_t>(&entry)) return grouped(*count);
  const double value = std::get<double>(entry);
  if (std::isnan(value)) return "-";
  return form == Form::share ? percent(value) : fixed(value, 4);
}

std::string text_of(const report::Table& block) {
  std::vector<std::string> headers;
  for (const report::Column& column : block.columns)
    headers.push_back((column.form == Form::text ? "" : ">") + column.title.en);
  Table table(std::move(headers));
  const auto add = [&](const std::vector<report::Entry>& row) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < row.size(); ++i)
      cells.push_back(shown(row[i], block.columns[i].form));
    table.add(std::move(cells));
  };
  const std::size_t rows = std::min(block.rows.size(), block.shown);
  std::for_each(block.rows.begin(), block.rows.begin() + static_cast<std::ptrdiff_t>(rows), add);
  if (!block.footer.empty()) add(block.footer);
  const std::size_t left = block.rows.size() - rows;
  return table.text() + (left > 0 ? "... and " + std::to_string(left) + " more (--json has all)\n" : "");
}

std::string text_of(const report::Matrix& block) {
  std::vector<std::string> headers = {block.row_title.en + " \\ " + block.column_title.en};
  for (const std::string& name : block.names)
    headers.push_back(">" + name);
  Table table(std::move(headers));
  for (std::size_t i = 0; i < block.counts.size(); ++i) {
    std::vector<std::string> cells = {block.names[i]};
    for (const std::int64_t count : block.counts[i])
      cells.push_back(grouped(count));
    table.add(std::move(cells));
  }
  return table.text();
}

}  // namespace

std::string shown(const Score& score) {
  if (std::isnan(score.value)) return "undefined";
  if (score.form == Form::share) return percent(score.value);
  return score.form == Form::count ? grouped(static_cast<std::int64_t>(score.value)) : fixed(score.value, 4);
}

std::string headline(const Evaluation& evaluation, bool with_loss) {
  std::string out;
  const auto add = [&](const Score& score) {
    out += (score.title.en.empty() ? score.name : score.title.en) + " " + shown(score) + "  ";
  };
  for (const Score& score : evaluation.scores)
    if (score.headline) add(score);
  const Score* const loss = evaluation.find("loss");
  if (with_loss && loss != nullptr && !loss->headline) add(*loss);
  return out + "(" + grouped(evaluation.examples) + " " + evaluation.counted.en + ")";
}

std::string headline_tables(const Evaluation& evaluation) {
  std::vector<report::Block> shown;
  for (const report::Block& block : evaluation.blocks)
    if (const auto* const table = std::get_if<report::Table>(&block); table != nullptr && table->headline)
      shown.push_back(block);
  return shown.empty() ? "" : blocks_text(shown) + "\n";
}

std::string blocks_text(const std::vector<report::Block>& blocks) {
  std::string out;
  for (const report::Block& block : blocks) {
    const auto* const table = std::get_if<report::Table>(&block);
    if (table != nullptr && !(table->rows.empty() && table->footer.empty()))
      out += "\n" + table->title.en + "\n" + text_of(*table);
    if (const auto* const matrix = std::get_if<report::Matrix>(&block))
      out += "\n" + matrix->title.en + "\n" + text_of(*matrix);
  }
  return out;
}

}  // namespace rondo::program
