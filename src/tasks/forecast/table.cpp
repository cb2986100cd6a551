#include "tasks/forecast/table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "base/message.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "data/table.h"

namespace rondo::forecast {
namespace {

namespace fs = std::filesystem;

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
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
    if (!table_.layout.time.empty() && is_empty(cells)) {
      ++empty_rows_;
      return;
    }
    table_.places.add(table_.rows, line, file);
    if (!table_.layout.time.empty()) table_.times.push_back(time_of(cells));
    if (table_.layout.id != TableLayout::npos) table_.ids.push_back(id_of(cells[table_.layout.id]));
    for (std::size_t i = 0; i < sources_.size(); ++i)
      table_.columns[i].values.push_back(value_of(i, cells[sources_[i]]));
    ++table_.rows;
  }

  /// Rows without a time or a value, which spreadsheets leave behind the last one.
  std::int64_t empty_rows() const noexcept { return empty_rows_; }

 private:
  bool is_empty(const std::vector<std::string>& cells) const {
    return trim_unseen(cells[table_.layout.time.front()]).empty() &&
           std::all_of(cells.begin(), cells.end(),
                       [](const std::string& cell) { return trim_unseen(cell).empty(); });
  }

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
    return moment_of(c, text);
  }

  std::int64_t moment_of(std::size_t c, std::string_view text) {
    const TableLayout& layout = table_.layout;
    const std::optional<Moment> moment = parse_moment(text, layout.dates);
    if (!moment) {
      const std::string now(layout.dates == DateOrder::automatic ? "day_first" : name_of(layout.dates));
      refuse(c, "wanted a time such as 2024-03-01 or 2024-03-01 12:30" +
                    (has_open_order(text) ? " (dates are read as " + now + "; --dates says otherwise)" : "") +
                    ", got " + quote(text));
    }
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

  int part_in(std::size_t c, const std::string& cell) const {
    const std::optional<double> value = parse_number(cell, {'.'});
    if (!value || *value != std::floor(*value) || std::abs(*value) > 9999)
      refuse(c, "wanted a whole number as a part of the time, got " + quote(cell));
    return static_cast<int>(*value);
  }

  std::int64_t clock_in(std::size_t c, const std::string& cell) const {
    const std::optional<std::int64_t> clock = parse_clock(trim_unseen(cell));
    if (!clock) refuse(c, "wanted a time of day such as 12:30, got " + quote(cell));
    return *clock;
  }

  std::int64_t time_of_parts(const std::vector<std::string>& cells) {
    const TableLayout& layout = table_.layout;
    Date date;
    std::int64_t within = 0;
    std::optional<std::int64_t> whole;
    for (std::size_t i = 0; i < layout.time.size(); ++i) {
      const std::size_t c = layout.time[i];
      const std::string& cell = cells[c];
      switch (layout.parts[i]) {
        case TimePart::year:
          date.year = part_in(c, cell);
          break;
        case TimePart::month:
          date.month = part_in(c, cell);
          break;
        case TimePart::day:
          date.day = part_in(c, cell);
          break;
        case TimePart::hour:
          within += part_in(c, cell) * ms_of_hour;
          break;
        case TimePart::minute:
          within += part_in(c, cell) * ms_of_minute;
          break;
        case TimePart::second:
          within += part_in(c, cell) * std::int64_t{1000};
          break;
        case TimePart::date:
          whole = moment_of(c, trim_unseen(cell));
          break;
        case TimePart::clock:
          within += clock_in(c, cell);
          break;
      }
    }
    return whole ? *whole + within : day_of_parts(date) + within;
  }

  std::int64_t day_of_parts(const Date& date) const {
    const std::optional<std::int64_t> days = days_of(date);
    if (!days)
      refuse(table_.layout.time.front(), "no such date: " + std::to_string(date.year) + "-" +
                                             std::to_string(date.month) + "-" + std::to_string(date.day));
    return *days * ms_of_day;
  }

  std::int32_t id_of(const std::string& cell) {
    if (cell.empty()) refuse(table_.layout.id, "the row names no series; give it a name, or leave it out");
    const auto [found, is_new] = ids_.emplace(cell, static_cast<std::int32_t>(ids_.size()));
    if (is_new) table_.id_names.push_back(cell);
    return found->second;
  }

  double value_of(std::size_t i, const std::string& cell) {
    RawColumn& column = table_.columns[i];
    const MissingMarks& marks = table_.layout.missing;
    if (!column.category) {
      const std::optional<double> value = parse_number(cell, table_.layout.numbers);
      if (value) return marks.is_mark(*value) ? no_value : *value;
      if (marks(cell)) return no_value;
      refuse(sources_[i],
             "wanted a number" +
                 std::string(table_.layout.numbers.decimal == ',' ? " with a decimal comma" : "") + ", got " +
                 quote(cell) + "; --decimal tells the mark, --categories " + column.name +
                 " makes its values classes, --missing " + quote(cell) + " takes it for no value, --ignore " +
                 column.name + " leaves the column out");
    }
    if (marks(cell)) return no_value;
    const auto [found, is_new] =
        words_[i].emplace(trim_unseen(cell), static_cast<std::int32_t>(words_[i].size()));
    if (is_new) column.words.emplace_back(trim_unseen(cell));
    return found->second;
  }

  RawTable& table_;
  std::int64_t empty_rows_ = 0;
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
  if (data::unpacked_name(file) != file.filename()) return 0;
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

std::pair<double, double> range_of(const std::vector<double>& values) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double value : values) {
    low = value < low ? value : low;
    high = value > high ? value : high;
  }
  return {low, high};
}

/// How often the least or greatest value of a column stands there, if it stands far from all others and is
/// one that stations and programs write where they have none; 0 else.
std::int64_t times_of_mark(const std::vector<double>& values, double mark) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  std::int64_t times = 0;
  for (const double value : values) {
    if (value == mark) {
      ++times;
    } else if (!std::isnan(value)) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  const double away = mark < low ? low - mark : mark - high;
  return times > 1 && low <= high && away > 2 * (high - low) ? times : 0;
}

/// Says which numbers look as if they stood for no value.
void say_marks(const RawTable& table, std::vector<std::string>& notices) {
  constexpr std::array<double, 11> usual = {-99,  -200,  -999,  -999.9, -9999, -99999,
                                            9999, 32766, 32767, 99999,  999999};
  for (const RawColumn& column : table.columns) {
    if (column.category) continue;
    const auto [low, high] = range_of(column.values);
    for (const double mark : usual) {
      if (mark != low && mark != high) continue;
      const std::int64_t times = times_of_mark(column.values, mark);
      if (times == 0) continue;
      const std::string text = plain(mark);
      notices.push_back(table.name + ": column " + quote(column.name) + ": " + text + " stands in " +
                        grouped(times) + " rows, far from all other values; --missing " + text +
                        " if it stands for none");
    }
  }
}

RawTable fill(RowReader rows, const std::vector<fs::path>& files, const ColumnOptions& options,
              const LikeLayout& like, std::vector<std::string>& notices) {
  RawTable table;
  table.name = rows.name();
  Sample sample = sample_of(rows);
  sample.missing = MissingMarks(options.missing);
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
  if (filler.empty_rows() > 0)
    notices.push_back(table.name + ": " + grouped(filler.empty_rows()) +
                      (filler.empty_rows() == 1 ? " row of empty cells is" : " rows of empty cells are") +
                      " left out");
  say_marks(table, notices);
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
