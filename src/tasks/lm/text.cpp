// Reading running text, and cutting it in order.
#include "tasks/lm/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include <rondo/tasks/lm.h>

#include "base/files.h"
#include "base/message.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "data/table.h"

namespace rondo::lm {
namespace {

/// Gathers documents into one block.
class Gatherer {
 public:
  void append(std::string_view bytes) { block_->append(bytes); }
  bool has_text() const { return block_->size() > begin_; }
  /// What was appended since the last end is a document, if that is anything.
  void end_document() {
    if (!has_text()) return;
    const auto end = static_cast<std::size_t>(block_->size());
    documents_.push_back({begin_, end, label_});
    begin_ = end;
  }
  /// The documents from here on are of this label.
  void set_label(const std::string& label) {
    label_ = numbers_.try_emplace(label, static_cast<std::int32_t>(numbers_.size())).first->second;
  }
  Dataset take() {
    block_->finish();
    // By name, so that numbers do not depend on which document comes first.
    std::vector<std::int32_t> place(numbers_.size());
    std::vector<std::string> labels;
    for (const auto& [label, number] : numbers_) {
      place[static_cast<std::size_t>(number)] = static_cast<std::int32_t>(labels.size());
      labels.push_back(label);
    }
    for (RunningText::Document& document : documents_)
      if (document.label >= 0) document.label = place[static_cast<std::size_t>(document.label)];
    return Dataset(
        std::make_shared<const RunningText>(std::move(block_), std::move(documents_), std::move(labels)));
  }

 private:
  std::int32_t label_ = -1;
  std::map<std::string, std::int32_t> numbers_;
  std::shared_ptr<Spool> block_ = std::make_shared<Spool>();
  std::size_t begin_ = 0;
  std::vector<RunningText::Document> documents_;
};

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

[[noreturn]] void refuse_carriage_returns(const std::filesystem::path& file, std::string_view line) {
  fail(ErrorKind::data, file.string() + ": no line ends with LF, but " +
                            std::to_string(std::count(line.begin(), line.end(), '\r')) +
                            " CR stand in it, as in texts of old Macs; convert it: tr '\\r' '\\n' < FILE");
}

/// Whether the first line ends with CR LF, which the reader takes for LF. A pipe, which can be read only
/// once, is not asked.
bool has_dos_line_ends(const std::filesystem::path& file) {
  if (std::error_code error; !std::filesystem::is_regular_file(file, error)) return false;
  std::array<char, 1 << 14> buffer{};
  const std::string_view begin(buffer.data(), InputFile(file).read(buffer.data(), buffer.size()));
  const std::size_t end = begin.find('\n');
  return end != std::string_view::npos && end > 0 && begin[end - 1] == '\r';
}

struct FileRead {
  std::uint64_t lines = 0, carriage_returns = 0;
};

/// Lines of a file with LF at the end of each that had an end.
FileRead read_file_into(const std::filesystem::path& file, Documents documents, Gatherer& to) {
  LineReader reader(file, {.size = std::uint64_t{1} << 40, .line = std::uint64_t{1} << 31});
  FileRead read;
  std::string line;
  while (reader.next(line)) {
    std::string_view text = line;
    if (reader.number() == 1) text = without_byte_order_mark(text);
    require_utf8(text, file.string(), reader.number());
    if (text.find('\r') != std::string_view::npos) {
      if (reader.number() == 1 && !reader.ended()) refuse_carriage_returns(file, text);
      ++read.carriage_returns;
    }
    ++read.lines;
    if (documents == Documents::blank_line && is_blank(text)) {
      to.end_document();
      continue;
    }
    to.append(text);
    if (reader.ended()) to.append("\n");
    if (documents == Documents::line) to.end_document();
  }
  return read;
}

data::Table table_of(const std::filesystem::path& file, const std::vector<std::string>& paths) {
  const std::string name = file.string(), bytes = read_unpacked(file);
  const std::string_view text = data::require_text(bytes, name);
  switch (data::format_of(name, text)) {
    case data::FileFormat::csv:
      return data::read_csv(text, name);
    case data::FileFormat::jsonl:
      return data::read_jsonl(text, name, paths);
    case data::FileFormat::json:
      return data::read_json_array(text, name, paths);
    default:
      return data::read_tsv(text, name);
  }
}

/// The names of a table's columns: its own, or the cells of its first row, which is taken out.
std::vector<std::string> names_of_columns(data::Table& table) {
  if (!table.columns.empty() || table.rows.empty()) return table.columns;
  std::vector<std::string> names = std::move(table.rows.front().cells);
  table.rows.erase(table.rows.begin());
  return names;
}

/// "2" is the second column of a table whose first line does not name them.
std::size_t number_of_column(const std::string& column) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(column.data(), column.data() + column.size(), number);
  return error == std::errc() && end == column.data() + column.size() ? number : 0;
}

std::size_t place_of(const std::string& column, const std::vector<std::string>& names,
                     const std::filesystem::path& file) {
  if (names.empty()) {
    if (const std::size_t number = number_of_column(column); number > 0) return number - 1;
    fail(ErrorKind::data, file.string() + ": column " + quote(column) +
                              " is asked for by name, and others by number; take one or the other");
  }
  const auto found = std::find(names.begin(), names.end(), column);
  if (found == names.end())
    fail(ErrorKind::data, file.string() + ": no column is named " + quote(column) +
                              "; its first line names " + enumerate(names, "and") +
                              suggestion(column, names));
  return static_cast<std::size_t>(found - names.begin());
}

void read_columns_into(const std::filesystem::path& file, const ReadingOptions& options, Gatherer& to) {
  data::Table table = table_of(file, {options.text, options.label});
  const bool numbers = table.columns.empty() && number_of_column(options.text) > 0;
  const std::vector<std::string> names = numbers ? std::vector<std::string>() : names_of_columns(table);
  const std::size_t text = place_of(options.text, names, file);
  const std::size_t label = options.label.empty() ? text : place_of(options.label, names, file);
  for (const data::Row& row : table.rows) {
    if (std::max(text, label) >= row.cells.size())
      fail(ErrorKind::data, file.string() + " line " + std::to_string(row.line) + ": wanted " +
                                std::to_string(std::max(text, label) + 1) + " columns, got " +
                                std::to_string(row.cells.size()));
    if (label != text) {
      if (row.cells[label].empty())
        fail(ErrorKind::data, file.string() + " line " + std::to_string(row.line) + ": the label " +
                                  quote(options.label) + " is empty; each text needs one");
      to.set_label(row.cells[label]);
    }
    // A poem's lines are a list in many collections.
    if (const auto lines = table.lists.find({row.line, text}); lines != table.lists.end())
      to.append(joined(lines->second, "\n"));
    else
      to.append(row.cells[text]);
    to.end_document();
  }
}

}  // namespace

std::int32_t RunningText::length(std::size_t place) const {
  const Document& at = documents_[place];
  return static_cast<std::int32_t>(std::clamp<std::size_t>(
      at.end - at.begin, 1, static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())));
}

std::uint64_t RunningText::content(std::size_t place) const {
  const std::int32_t label = documents_[place].label;
  return label < 0 ? data::content_hash(document(place))
                   : data::content_hash(data::content_of(std::string(document(place)),
                                                         labels_[static_cast<std::size_t>(label)]));
}

std::vector<std::string> labels_in(const Dataset& text) {
  return text.empty() ? std::vector<std::string>() : text.source_as<RunningText>().labels();
}

std::vector<std::string_view> documents_in(const Dataset& text) {
  if (text.empty()) return {};
  const auto& source = text.source_as<RunningText>();
  std::vector<std::string_view> documents;
  documents.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    documents.push_back(source.document(text.place(i)));
  return documents;
}

Dataset read_text(const std::vector<std::filesystem::path>& files, const ReadingOptions& options,
                  std::vector<std::string>* notices) {
  if (!options.label.empty() && options.text.empty())
    fail(ErrorKind::option,
         "label: a column of labels stands beside a column of text; name that, too (--text)");
  Gatherer gathered;
  for (const std::filesystem::path& file : files) {
    if (options.text.empty()) {
      const FileRead read = read_file_into(file, options.documents, gathered);
      if (read.lines == 0) fail(ErrorKind::data, "no text in " + file.string() + ": the file is empty");
      if (notices != nullptr && data::names_table(file))
        notices->push_back(
            file.string() +
            ": is read as it stands, with the marks between its cells; --text COLUMN reads one column");
      if (notices != nullptr && has_dos_line_ends(file))
        notices->push_back(file.string() + ": CR LF at the ends of lines is read as LF");
      if (read.carriage_returns > 0 && notices != nullptr)
        notices->push_back(file.string() + ": " + std::to_string(read.carriage_returns) +
                           " lines hold CR characters; they stay in the text");
    } else {
      read_columns_into(file, options, gathered);
    }
    gathered.end_document();
  }
  Dataset text = gathered.take();
  if (text.empty())
    fail(ErrorKind::data, "no text in " + (files.empty() ? std::string("no files") : files.front().string()) +
                              ": every line is blank");
  return text;
}

Dataset documents_of(std::span<const std::string> texts) {
  Gatherer gathered;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string name = "document " + std::to_string(i + 1);
    require_utf8(texts[i], name);
    if (texts[i].empty()) fail(ErrorKind::data, name + " is empty");
    gathered.append(texts[i]);
    gathered.end_document();
  }
  return gathered.take();
}

namespace {

std::size_t characters_before(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size() && count > 0; --count)
    next_code_point(text, at);
  return at;
}

}  // namespace

std::pair<Dataset, Dataset> cut(const Dataset& text, double share) {
  const auto& source = text.source_as<RunningText>();
  std::vector<RunningText::Document> first, last;
  std::size_t total = 0;
  for (const std::string_view document : documents_in(text))
    total += count_code_points(document);
  auto left = static_cast<std::size_t>(std::floor(static_cast<double>(total) * (1 - share)));
  for (std::size_t i = 0; i < text.size(); ++i) {
    const RunningText::Document at = source.documents()[text.place(i)];
    const std::string_view document = source.document(text.place(i));
    const std::size_t characters = count_code_points(document);
    // Many short documents are not cut: the border falls between two of them.
    const bool whole = text.size() >= 20;
    if (characters <= left || (whole && left > characters / 2)) {
      first.push_back(at);
    } else if (left == 0 || whole) {
      last.push_back(at);
    } else {
      const std::size_t middle = at.begin + characters_before(document, left);
      first.push_back({at.begin, middle, at.label});
      last.push_back({middle, at.end, at.label});
    }
    left -= std::min(left, characters);
  }
  const auto dataset = [&](std::vector<RunningText::Document> documents) {
    return Dataset(
        std::make_shared<const RunningText>(source.block(), std::move(documents), source.labels()));
  };
  return {dataset(std::move(first)), dataset(std::move(last))};
}

}  // namespace rondo::lm
