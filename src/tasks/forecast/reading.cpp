#include "tasks/forecast/reading.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/message.h"
#include "base/shown.h"
#include "tasks/reading_record.h"

namespace rondo::forecast {
namespace {

constexpr std::array<std::string_view, 7> role_names = {"ignored", "time",  "id",      "target",
                                                        "past",    "known", "constant"};
constexpr std::array<std::string_view, 4> unit_names = {"number", "milliseconds", "business_days", "months"};
const std::string where = reading_record_name;

template <std::size_t count>
std::size_t number_of(const Json& json, const std::array<std::string_view, count>& names) {
  const auto found =
      json.is_string() ? std::find(names.begin(), names.end(), json.get<std::string>()) : names.end();
  if (found == names.end()) fail(ErrorKind::format, where + ": an unknown name");
  return static_cast<std::size_t>(found - names.begin());
}

const Json& member(const Json& json, const char* key) {
  if (!json.is_object() || !json.contains(key)) fail(ErrorKind::format, where + ": wanted " + quote(key));
  return json[key];
}

std::int64_t whole(const Json& json, std::int64_t low, std::int64_t high) {
  if (!json.is_number_integer() || json.get<std::int64_t>() < low || json.get<std::int64_t>() > high)
    fail(ErrorKind::format, where + ": wanted a whole number within bounds");
  return json.get<std::int64_t>();
}

std::vector<std::string> texts(const Json& json) {
  std::vector<std::string> all;
  if (!json.is_array()) fail(ErrorKind::format, where + ": wanted a list of texts");
  for (const Json& one : json) {
    if (!one.is_string()) fail(ErrorKind::format, where + ": wanted a list of texts");
    all.push_back(one.get<std::string>());
  }
  return all;
}

/// The windows that suit a frame where the options leave them open.
WindowOptions windows_for(const Frame& frame, WindowOptions windows, std::vector<std::string>& notices) {
  std::int64_t longest = 0;
  for (const Series& series : frame.series)
    longest = std::max(longest, series.steps());
  const std::string why = in_words(frame.frequency) + ", longest series " + grouped(longest) + " steps";
  if (windows.horizon == 0) {
    const std::int64_t room = std::max<std::int64_t>(1, longest / 8);
    windows.horizon = static_cast<int>(std::min<std::int64_t>(usual_horizon(frame.frequency), room));
    notices.push_back("horizon = " + std::to_string(windows.horizon) + ": " + why);
  }
  if (windows.lookback == 0) {
    const std::int64_t wanted = std::max<std::int64_t>(4 * std::int64_t{windows.horizon},
                                                       2 * std::int64_t{usual_period(frame.frequency)});
    const std::int64_t room = std::max<std::int64_t>(1, longest / 2 - 2 * std::int64_t{windows.horizon});
    windows.lookback = static_cast<int>(std::clamp<std::int64_t>(std::min(wanted, room), 1, 1000));
    notices.push_back("lookback = " + std::to_string(windows.lookback) + ": " + why);
  }
  return windows;
}

/// How many windows the series have room for. Error(data) if none has room for a step behind a lookback.
void say_windows(const Frame& frame, std::vector<std::string>& notices) {
  const WindowOptions& w = frame.windows;
  const std::int64_t needed = std::int64_t{w.lookback} + w.horizon;
  std::int64_t windows = 0, longest = 0;
  std::vector<std::string> few;
  for (const Series& series : frame.series) {
    const bool seen = std::any_of(series.y.begin(), series.y.end(), [](double y) { return !std::isnan(y); });
    const std::int64_t steps = seen ? series.steps() : 0;
    longest = std::max(longest, steps);
    windows += std::max<std::int64_t>(0, steps - needed + 1);
    if (steps < needed) few.push_back(series.id + (seen ? " (" + grouped(steps) + ")" : " (none observed)"));
  }
  const std::string need = "lookback " + std::to_string(w.lookback) + " + horizon " +
                           std::to_string(w.horizon) + " need " + grouped(needed);
  if (longest <= w.lookback)
    fail(ErrorKind::data, frame.name + ": no series is long enough: longest " + grouped(longest) + ", " +
                              need + "; give longer series, or a smaller --lookback or --horizon");
  const std::size_t short_ones = few.size();
  constexpr std::size_t most = 8;
  if (few.size() > most) {
    few.resize(most);
    few.push_back(grouped(static_cast<std::int64_t>(short_ones - most)) + " more");
  }
  if (windows == 0) {
    notices.push_back(frame.name + ": no series has a whole window (" + need +
                      " steps); windows end with the series, and what lies behind is masked");
    return;
  }
  notices.push_back(
      frame.name + ": " + grouped(windows) + (windows == 1 ? " window of " : " windows of ") + need +
      " steps" + (few.empty() ? "" : "; too short for one, and not learned from: " + enumerate(few, "and")));
}

Framed framed_of(RawTable table, const ReadingOptions& options, const Record* like,
                 std::vector<std::string>& notices) {
  Framed framed;
  Record& record = framed.record;
  const TableLayout layout = table.layout;
  const auto frame = std::make_shared<Frame>(
      frame_of(std::move(table), options.columns, like == nullptr ? nullptr : &like->frequency, notices));
  record.layout.given = true;
  for (const ColumnPlan& plan : layout.columns)
    if (plan.role != Role::ignored) record.layout.columns.push_back(plan);
  // The columns of a time keep the order in which they are its parts.
  std::stable_sort(record.layout.columns.begin(), record.layout.columns.end(),
                   [&](const ColumnPlan& a, const ColumnPlan& b) {
                     const auto place = [&](const ColumnPlan& plan) {
                       for (std::size_t i = 0; i < layout.time.size(); ++i)
                         if (layout.columns[layout.time[i]].name == plan.name) return i;
                       return layout.time.size();
                     };
                     return place(a) < place(b);
                   });
  record.frequency = frame->frequency;
  record.decimal = options.columns.decimal;
  record.layout.dates = layout.dates;
  record.missing = options.columns.missing;
  record.windows = like != nullptr ? like->windows : windows_for(*frame, options.windows, notices);
  frame->windows = record.windows;
  if (like == nullptr) say_windows(*frame, notices);
  framed.frame = frame;
  return framed;
}

ReadingOptions like_record(ReadingOptions options, const Record* like) {
  if (like == nullptr) return options;
  for (const auto& [given, own, name] :
       {std::tuple(options.windows.horizon, like->windows.horizon, "horizon"),
        std::tuple(options.windows.lookback, like->windows.lookback, "lookback")})
    if (given != 0 && given != own)
      fail(ErrorKind::option, "--" + std::string(name) + ": the model was trained with " +
                                  std::to_string(own) + "; train another for " + std::to_string(given));
  if (options.columns.decimal == DecimalMark::automatic) options.columns.decimal = like->decimal;
  if (options.columns.missing.empty()) options.columns.missing = like->missing;
  return options;
}

/// A limit between parts: a time as in the data.
std::int64_t limit_of(const std::string& text, const Frame& frame, const std::string& option) {
  const TimeStyle& style = frame.style;
  if (style.kind != TimeKind::none && style.kind != TimeKind::number)
    if (const auto moment = parse_moment(text, DateOrder::automatic)) return moment->ms;
  const auto number = parse_number(text, {});
  if (number && *number == std::floor(*number) && std::abs(*number) < 9e15 && style.kind != TimeKind::moment)
    return static_cast<std::int64_t>(*number) * (style.kind == TimeKind::epoch ? 1000 : 1);
  fail(ErrorKind::option, "--" + option + ": wanted a time such as " +
                              to_text(frame.series.front().grid.time(0), style) + ", got " + quote(text));
}

const LikeLayout& layout_of_record(const Record* like) {
  static const LikeLayout none;
  return like == nullptr ? none : like->layout;
}

}  // namespace

std::string Record::to_json() const {
  Json columns = Json::array();
  for (const ColumnPlan& plan : layout.columns)
    columns.push_back({{"name", plan.name},
                       {"role", role_names[static_cast<std::size_t>(plan.role)]},
                       {"category", plan.category}});
  return dump_json({{"columns", std::move(columns)},
                    {"unit", unit_names[static_cast<std::size_t>(frequency.unit)]},
                    {"step", frequency.step},
                    {"lookback", windows.lookback},
                    {"horizon", windows.horizon},
                    {"decimal", name_of(decimal)},
                    {"dates", name_of(layout.dates)},
                    {"missing", missing}});
}

Record Record::from_json(std::string_view text) {
  const Json json = parse_reading(text);
  Record record;
  record.layout.given = true;
  const Json& columns = member(json, "columns");
  if (!columns.is_array()) fail(ErrorKind::format, where + ": wanted a list of columns");
  for (const Json& column : columns) {
    const Json &name = member(column, "name"), &category = member(column, "category");
    if (!name.is_string() || !category.is_boolean()) fail(ErrorKind::format, where + ": a bad column");
    record.layout.columns.push_back({name.get<std::string>(),
                                     static_cast<Role>(number_of(member(column, "role"), role_names)),
                                     category.get<bool>()});
  }
  record.frequency = {static_cast<StepUnit>(number_of(member(json, "unit"), unit_names)),
                      whole(member(json, "step"), 1, std::int64_t{1} << 50)};
  record.windows.lookback = static_cast<int>(whole(member(json, "lookback"), 1, 1 << 20));
  record.windows.horizon = static_cast<int>(whole(member(json, "horizon"), 1, 1 << 20));
  record.decimal = static_cast<DecimalMark>(number_of(member(json, "decimal"), names_of(DecimalMark{})));
  record.layout.dates = static_cast<DateOrder>(number_of(member(json, "dates"), names_of(DateOrder{})));
  if (json.contains("missing")) record.missing = texts(json["missing"]);
  return record;
}

Framed read_frame(const std::vector<std::filesystem::path>& files, const ReadingOptions& options,
                  const Record* like, std::vector<std::string>& notices) {
  const ReadingOptions own = like_record(options, like);
  return framed_of(read_table(files, own.columns, layout_of_record(like), notices), own, like, notices);
}

Framed parse_frame(std::string_view text, const std::string& name, const ReadingOptions& options,
                   const Record* like, std::vector<std::string>& notices) {
  const ReadingOptions own = like_record(options, like);
  return framed_of(parse_table(text, name, own.columns, layout_of_record(like), notices), own, like, notices);
}

Reading reading_of(Framed framed, const SplitOptions& split, std::vector<std::string> notices) {
  Reading reading;
  reading.notices = std::move(notices);
  reading.record = framed.record.to_json();
  const std::shared_ptr<const Frame>& frame = framed.frame;
  std::vector<SeriesPart> train, valid, test, all;
  const auto limit = [&](const std::string& text, const char* option) {
    return text.empty() ? std::optional<std::int64_t>() : limit_of(text, *frame, option);
  };
  const auto valid_from = limit(split.valid_from, "valid-from"),
             test_from = limit(split.test_from, "test-from"), until = limit(split.until, "until");
  for (std::size_t s = 0; s < frame->series.size(); ++s) {
    const Series& series = frame->series[s];
    const auto cut = [&](const std::optional<std::int64_t>& at, std::int64_t otherwise) {
      return at ? std::clamp<std::int64_t>(series.grid.first_at(*at), 0, otherwise) : otherwise;
    };
    const std::int64_t end = cut(until, series.steps()), test_begin = cut(test_from, end),
                       valid_begin = cut(valid_from, test_begin);
    const auto part = [&](std::vector<SeriesPart>& to, std::int64_t from, std::int64_t past) {
      if (past > from) to.push_back({frame, static_cast<std::int32_t>(s), from, past});
    };
    part(train, 0, valid_begin);
    part(valid, valid_begin, test_begin);
    part(test, test_begin, end);
    part(all, 0, end);
  }
  reading.train = dataset_of(std::move(train));
  if (!valid.empty()) reading.valid = dataset_of(std::move(valid));
  if (!test.empty()) reading.test = dataset_of(std::move(test));
  reading.all = dataset_of(std::move(all));
  return reading;
}

HeldOut hold_out_last(const std::vector<SeriesPart>& parts, double share_of_all, double before,
                      const WindowOptions& windows) {
  HeldOut result;
  for (SeriesPart part : parts) {
    const std::int64_t steps = part.end - part.begin;
    const double all = static_cast<double>(steps) / before;
    const std::int64_t wanted =
        std::max<std::int64_t>(windows.horizon, static_cast<std::int64_t>(std::lround(all * share_of_all)));
    if (share_of_all > 0 && steps - wanted >= windows.lookback + windows.horizon) {
      SeriesPart held = part;
      held.begin = part.end = part.end - wanted;
      result.held.push_back(held);
    }
    result.kept.push_back(part);
  }
  return result;
}

Reading read(const std::vector<std::filesystem::path>& files, const ReadingOptions& options) {
  std::vector<std::string> notices;
  Framed framed = read_frame(files, options, nullptr, notices);
  return reading_of(std::move(framed), options.split, std::move(notices));
}

void hold_out(Reading& data, double valid_share, double test_share) {
  const WindowOptions windows = Record::from_json(data.record).windows;
  double left = 1;
  for (const auto& [to, share] : {std::pair(&data.test, test_share), std::pair(&data.valid, valid_share)}) {
    if (!to->empty() || share <= 0) continue;
    HeldOut parts = hold_out_last(parts_in(data.train), share, left, windows);
    data.train = dataset_of(std::move(parts.kept));
    if (!parts.held.empty()) *to = dataset_of(std::move(parts.held));
    left -= share;
  }
}

}  // namespace rondo::forecast
