// Pairs of sentences in the rows of a table.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/message.h"
#include "base/utf8.h"
#include "data/cells.h"
#include "data/table.h"
#include "tasks/translate/pairs.h"

namespace rondo::translate {
namespace {

using Cells = std::vector<std::string>;
constexpr std::size_t sample_size = 100;
constexpr std::string_view bars = " ||| ";

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// Whether a cell of the first line names a language or a side: en, zh-CN, French, 中文, source.
bool is_name(std::string_view cell) {
  constexpr std::array<std::string_view, 81> names = {
      "source", "target", "src",     "tgt",     "trg",        "input", "output",  "id",      "attribution",
      "en",     "fr",     "de",      "zh",      "es",         "it",    "pt",      "ru",      "ja",
      "ko",     "ar",     "nl",      "tr",      "vi",         "pl",    "cs",      "uk",      "ro",
      "hu",     "fi",     "sv",      "da",      "no",         "el",    "he",      "hi",      "th",
      "fa",     "bg",     "eng",     "fra",     "fre",        "deu",   "ger",     "zho",     "cmn",
      "chi",    "spa",    "ita",     "por",     "rus",        "jpn",   "kor",     "ara",     "english",
      "french", "german", "chinese", "spanish", "portuguese", "dutch", "italian", "russian", "japanese",
      "korean", "arabic", "turkish", "hindi",   "中文",       "英文",  "英语",    "汉语",    "法语",
      "德语",   "日语",   "俄语",    "韩语",    "西班牙语",   "原文",  "译文",    "源文",    "目标文"};
  std::string lower = data::lower_ascii(std::string(trim_unseen(cell)));
  lower.resize(std::min(lower.find_first_of("-_"), lower.size()));
  return std::find(names.begin(), names.end(), lower) != names.end();
}

/// Rows as they come: the first ones say which columns are source and target.
class Rows {
 public:
  Rows(const std::string& name, RowForm form, const ReadingOptions& options, PairFilter& to)
      : name_(name), form_(form), options_(options), to_(to) {}

  void add(std::string_view line, std::uint64_t number) {
    if (trim_unseen(line).empty()) return;
    if (settled_) return add_row(line, number);
    first_.emplace_back(std::string(line), number);
    if (first_.size() == sample_size) settle();
  }
  void end() {
    if (!settled_) settle();
  }

 private:
  /// Two columns, and what their languages are called.
  struct Direction {
    std::size_t source, target;
    std::string from, to;
  };

  std::string place(std::uint64_t line) const { return name_ + " line " + std::to_string(line); }
  [[noreturn]] void refuse(const std::string& what) const { fail(ErrorKind::data, name_ + ": " + what); }

  void cut(std::string_view line, std::uint64_t number, Cells& cells) const {
    if (form_ == RowForm::csv) return data::cut_cells(line, separator_, place(number), cells);
    const std::string_view between = bars_ ? bars : std::string_view("\t");
    cells.clear();
    for (std::size_t at = 0;;) {
      const std::size_t end = std::min(line.find(between, at), line.size());
      cells.emplace_back(line.substr(at, end - at));
      if (end == line.size()) return;
      at = end + between.size();
    }
  }

  void settle() {
    settled_ = true;
    if (first_.empty()) return;
    std::string start;
    std::size_t with_bars = 0, with_tabs = 0;
    for (const auto& [line, number] : first_) {
      start += line + "\n";
      with_bars += line.find(bars) != line.npos ? 1 : 0;
      with_tabs += line.find('\t') != line.npos ? 1 : 0;
    }
    if (form_ == RowForm::csv) separator_ = data::separator_of(start);
    bars_ = with_bars > with_tabs;
    std::vector<Cells> rows;
    for (const auto& [line, number] : first_)
      cut(line, number, rows.emplace_back());
    width_ = usual_width(rows);
    const bool names = has_names(rows);
    choose(rows, names);
    for (std::size_t i = names ? 1 : 0; i < first_.size(); ++i)
      add_row(first_[i].first, first_[i].second);
    first_.clear();
  }

  static std::size_t usual_width(const std::vector<Cells>& rows) {
    std::map<std::size_t, std::size_t> counts;
    for (const Cells& row : rows)
      ++counts[row.size()];
    std::pair<std::size_t, std::size_t> best{2, 0};
    for (const auto& [width, count] : counts)
      if (width > 1 && count > best.second) best = {width, count};
    return best.first;
  }

  /// Whether the first row holds names: those asked for, or names of languages above longer texts.
  bool has_names(const std::vector<Cells>& rows) const {
    const Cells& first = rows.front();
    if (first.size() != width_) return false;
    const auto called = [&](const std::string& list) {
      for (const std::string& name : languages_in(list))
        if (is_number(name) || std::find(first.begin(), first.end(), name) == first.end()) return false;
      return !list.empty();
    };
    if (called(options_.from) && called(options_.to)) return true;
    std::size_t bytes = 0, names = 0;
    for (std::size_t i = 1; i < rows.size(); ++i)
      for (const std::string& cell : rows[i])
        bytes += cell.size();
    for (const std::string& cell : first)
      names += cell.size();
    // "it" and "de" are words, too.
    const bool whole_words =
        std::all_of(first.begin(), first.end(), [](const std::string& cell) { return cell.size() > 3; });
    return std::all_of(first.begin(), first.end(), is_name) &&
           (whole_words || bytes > 2 * names * (rows.size() - 1));
  }

  void choose(const std::vector<Cells>& rows, bool names) {
    for (const auto& [from, to] : directions_of(options_)) {
      const std::size_t source = column_of(rows.front(), from, names),
                        target = column_of(rows.front(), to, names);
      if (source < width_ && target < width_)
        directions_.push_back({source, target, is_number(from) ? "" : from, is_number(to) ? "" : to});
    }
    if (!directions_.empty()) return;
    const std::vector<std::size_t> texts = columns_of_text(rows, names ? 1 : 0);
    if (texts.size() != 2)
      refuse((texts.empty() ? "no" : std::to_string(texts.size())) + std::string(" of ") +
             std::to_string(width_) + " columns hold sentences; --from COLUMN --to COLUMN tells which, by " +
             (names ? "name" : "number"));
    directions_.push_back(
        {texts[0], texts[1], names ? rows.front()[texts[0]] : "", names ? rows.front()[texts[1]] : ""});
    if (width_ > 2)
      to_.say(name_ + ": source in column " + std::to_string(texts[0] + 1) + ", target in column " +
              std::to_string(texts[1] + 1) + " of " + std::to_string(width_));
  }

  std::size_t column_of(const Cells& first, const std::string& wanted, bool names) const {
    if (names)
      if (const auto found = std::find(first.begin(), first.end(), wanted); found != first.end())
        return static_cast<std::size_t>(found - first.begin());
    const std::size_t number = is_number(wanted) ? data::column_number(wanted) : 0;
    return number >= 1 && number <= width_ ? number - 1 : width_;
  }

  std::vector<std::size_t> columns_of_text(const std::vector<Cells>& rows, std::size_t from) const {
    std::vector<std::size_t> texts;
    for (std::size_t c = 0; c < width_; ++c) {
      bool numbers = true, attributions = true, some = false;
      for (std::size_t i = from; i < rows.size(); ++i) {
        if (rows[i].size() != width_) continue;
        const std::string_view cell = trim_unseen(rows[i][c]);
        some = some || !cell.empty();
        numbers = numbers && (cell.empty() || is_number(cell));
        attributions = attributions && (cell.empty() || cell.starts_with("CC-BY"));
      }
      if (width_ == 2 || (some && !numbers && !attributions)) texts.push_back(c);
    }
    return texts;
  }

  void add_row(std::string_view line, std::uint64_t number) {
    cut(line, number, cells_);
    if (cells_.size() != width_)
      return to_.skip("a line with " + std::to_string(cells_.size()) +
                          (cells_.size() == 1 ? " field" : " fields") +
                          (width_ == 2 && form_ == RowForm::lines ? ", not source, tab, target"
                                                                  : ", not " + std::to_string(width_)),
                      place(number));
    for (const Direction& one : directions_)
      to_.add({cells_[one.source], cells_[one.target], one.from, one.to}, place(number));
  }

  const std::string& name_;
  RowForm form_;
  const ReadingOptions& options_;
  PairFilter& to_;
  bool settled_ = false, bars_ = false;
  char separator_ = ',';
  std::size_t width_ = 2;
  std::vector<std::pair<std::string, std::uint64_t>> first_;
  std::vector<Direction> directions_;
  Cells cells_;
};

}  // namespace

void add_rows(const EachLine& lines, const std::string& name, RowForm form, const ReadingOptions& options,
              PairFilter& to) {
  Rows rows(name, form, options, to);
  lines([&](std::string_view line, std::uint64_t number) { rows.add(line, number); });
  rows.end();
}

}  // namespace rondo::translate
