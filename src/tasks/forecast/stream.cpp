#include "tasks/forecast/stream.h"

#include <algorithm>
#include <utility>

#include "base/message.h"
#include "base/utf8.h"
#include "data/cells.h"
#include "data/table.h"

namespace rondo::forecast {
namespace {

/// Columns of a table without a line of names are called by their numbers.
bool is_number(const std::string& name) {
  return !name.empty() && name.find_first_not_of("0123456789") == name.npos;
}

}  // namespace

RowStream::RowStream(const ForecastModel& model, ColumnOptions columns, ForecastRequest request)
    : model_(model), request_(std::move(request)) {
  reading_.columns = std::move(columns);
  if (model.application().reading.empty())
    fail(ErrorKind::usage, "the model does not say how its data were read; rows one at a time need that");
  record_ = Record::from_json(model.application().reading);
  for (const ColumnPlan& plan : record_.layout.columns) {
    if (plan.role == Role::known)
      fail(ErrorKind::usage, "rows one at a time do not tell the future of the column " + quote(plan.name) +
                                 ", which this model knows in advance; give a file that holds it");
    if (plan.role == Role::id) id_column_ = plan.name;
    wants_header_ = wants_header_ || !is_number(plan.name);
  }
}

/// The series that a row names; nothing if the table has no such column.
std::string RowStream::id_of(const std::string& line) {
  if (id_column_.empty()) return {};
  if (separator_ == '\0') separator_ = data::separator_of(header_ + "\n" + line + "\n");
  const std::string place = "standard input line " + std::to_string(lines_);
  std::vector<std::string> names, cells;
  data::cut_cells(line, separator_, place, cells);
  std::size_t column = 0;
  if (wants_header_) {
    data::cut_cells(header_, separator_, place, names);
    while (column < names.size() && trim_unseen(names[column]) != id_column_)
      ++column;
  } else {
    column = std::stoul(id_column_) - 1;
  }
  if (column >= cells.size() || (wants_header_ && column >= names.size()))
    fail(ErrorKind::data, place + ": no column " + quote(id_column_) +
                              ", which names the series; the first line holds the names of the columns");
  return cells[column];
}

std::vector<RowStream::Answer> RowStream::push(std::string_view given) {
  ++lines_;
  if (given.ends_with('\r')) given.remove_suffix(1);
  if (trim_unseen(given).empty()) return {};
  const std::string line(given);
  if (wants_header_ && header_.empty()) {
    header_ = line;
    return {};
  }
  std::deque<std::string>& kept = rows_[id_of(line)];
  kept.push_back(line);
  try {
    std::string text = wants_header_ ? header_ + "\n" : "";
    for (const std::string& row : kept)
      text += row + "\n";
    std::vector<std::string> notices;
    const std::string name = "standard input, the rows kept at line " + std::to_string(lines_);
    Framed framed = parse_frame(text, name, reading_, &record_, notices);
    const std::vector<SeriesPart> parts = parts_in(reading_of(std::move(framed), {}, {}).all);
    std::vector<Answer> answers;
    for (SeriesForecast& one : forecasts_of(model_, parts, request_)) {
      const SeriesPart& part = parts[answers.size()];
      answers.push_back({to_text(part.of().grid.time(part.end - 1), part.frame->style), std::move(one)});
    }
    if (kept.size() > static_cast<std::size_t>(model_.input().lookback)) kept.pop_front();
    return answers;
  } catch (...) {
    kept.pop_back();
    throw;
  }
}

}  // namespace rondo::forecast
