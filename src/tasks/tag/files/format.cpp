#include "tasks/tag/files/format.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include <rondo/text.h>

#include "base/utf8.h"
#include "data/cells.h"
#include "data/table.h"
#include "tasks/tag/files/blanks.h"
#include "tasks/tag/scheme.h"

namespace rondo::tag {
namespace {

/// What columns the lines have, if they are columns.
struct Columns {
  std::size_t count = 0;  ///< of each line with a token; 0: not always as many
  std::size_t lines = 0;
  bool tabs = true;     ///< between all of them
  bool blanks = false;  ///< blank lines between others
  bool tags = true;     ///< the last column has tags of a scheme
  bool document = false;
};

Columns columns_of(std::span<const std::string> lines) {
  Columns found;
  std::vector<std::string_view> columns;
  for (const std::string& line : lines) {
    if (line.find_first_not_of(" \t") == line.npos) {
      found.blanks = found.blanks || found.lines > 0;
      continue;
    }
    if (line.starts_with("-DOCSTART-")) {
      found.document = true;
      continue;
    }
    split_columns(line, false, columns);
    const std::size_t by_blanks = columns.size();
    const std::string_view last = columns.back();
    const char place = parts_of(last).place;
    found.tags = found.tags && place != '\0';
    split_columns(line, true, columns);
    const bool tabs =
        columns.size() > 1 && std::none_of(columns.begin(), columns.end(), [](auto c) { return c.empty(); });
    found.tabs = found.tabs && tabs;
    const std::size_t count = found.tabs ? columns.size() : by_blanks;
    if (found.lines++ == 0) found.count = count;
    if (count != found.count) found.count = 0;
  }
  return found;
}

bool is_conllu(std::span<const std::string> lines) {
  bool any = false;
  std::vector<std::string_view> columns;
  for (const std::string& line : lines) {
    if (line.empty() || line.starts_with('#')) continue;
    split_columns(line, true, columns);
    if (columns.size() != 10 || columns[0].find_first_not_of("0123456789-.") != columns[0].npos) return false;
    any = true;
  }
  return any;
}

bool is_json(std::span<const std::string> lines) {
  for (const std::string& line : lines)
    if (const std::size_t first = line.find_first_not_of(" \t"); first != line.npos)
      return line[first] == '{' && line.find('"', first) != line.npos;
  return false;
}

bool is_slash(std::span<const std::string> lines, const std::string& separator) {
  std::size_t words = 0;
  for (const std::string& line : lines)
    for (const std::string_view word : words_between_blanks(line)) {
      const std::size_t at = word.rfind(separator);
      if (at == word.npos || at == 0 || at + separator.size() == word.size()) return false;
      ++words;
    }
  return words > 0;
}

/// 中国_NR, run_VBZ, ._.: what Penn's treebanks write. The tags are in ASCII, and each stands at several
/// words.
bool is_underscored(std::span<const std::string> lines) {
  if (!is_slash(lines, "_")) return false;
  std::set<std::string_view> tags;
  std::size_t words = 0;
  for (const std::string& line : lines)
    for (const std::string_view word : words_between_blanks(line)) {
      const std::string_view tag = word.substr(word.rfind('_') + 1);
      if (std::any_of(tag.begin(), tag.end(), [](char c) { return static_cast<unsigned char>(c) > 126; }))
        return false;
      tags.insert(tag);
      ++words;
    }
  return words >= 2 * tags.size();
}

template <std::size_t count>
int place_of(const std::vector<std::string>& cells, const std::array<std::string_view, count>& names) {
  for (const std::string_view name : names)
    for (std::size_t c = 0; c < cells.size(); ++c)
      if (data::lower_ascii(std::string(trim_unseen(cells[c]))) == name) return static_cast<int>(c) + 1;
  return 0;
}

std::string columns_in_words(const Columns& columns) {
  return std::to_string(columns.count) + " columns with " + (columns.tabs ? "tabs" : "blanks") + " between";
}

/// Sentences whose words are counted alike are rare; so are columns without a blank line.
bool are_columns(const Columns& columns) {
  constexpr std::size_t many = 10;
  return columns.count > 1 && (columns.document || columns.tabs || columns.tags ||
                               (columns.blanks && columns.lines > 2) || columns.lines >= many);
}

bool is_chinese(std::span<const std::string> lines) {
  const std::vector<std::string_view> texts(lines.begin(), lines.end());
  return tokenizer_for(texts) == Tokenizer::characters;
}

}  // namespace

std::vector<int> named_columns(std::string_view header, char& separator) {
  constexpr std::array<std::string_view, 9> tokens = {"word", "words",     "token", "tokens", "form",
                                                      "char", "character", "字",    "词"};
  constexpr std::array<std::string_view, 12> tags = {"tag", "tags",    "ner_tag", "ner_tags",
                                                     "ner", "bio",     "label",   "labels",
                                                     "pos", "pos_tag", "upos",    "标签"};
  std::vector<std::string> cells;
  for (const char one : {',', '\t', ';'}) {
    if (header.find(one) == header.npos || header.find('"', 1) != header.npos) continue;
    data::cut_cells(header, one, "header", cells);
    const int token = place_of(cells, tokens), tag = place_of(cells, tags);
    if (token == 0 || tag == 0) continue;
    separator = one;
    return {token, tag};
  }
  return {};
}

FoundFormat find_format(std::span<const std::string> lines, const TagReading& reading) {
  if (is_json(lines)) return {TagFormat::jsonl, "JSON lines"};
  char separator = '\0';
  if (!lines.empty())
    if (const std::vector<int> columns = named_columns(lines.front(), separator); !columns.empty())
      return {TagFormat::csv, "a table with names", columns};
  if (is_conllu(lines)) return {TagFormat::conllu, "CoNLL-U"};
  std::vector<std::string> without_comments;
  if (reading.comments)
    std::copy_if(lines.begin(), lines.end(), std::back_inserter(without_comments),
                 [](const std::string& line) { return !line.starts_with('#'); });
  const Columns columns =
      columns_of(reading.comments ? std::span<const std::string>(without_comments) : lines);
  if (are_columns(columns)) return {TagFormat::conll, columns_in_words(columns)};
  if (!reading.separator.empty() && is_slash(lines, reading.separator))
    return {TagFormat::slash, "words with " + reading.separator + " and a tag", {}, reading.separator};
  if (reading.separator == TagReading{}.separator && is_underscored(lines))
    return {TagFormat::slash, "words with _ and a tag", {}, "_"};
  return {TagFormat::segmented, "a sentence a line, blanks between its words"};
}

TagFormat find_arriving_format(std::span<const std::string> lines) {
  if (is_conllu(lines)) return TagFormat::conllu;
  const Columns columns = columns_of(lines);
  if (columns.document) return TagFormat::conll;
  return columns.count > 1 && columns.tabs && columns.lines > 1 ? TagFormat::conll : TagFormat::automatic;
}

TagReading settled(TagReading reading, std::span<const std::string> lines) {
  const bool columns = !reading.columns.empty() || !reading.features.empty();
  if (reading.format == TagFormat::automatic) {
    const FoundFormat found = find_format(lines, reading);
    const bool named = found.format == TagFormat::conllu || found.format == TagFormat::csv;
    reading.format = columns && !named ? TagFormat::conll : found.format;
    if (reading.format == TagFormat::slash) reading.separator = found.separator;
  }
  const bool conllu = reading.format == TagFormat::conllu;
  if (char separator = '\0'; reading.format == TagFormat::csv && reading.columns.empty() && !lines.empty())
    reading.columns = named_columns(lines.front(), separator);
  if (reading.columns.empty() && reading.format != TagFormat::csv)
    reading.columns = conllu ? std::vector{2, 4} : std::vector{1, -1};
  if (reading.unit != TokenUnit::automatic) return reading;
  if (reading.format == TagFormat::segmented)
    reading.unit = TokenUnit::characters;
  else if (reading.format == TagFormat::slash || reading.format == TagFormat::jsonl)
    reading.unit = is_chinese(lines) ? TokenUnit::characters : TokenUnit::words;
  return reading;  // what tokens of columns are, the tokens tell
}

}  // namespace rondo::tag
