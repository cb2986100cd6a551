#include "tasks/forecast/table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "base/message.h"
#include "base/shown.h"
#include "base/utf8.h"

namespace rondo::forecast {
namespace {

namespace fs = std::filesystem;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t sample_size = 1000;

/// Puts rows of cells into columns.
class Filler {
 public:
  explicit Filler(RawTable& table) : table_(table) {
    const TableLayout& layout = table_.layout;
    for (std::size_t c = 0; c < layout.columns.size(); ++c) {
      const ColumnPlan& plan = layout.columns[c];
      if (plan.role == Role::ignored || plan.role == Role::time || plan.role == Role::id) continue;
      table_.columns.push_back({plan.name, plan.role, plan.category, {}, {}});
      sources_.push_back(c);
    }
    words_.resize(sources_.size());
  }

  void reserve(std::size_t rows) {
    if (!table_.layout.time.empty()) table_.times.reserve(rows);
    for (RawColumn& column : table_.columns)
      column.values.reserve(rows);
  }

  void add(const std::vector<std::string>& cells, std::uint64_t line, const std::string& file) {
    table_.places.add(table_.rows, line, file);
    if (!table_.layout.time.empty()) table_.times.push_back(time_of(cells));
    if (table_.layout.id != TableLayout::npos) table_.ids.push_back(id_of(cells[table_.layout.id]));
    for (std::size_t i = 0; i < sources_.size(); ++i)
      table_.columns[i].values.push_back(value_of(i, cells[sources_[i]]));
    ++table_.rows;
  }

 private:
  [[noreturn]] void refuse(std::size_t column, const std::string& what) const {
    fail(ErrorKind::data, table_.places.place(table_.rows) + ": column " +
                              quote(table_.layout.columns[column].name) + ": " + what);
  }

  std::int64_t time_of(const std::vector<std::string>& cells) {
    const TableLayout& layout = table_.layout;
    if (layout.time.size() > 1) return time_of_parts(cells);
    const std::size_t c = layout.time.front();
    const std::string_view text = trim_unseen(cells[c]);
    if (is_missing(text))
      refuse(c, "wanted a time, got an empty cell; give the row its time, or leave it out");
    if (layout.style.kind != TimeKind::moment) return number_of_time(c, text);
    const std::optional<Moment> moment = parse_moment(text, layout.month_first);
    if (!moment)
      refuse(c, "wanted a time such as 2024-03-01 or 2024-03-01 12:30" +
                    std::string(begins_with_day_or_month(text)
                                    ? layout.month_first ? " (dates have the month first; --dates day_first)"
                                                         : " (dates have the day first; --dates month_first)"
                                    : "") +
                    ", got " + quote(text));
    table_.layout.style.detail = std::max(table_.layout.style.detail, moment->detail);
    table_.zones = table_.zones || moment->zone;
    return moment->ms;
  }

  std::int64_t number_of_time(std::size_t c, std::string_view text) const {
    const std::optional<double> value = parse_number(text, {'.'});
    if (!value || *value != std::floor(*value) || std::abs(*value) > 9e15)
      refuse(c, "wanted a whole number, as the times before, got " + quote(text));
    return static_cast<std::int64_t>(*value) * (table_.layout.style.kind == TimeKind::epoch ? 1000 : 1);
  }

  std::int64_t time_of_parts(const std::vector<std::string>& cells) const {
    const TableLayout& layout = table_.layout;
    Date date;
    std::int64_t within = 0;
    for (std::size_t i = 0; i < layout.time.size(); ++i) {
      const std::size_t c = layout.time[i];
      const std::optional<double> value = parse_number(cells[c], {'.'});
      if (!value || *value != std::floor(*value) || std::abs(*value) > 9999)
        refuse(c, "wanted a whole number as a part of the time, got " + quote(cells[c]));
      const auto number = static_cast<int>(*value);
      switch (layout.parts[i]) {
        case TimePart::year:
          date.year = number;
          break;
        case TimePart::month:
          date.month = number;
          break;
        case TimePart::day:
          date.day = number;
          break;
        case TimePart::hour:
          within += number * ms_of_hour;
          break;
        case TimePart::minute:
          within += number * ms_of_minute;
          break;
        case TimePart::second:
          within += number * std::int64_t{1000};
          break;
      }
    }
    const std::optional<std::int64_t> days = days_of(date);
    if (!days)
      refuse(layout.time.front(), "no such date: " + std::to_string(date.year) + "-" +
                                      std::to_string(date.month) + "-" + std::to_string(date.day));
    return *days * ms_of_day + within;
  }

  std::int32_t id_of(const std::string& cell) {
    if (cell.empty()) refuse(table_.layout.id, "the row names no series; give it a name, or leave it out");
    const auto [found, is_new] = ids_.emplace(cell, static_cast<std::int32_t>(ids_.size()));
    if (is_new) table_.id_names.push_back(cell);
    return found->second;
  }

  double value_of(std::size_t i, const std::string& cell) {
    RawColumn& column = table_.columns[i];
    if (is_missing(cell)) return missing;
    if (!column.category) {
      const std::optional<double> value = parse_number(cell, table_.layout.numbers);
      if (value) return *value;
      refuse(sources_[i],
             "wanted a number" +
                 std::string(table_.layout.numbers.decimal == ',' ? " with a decimal comma" : "") + ", got " +
                 quote(cell) + "; --decimal tells the mark, --categories " + column.name +
                 " makes its values classes, --ignore " + column.name + " leaves it out");
    }
    const auto [found, is_new] =
        words_[i].emplace(trim_unseen(cell), static_cast<std::int32_t>(words_[i].size()));
    if (is_new) column.words.emplace_back(trim_unseen(cell));
    return found->second;
  }

  RawTable& table_;
  std::vector<std::size_t> sources_;
  std::vector<std::unordered_map<std::string, std::int32_t>> words_;
  std::unordered_map<std::string, std::int32_t> ids_;
};

Sample sample_of(RowReader& rows) {
  Sample sample{.name = rows.name(), .rows = {}, .lines = {}};
  for (std::vector<std::string> cells; sample.rows.size() < sample_size && rows.next(cells);) {
    sample.rows.push_back(cells);
    sample.lines.push_back(rows.line());
  }
  sample.separator = rows.separator();
  return sample;
}

/// The rows of a plain file, from its size and its first rows.
std::size_t expected_rows(const fs::path& file, const Sample& sample) {
  if (file.extension() == ".gz" || file.extension() == ".xz") return 0;
  std::error_code error;
  const auto size = fs::file_size(file, error);
  std::size_t bytes = 0;
  for (const std::vector<std::string>& row : sample.rows)
    for (const std::string& cell : row)
      bytes += cell.size() + 1;
  if (error || bytes == 0) return 0;
  return static_cast<std::size_t>(static_cast<double>(size) / static_cast<double>(bytes) *
                                  static_cast<double>(sample.rows.size()) * 1.02);
}

/// The rows of a further file, whose columns must be those of the first.
void add_file(RowReader& rows, Filler& filler, const TableLayout& layout) {
  std::vector<std::string> cells;
  bool first = true;
  while (rows.next(cells)) {
    if (cells.size() != layout.columns.size())
      fail(ErrorKind::data, rows.place() + ": has " + std::to_string(cells.size()) +
                                " columns, the first file has " + std::to_string(layout.columns.size()));
    if (std::exchange(first, false) && layout.header) {
      for (std::size_t c = 0; c < cells.size(); ++c)
        if (trim_unseen(cells[c]) != layout.columns[c].name)
          fail(ErrorKind::data, rows.place() + ": column " + std::to_string(c + 1) + " is named " +
                                    quote(trim_unseen(cells[c])) + ", in the first file " +
                                    quote(layout.columns[c].name) +
                                    "; files that are joined have like columns");
      continue;
    }
    filler.add(cells, rows.line(), rows.name());
  }
}

RawTable fill(RowReader rows, const std::vector<fs::path>& files, const ColumnOptions& options,
              const LikeLayout& like, std::vector<std::string>& notices) {
  RawTable table;
  table.name = rows.name();
  Sample sample = sample_of(rows);
  table.layout = layout_of(sample, options, like, notices);
  const TableLayout layout = table.layout;
  Filler filler(table);
  if (!files.empty()) filler.reserve(expected_rows(files.front(), sample));
  for (std::size_t i = layout.header ? 1 : 0; i < sample.rows.size(); ++i)
    filler.add(sample.rows[i], sample.lines[i], rows.name());
  sample = {};
  for (std::vector<std::string> cells; rows.next(cells);)
    filler.add(cells, rows.line(), rows.name());
  for (std::size_t i = 1; i < files.size(); ++i) {
    RowReader further(lines_of(files[i]), files[i].string());
    add_file(further, filler, layout);
  }
  if (table.zones) notices.push_back(table.name + ": times with a zone are taken to UTC");
  return table;
}

}  // namespace

void RowPlaces::add(std::size_t row, std::uint64_t line, const std::string& file) {
  if (files_.empty() || files_.back() != file) {
    files_.push_back(file);
    runs_.push_back({row, line, files_.size() - 1});
    return;
  }
  const Run& last = runs_.back();
  if (line - last.line != row - last.row) runs_.push_back({row, line, files_.size() - 1});
}

const RowPlaces::Run& RowPlaces::run_of(std::size_t row) const {
  return *(std::upper_bound(runs_.begin(), runs_.end(), row,
                            [](std::size_t at, const Run& run) { return at < run.row; }) -
           1);
}

std::uint64_t RowPlaces::line(std::size_t row) const {
  const Run& run = run_of(row);
  return run.line + (row - run.row);
}

std::string RowPlaces::place(std::size_t row) const {
  return files_[run_of(row).file] + " line " + std::to_string(line(row));
}

RawTable read_table(const std::vector<fs::path>& files, const ColumnOptions& options, const LikeLayout& like,
                    std::vector<std::string>& notices) {
  if (files.empty()) fail(ErrorKind::usage, "no file of series is given");
  return fill(RowReader(lines_of(files.front()), files.front().string()), files, options, like, notices);
}

RawTable parse_table(std::string_view text, const std::string& name, const ColumnOptions& options,
                     const LikeLayout& like, std::vector<std::string>& notices) {
  return fill(RowReader(lines_in(text), name), {}, options, like, notices);
}

}  // namespace rondo::forecast
