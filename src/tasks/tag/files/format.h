/// Which form a file has, by its first lines.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tasks/tagged_text.h>

namespace rondo::tag {

/// Lines looked at, at most.
inline constexpr std::size_t lines_to_know_by = 1000;

struct FoundFormat {
  TagFormat format = TagFormat::segmented;
  std::string why = {};           ///< for people: "3 columns with tabs between"
  std::vector<int> columns = {};  ///< of a table: those of token and tag
  std::string separator = {};     ///< of words with tags
};

/// A token a line, with its tag in another column.
inline bool has_columns(TagFormat format) noexcept {
  return format == TagFormat::conll || format == TagFormat::conllu || format == TagFormat::csv;
}

/// The columns of token and tag by the usual names in a line of names (Word, token, 字; Tag, ner, label,
/// pos), from 1; nothing if they are not there.
std::vector<int> named_columns(std::string_view header, char& separator);

/// `lines` are the first ones of a file, without their ends. Text without any sign of a form is segmented.
FoundFormat find_format(std::span<const std::string> lines, const TagReading& reading);

/// Whether lines that arrive to be tagged are those of CoNLL-U or of columns with tabs, rather than text: in
/// doubt they are text.
TagFormat find_arriving_format(std::span<const std::string> lines);

/// The reading with nothing left open but columns' meaning by format: format, columns and unit by these
/// lines.
TagReading settled(TagReading reading, std::span<const std::string> lines);

}  // namespace rondo::tag
