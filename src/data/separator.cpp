// What separates the columns of a CSV.
#include <array>
#include <optional>

#include "base/utf8.h"
#include "data/table.h"

namespace rondo::data {
namespace {

/// What a separator would make of the first records.
struct Cut {
  std::size_t first = 0;      // fields of the first record
  bool even = true;           // all records have as many, two or more
  bool before_blanks = true;  // a blank follows it wherever it stands, as after a comma in a sentence
};

class Cutter {
 public:
  Cutter(std::string_view text, char separator) : text_(text), separator_(separator) {}

  Cut run() {
    constexpr std::size_t most_records = 100, most_bytes = std::size_t{1} << 18;
    for (std::size_t record = 0; at_ < text_.size() && record < most_records && at_ < most_bytes; ++record) {
      const std::optional<std::size_t> fields = read_record();
      if (!fields) break;
      if (*fields == 0) continue;  // an empty line
      if (cut_.first == 0) cut_.first = *fields;
      cut_.even = cut_.even && *fields == cut_.first && *fields >= 2;
    }
    cut_.even = cut_.even && cut_.first >= 2;
    return cut_;
  }

 private:
  /// The fields of the next record; none for one without an end.
  std::optional<std::size_t> read_record() {
    if (text_.substr(at_).starts_with("\xef\xbb\xbf")) at_ += 3;
    const std::size_t begin = at_;
    for (std::size_t fields = 1;; ++fields) {
      if (!skip_field()) return std::nullopt;
      const bool more = at_ < text_.size() && text_[at_] == separator_;
      if (!more) {
        const bool empty = at_ == begin;
        skip_end();
        return empty ? 0 : fields;
      }
      ++at_;
      cut_.before_blanks = cut_.before_blanks && at_ < text_.size() && text_[at_] == ' ';
    }
  }

  /// False for a quotation mark that nothing closes.
  bool skip_field() {
    if (at_ < text_.size() && text_[at_] == '"') {
      do {
        const std::size_t quote = text_.find('"', at_ + 1);
        if (quote == text_.npos) return false;
        at_ = quote + 1;
      } while (at_ < text_.size() && text_[at_] == '"');
      const bool ends = at_ == text_.size() || text_[at_] == separator_ || is_end(text_[at_]);
      cut_.even = cut_.even && ends;
    }
    while (at_ < text_.size() && text_[at_] != separator_ && !is_end(text_[at_]))
      ++at_;
    return true;
  }

  void skip_end() {
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
  }
  static bool is_end(char c) { return c == '\r' || c == '\n'; }

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  Cut cut_;
};

}  // namespace

char separator_of(std::string_view text) {
  constexpr std::array<char, 4> candidates = {',', ';', '\t', '|'};
  std::array<Cut, candidates.size()> cuts;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    cuts[i] = Cutter(text, candidates[i]).run();
  for (const bool blanks : {false, true})
    for (std::size_t i = 0; i < candidates.size(); ++i)
      if (cuts[i].even && cuts[i].before_blanks == blanks) return candidates[i];
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (cuts[i].first >= 2) return candidates[i];
  return ',';
}

}  // namespace rondo::data
