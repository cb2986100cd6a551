#include "tasks/forecast/frame.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "base/message.h"
#include "base/random.h"
#include "base/shown.h"

namespace rondo::forecast {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// The rows of one series, in order of time and without repeats. `merged` holds rows that stand for several.
struct Group {
  std::string id;
  std::vector<std::uint32_t> rows;
  bool in_order = true;  ///< they are all rows of the table, as they stand; `rows` is empty then
};

class Framer {
 public:
  Framer(RawTable table, const ColumnOptions& options, const Frequency* like,
         std::vector<std::string>& notices)
      : table_(std::move(table)), options_(options), like_(like), notices_(notices) {}

  Frame run() {
    frame_.name = table_.name;
    frame_.style = table_.layout.style;
    for (const RawColumn& column : table_.columns)
      if (column.role != Role::target)
        (column.role == Role::constant ? frame_.constants : frame_.covariates)
            .push_back({column.name, column.role, column.category, column.words});
    make_groups();
    for (Group& group : groups_)
      sort(group);
    say_order();
    find_frequency();
    for (Group& group : groups_)
      place(group);
    say_found();
    return std::move(frame_);
  }

 private:
  bool has_times() const { return !table_.times.empty(); }
  std::string shown(std::int64_t time) const { return to_text(time, table_.layout.style); }
  std::size_t row(const Group& group, std::size_t i) const { return group.in_order ? i : group.rows[i]; }
  std::size_t size(const Group& group) const { return group.in_order ? table_.rows : group.rows.size(); }
  std::int64_t time(const Group& group, std::size_t i) const { return table_.times[row(group, i)]; }
  std::string of(const Group& group) const { return group.id.empty() ? "" : group.id + ": "; }

  void make_groups() {
    if (table_.rows > std::numeric_limits<std::uint32_t>::max())
      fail(ErrorKind::data, table_.name + ": has more than 4 294 967 295 rows");
    if (table_.ids.empty()) {
      groups_.push_back({});
      return;
    }
    for (const std::string& id : table_.id_names)
      groups_.push_back({.id = id, .rows = {}, .in_order = false});
    for (std::size_t i = 0; i < table_.rows; ++i)
      groups_[static_cast<std::size_t>(table_.ids[i])].rows.push_back(static_cast<std::uint32_t>(i));
    // Models and answers do not depend on the order of the rows in the file.
    std::stable_sort(groups_.begin(), groups_.end(),
                     [](const Group& a, const Group& b) { return a.id < b.id; });
  }

  void sort(Group& group) {
    if (!has_times()) return;
    bool ascending = true, strictly = true;
    for (std::size_t i = 1; i < size(group); ++i) {
      ascending = ascending && time(group, i - 1) <= time(group, i);
      strictly = strictly && time(group, i - 1) < time(group, i);
    }
    if (strictly) return;
    if (group.in_order) {
      group.rows.resize(table_.rows);
      std::iota(group.rows.begin(), group.rows.end(), 0U);
      group.in_order = false;
    }
    if (!ascending) {
      ++unsorted_;
      std::stable_sort(group.rows.begin(), group.rows.end(),
                       [&](std::uint32_t a, std::uint32_t b) { return table_.times[a] < table_.times[b]; });
    }
    merge_repeats(group);
  }

  void merge_repeats(Group& group) {
    check_for_unnamed_series(group);
    std::vector<std::uint32_t> kept;
    for (std::size_t i = 0; i < group.rows.size();) {
      std::size_t end = i + 1;
      while (end < group.rows.size() && time(group, end) == time(group, i))
        ++end;
      kept.push_back(end - i == 1 ? group.rows[i] : merged(group, i, end));
      i = end;
    }
    group.rows = std::move(kept);
  }

  /// Most dates several times, and nothing that names series: these are several.
  void check_for_unnamed_series(const Group& group) const {
    if (table_.layout.id != TableLayout::npos) return;
    std::size_t times = 0, repeated = 0, most = 0;
    for (std::size_t i = 0; i < group.rows.size();) {
      std::size_t end = i + 1;
      while (end < group.rows.size() && time(group, end) == time(group, i))
        ++end;
      ++times;
      repeated += end - i > 1 ? 1 : 0;
      most = std::max(most, end - i);
      i = end;
    }
    if (times > 1 && 2 * repeated > times)
      fail(ErrorKind::data, table_.name + ": every date occurs up to " + std::to_string(most) +
                                " times; if these are several series, name their column (--id COLUMN)");
  }

  bool alike(std::size_t a, std::size_t b) const {
    return std::all_of(table_.columns.begin(), table_.columns.end(), [&](const RawColumn& column) {
      const double x = column.values[a], y = column.values[b];
      return x == y || (std::isnan(x) && std::isnan(y));
    });
  }

  /// One row for several of one time. With `sum`, copies count too.
  std::uint32_t merged(const Group& group, std::size_t begin, std::size_t end) {
    std::vector<std::uint32_t> rows = {group.rows[begin]};
    for (std::size_t i = begin + 1; i < end; ++i) {
      const std::uint32_t next = group.rows[i];
      const bool copy =
          std::any_of(rows.begin(), rows.end(), [&](std::uint32_t r) { return alike(r, next); });
      if (copy && copies_++ == 0) first_copy_ = table_.places.place(next);
      if (!copy || options_.duplicates == Duplicates::sum) rows.push_back(next);
    }
    if (rows.size() == 1) return rows.front();
    if (options_.duplicates == Duplicates::refuse) refuse_repeat(group, rows);
    ++settled_;
    if (options_.duplicates == Duplicates::first) return rows.front();
    if (options_.duplicates == Duplicates::last) return rows.back();
    for (RawColumn& column : table_.columns) {
      if (column.category) continue;
      double sum = 0, count = 0;
      for (const std::uint32_t r : rows)
        if (!std::isnan(column.values[r])) {
          sum += column.values[r];
          ++count;
        }
      const bool adds = options_.duplicates == Duplicates::sum && column.role == Role::target;
      column.values[rows.front()] = count == 0 ? missing : adds ? sum : sum / count;
    }
    return rows.front();
  }

  [[noreturn]] void refuse_repeat(const Group& group, const std::vector<std::uint32_t>& rows) const {
    std::vector<std::string> lines, values;
    for (const std::uint32_t r : rows)
      lines.push_back(std::to_string(table_.places.line(r)));
    for (const RawColumn& column : table_.columns)
      for (const std::uint32_t r : rows)
        if (values.size() < 8 && !alike_in(column, rows)) values.push_back(plain(column.values[r]));
    fail(ErrorKind::data, table_.name + ": " + of(group) + shown(table_.times[rows.front()]) +
                              " occurs with different values (" + enumerate(values, "and") + ") in lines " +
                              enumerate(lines, "and") + "; --duplicates first, last, mean or sum settles it");
  }

  static bool alike_in(const RawColumn& column, const std::vector<std::uint32_t>& rows) {
    return std::all_of(rows.begin(), rows.end(), [&](std::uint32_t r) {
      return column.values[r] == column.values[rows.front()] || std::isnan(column.values[r]);
    });
  }

  void say_order() {
    const auto count = [](std::size_t n) { return grouped(static_cast<std::int64_t>(n)); };
    if (unsorted_ > 0)
      notices_.push_back(
          table_.name + ": rows are not in order of time" +
          (groups_.size() > 1 ? " in " + count(unsorted_) + " of " + count(groups_.size()) + " series" : "") +
          ", and were sorted");
    if (copies_ > 0 && options_.duplicates != Duplicates::sum)
      notices_.push_back(table_.name + ": " + count(copies_) + (copies_ == 1 ? " row copies" : " rows copy") +
                         " another and " + (copies_ == 1 ? "is" : "are") +
                         " left out; the first: " + first_copy_);
    if (settled_ > 0)
      notices_.push_back(table_.name + ": " + count(settled_) +
                         " times occurred more than once; --duplicates " +
                         std::string(name_of(options_.duplicates)) + " settled them");
  }

  void find_frequency() {
    const bool moments = table_.layout.style.kind != TimeKind::number;
    by_rows_ = options_.frequency == "rows" || !has_times();
    if (!has_times()) {
      frame_.frequency = {StepUnit::number, 1};
      return;
    }
    if (!options_.frequency.empty() && !by_rows_) {
      const std::optional<Frequency> given = parse_frequency(options_.frequency);
      if (!given || !moments)
        fail(ErrorKind::option, "--frequency must be such as 15min, 1h, D, B, W, M, Q, Y or rows, got " +
                                    quote(options_.frequency) +
                                    (moments ? "" : " for times that are numbers"));
      frame_.frequency = *given;
      return;
    }
    if (like_ != nullptr && !by_rows_) {
      frame_.frequency = *like_;
      return;
    }
    std::vector<std::vector<std::int64_t>> times;
    std::vector<std::span<const std::int64_t>> spans;
    for (const Group& group : groups_) {
      if (group.in_order) {
        spans.emplace_back(table_.times);
        continue;
      }
      std::vector<std::int64_t>& own = times.emplace_back();
      for (std::size_t i = 0; i < size(group); ++i)
        own.push_back(time(group, i));
    }
    spans.insert(spans.end(), times.begin(), times.end());
    if (by_rows_) return take_median_step(spans, moments);
    if (const auto found = forecast::find_frequency(spans, moments)) {
      frame_.frequency = *found;
      return;
    }
    refuse_irregular(spans, moments);
  }

  void take_median_step(const std::vector<std::span<const std::int64_t>>& spans, bool moments) {
    std::vector<std::int64_t> steps;
    for (const auto& times : spans)
      for (std::size_t i = 1; i < times.size(); ++i)
        steps.push_back(times[i] - times[i - 1]);
    std::sort(steps.begin(), steps.end());
    frame_.frequency = {
        moments ? StepUnit::milliseconds : StepUnit::number,
        steps.empty() ? (moments ? ms_of_day : 1) : std::max<std::int64_t>(1, steps[steps.size() / 2])};
  }

  void refuse_irregular(const std::vector<std::span<const std::int64_t>>& spans, bool moments) {
    const bool alone = std::all_of(spans.begin(), spans.end(), [](const auto& s) { return s.size() < 2; });
    if (alone) {
      frame_.frequency = moments ? Frequency{StepUnit::milliseconds, ms_of_day} : Frequency{};
      notices_.push_back(table_.name + ": every series has one row; steps are taken to be " +
                         in_words(frame_.frequency) + " (--frequency)");
      return;
    }
    fail(ErrorKind::data, table_.name +
                              ": the times have no common step; --frequency 1h (or D, W, M, ...) "
                              "puts them on a grid, --frequency rows takes each row for a step");
  }

  /// Puts a group on its grid: a series for each column to forecast.
  void place(Group& group) {
    const std::size_t count = size(group);
    std::vector<std::int64_t> steps;
    Grid grid{.frequency = frame_.frequency, .start = 1};
    std::int64_t length = static_cast<std::int64_t>(count);
    if (has_times() && by_rows_) {
      grid.start = time(group, count - 1) - (length - 1) * frame_.frequency.step;
    } else if (has_times()) {
      grid = grid_for(group);
      steps = steps_on(grid, group);
      length = steps.empty() ? length : steps.back() + 1;
    }
    if (length - static_cast<std::int64_t>(count) > 0 && gaps_++ == 0)
      first_gap_ = first_gap(group, grid, steps);
    absent_ += length - static_cast<std::int64_t>(count);
    if (length > 50'000'000 && length > 20 * static_cast<std::int64_t>(count))
      fail(ErrorKind::data, table_.name + ": " + of(group) + std::to_string(count) + " rows lie on " +
                                grouped(length) + " steps; is the frequency right? (--frequency)");
    add_series(group, grid, steps, length);
    rows_ += static_cast<std::int64_t>(count);
  }

  Grid grid_for(const Group& group) const {
    if (group.in_order) return grid_of(table_.times, frame_.frequency);
    std::vector<std::int64_t> times;
    for (std::size_t i = 0; i < size(group); ++i)
      times.push_back(time(group, i));
    return grid_of(times, frame_.frequency);
  }

  /// The step of each row; empty where these are 0, 1, 2, ...
  std::vector<std::int64_t> steps_on(const Grid& grid, const Group& group) {
    std::vector<std::int64_t> steps;
    for (std::size_t i = 0; i < size(group); ++i) {
      const std::optional<std::int64_t> exact = grid.step_of(time(group, i));
      const std::int64_t step = exact ? *exact : moved(grid, group, i);
      const std::int64_t expected = static_cast<std::int64_t>(i);
      if (steps.empty() && step == expected) continue;
      if (steps.empty() && i > 0) {
        steps.resize(i);
        std::iota(steps.begin(), steps.end(), std::int64_t{0});
      }
      if (!steps.empty() && steps.back() >= step)
        fail(ErrorKind::data, table_.places.place(row(group, i)) + ": " + of(group) + shown(time(group, i)) +
                                  " falls on the step of the row before it");
      steps.push_back(step);
    }
    // A first time that was moved forwards begins the grid.
    return steps;
  }

  std::int64_t moved(const Grid& grid, const Group& group, std::size_t i) {
    const std::int64_t to = std::max<std::int64_t>(0, grid.nearest(time(group, i)));
    if (options_.off_grid == OffGrid::refuse)
      fail(ErrorKind::data, table_.places.place(row(group, i)) + ": " + of(group) + shown(time(group, i)) +
                                " is not on the grid of the other rows (" + in_words(frame_.frequency) +
                                "); --off-grid move takes it to " + shown(grid.time(to)) +
                                ", --frequency sets another grid");
    if (moved_++ == 0) first_moved_ = of(group) + shown(time(group, i)) + " to " + shown(grid.time(to));
    return to;
  }

  std::string first_gap(const Group& group, const Grid& grid, const std::vector<std::int64_t>& steps) const {
    for (std::size_t i = 0; i < steps.size(); ++i)
      if (steps[i] != static_cast<std::int64_t>(i))
        return of(group) + shown(grid.time(static_cast<std::int64_t>(i)));
    return {};
  }

  void add_series(const Group& group, const Grid& grid, const std::vector<std::int64_t>& steps,
                  std::int64_t length) {
    auto covariates = std::make_shared<Covariates>();
    std::vector<float> constants;
    std::size_t targets = 0;
    for (const RawColumn& column : table_.columns) {
      targets += column.role == Role::target ? 1 : 0;
      if (column.role == Role::constant) constants.push_back(constant_of(column, group));
      if (column.role == Role::past || column.role == Role::known) {
        const std::vector<double> all = spread(column.values, group, steps, length);
        covariates->emplace_back(all.begin(), all.end());
      }
    }
    for (RawColumn& column : table_.columns) {
      if (column.role != Role::target) continue;
      Series series{.id = group.id, .grid = grid, .y = {}, .covariates = covariates, .constants = constants};
      if (series.id.empty() || targets > 1) series.id += (series.id.empty() ? "" : "/") + column.name;
      if (group.in_order && steps.empty())
        series.y = std::move(column.values);
      else
        series.y = spread(column.values, group, steps, length);
      for (const double value : series.y)
        observed_ += std::isnan(value) ? 0 : 1;
      frame_.series.push_back(std::move(series));
    }
  }

  std::vector<double> spread(const std::vector<double>& values, const Group& group,
                             const std::vector<std::int64_t>& steps, std::int64_t length) const {
    std::vector<double> all(static_cast<std::size_t>(length), missing);
    for (std::size_t i = 0; i < size(group); ++i)
      all[steps.empty() ? i : static_cast<std::size_t>(steps[i])] = values[row(group, i)];
    return all;
  }

  float constant_of(const RawColumn& column, const Group& group) const {
    double value = missing;
    for (std::size_t i = 0; i < size(group); ++i) {
      const double next = column.values[row(group, i)];
      if (!std::isnan(value) && !std::isnan(next) && next != value)
        fail(ErrorKind::data, table_.places.place(row(group, i)) + ": " + of(group) + "column " +
                                  quote(column.name) + " (--constant) changes within the series");
      if (!std::isnan(next)) value = next;
    }
    return static_cast<float>(value);
  }

  void say_found() {
    const auto targets = static_cast<std::int64_t>(frame_.series.size()) /
                         std::max<std::int64_t>(1, static_cast<std::int64_t>(groups_.size()));
    std::int64_t steps = rows_ + absent_;
    std::string line = table_.name + ": " + in_words(frame_.frequency) +
                       (options_.frequency.empty() && has_times() && like_ == nullptr ? " (found)" : "") +
                       ", ";
    if (groups_.size() > 1) line += grouped(static_cast<std::int64_t>(groups_.size())) + " series, ";
    line += grouped(steps) + " steps";
    if (groups_.size() == 1 && has_times()) {
      const Series& one = frame_.series.front();
      line += " from " + shown(one.grid.time(0)) + " to " + shown(one.grid.time(one.steps() - 1));
    }
    line += ", " + grouped(rows_) + " rows, " + grouped(observed_) + " of " + grouped(steps * targets) +
            " values observed";
    notices_.push_back(line);
    if (absent_ > 0 && options_.gaps == Gaps::refuse)
      fail(ErrorKind::data, table_.name + ": " + grouped(absent_) +
                                " rows are missing (--gaps refuse); the first: " + first_gap_);
    if (absent_ > 0)
      notices_.push_back(table_.name + ": " + grouped(absent_) + (absent_ == 1 ? " row is" : " rows are") +
                         " missing and masked; the first: " + first_gap_);
    if (moved_ > 0)
      notices_.push_back(table_.name + ": " + grouped(moved_) +
                         " times moved to the nearest step; the first: " + first_moved_);
  }

  RawTable table_;
  const ColumnOptions& options_;
  const Frequency* like_;
  std::vector<std::string>& notices_;
  Frame frame_;
  std::vector<Group> groups_;
  bool by_rows_ = false;
  std::size_t unsorted_ = 0, copies_ = 0, settled_ = 0;
  std::int64_t absent_ = 0, gaps_ = 0, moved_ = 0, rows_ = 0, observed_ = 0;
  std::string first_copy_, first_gap_, first_moved_;
};

std::string bytes_of(const void* from, std::size_t size) {
  return std::string(static_cast<const char*>(from), size);
}

/// All that a model may see of a part: its rows and those before.
std::string content_of(const SeriesPart& part) {
  const Series& series = part.of();
  const auto end = static_cast<std::size_t>(part.end);
  ContentHash hash;
  hash.text(series.id).number(static_cast<std::uint64_t>(part.begin)).number(end);
  hash.number(static_cast<std::uint64_t>(series.grid.start));
  hash.bytes(std::string_view(reinterpret_cast<const char*>(series.y.data()), end * sizeof(double)));
  for (const std::vector<float>& column : *series.covariates)
    hash.bytes(std::string_view(reinterpret_cast<const char*>(column.data()), end * sizeof(float)));
  hash.bytes(bytes_of(series.constants.data(), series.constants.size() * sizeof(float)));
  return data::content_of(hash.digest());
}

}  // namespace

Frame frame_of(RawTable table, const ColumnOptions& options, const Frequency* like,
               std::vector<std::string>& notices) {
  if (table.rows == 0) fail(ErrorKind::data, table.name + ": has no rows");
  return Framer(std::move(table), options, like, notices).run();
}

Dataset dataset_of(std::vector<SeriesPart> parts) {
  return data::examples_of(std::move(parts), data::About<SeriesPart>{.content = content_of});
}

std::vector<SeriesPart> parts_in(const Dataset& data) {
  std::vector<SeriesPart> all;
  for (std::size_t i = 0; i < data.size(); ++i)
    all.push_back(data.example<SeriesPart>(i));
  return all;
}

}  // namespace rondo::forecast
