#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>

#include <rondo/error.h>
#include <rondo/text.h>

#include "base/files.h"
#include "base/message.h"
#include "base/utf8.h"
#include "data/vocab.h"

namespace rondo {
namespace {

constexpr std::int64_t largest_dim = 1 << 16;

std::optional<std::int64_t> as_count(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::string_view without_spaces_at_end(std::string_view line) {
  const std::size_t last = line.find_last_not_of(" \t");
  return line.substr(0, last == line.npos ? 0 : last + 1);
}

std::int64_t fields_in(std::string_view line) {
  std::int64_t count = 0;
  bool inside = false;
  for (const char c : line) {
    const bool space = c == ' ' || c == '\t';
    count += !space && !inside;
    inside = !space;
  }
  return count;
}

/// Fills the rows of a vocabulary from the lines of a file.
class VectorReader {
 public:
  VectorReader(const std::filesystem::path& file, const Vocab& vocab) : name_(file.string()), vocab_(vocab) {
    for (std::int32_t number = 1; number < vocab.size(); ++number)
      folded_[fold(vocab.token(number))].push_back(number);
  }

  void read(LineReader& lines) {
    std::string line;
    while (lines.next(line)) {
      number_ = lines.number();
      std::string_view text = without_spaces_at_end(line);
      if (number_ == 1) text = without_byte_order_mark(text);
      if (text.empty()) continue;
      if (vectors_.dim == 0 && begin(text)) continue;
      add(text);
    }
    if (vectors_.words == 0) refuse("holds no vectors");
  }

  WordVectors result() {
    for (std::size_t i = 0; i < exact_.size(); ++i) {
      vectors_.exact += exact_[i];
      vectors_.folded += vectors_.found[i] - exact_[i];
    }
    return std::move(vectors_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    fail(ErrorKind::data, name_ + " line " + std::to_string(number_) + ": " + what);
  }

  static std::string fold(std::string_view word) { return normalize(word, Normalization::none, true); }

  /// Gets the number of numbers per word from the first line. Returns true if that line is a header "count
  /// dim".
  bool begin(std::string_view line) {
    const std::size_t space = line.find_first_of(" \t");
    const bool pair = space != line.npos && fields_in(line) == 2;
    const auto count = pair ? as_count(line.substr(0, space)) : std::nullopt;
    const auto dim = pair ? as_count(line.substr(line.find_last_of(" \t") + 1)) : std::nullopt;
    const bool header = count && dim && number_ == 1;
    vectors_.dim = header ? *dim : fields_in(line) - 1;
    if (header) vectors_.announced = *count;
    if (vectors_.dim < 1 || vectors_.dim > largest_dim)
      refuse("wanted a word and its numbers, got " + std::to_string(fields_in(line)) + " field(s)");
    const auto tokens = static_cast<std::size_t>(vocab_.size());
    vectors_.values.assign(tokens * static_cast<std::size_t>(vectors_.dim), 0.0F);
    vectors_.found.assign(tokens, 0);
    exact_.assign(tokens, 0);
    row_.resize(static_cast<std::size_t>(vectors_.dim));
    return header;
  }

  void add(std::string_view line) {
    // Splits from the end, because a word may contain spaces.
    std::string_view left = line;
    for (std::size_t i = row_.size(); i-- > 0;) {
      const std::size_t space = left.find_last_of(" \t");
      if (space == left.npos)
        refuse("wanted a word and " + std::to_string(row_.size()) + " numbers, got " +
               std::to_string(fields_in(line)) + " field(s)");
      row_[i] = number_from(left.substr(space + 1));
      left = without_spaces_at_end(left.substr(0, space));
    }
    if (left.empty()) refuse("wanted a word before its " + std::to_string(row_.size()) + " numbers");
    require_one_word(left);
    ++vectors_.words;
    place(left);
  }

  /// GloVe has words like ". . .". A number before the numbers means that the line is too long.
  void require_one_word(std::string_view word) const {
    const std::size_t space = word.find_last_of(" \t");
    float ignored = 0;
    const char* end = word.data() + word.size();
    if (space == word.npos || std::from_chars(word.data() + space + 1, end, ignored).ptr != end) return;
    refuse("wanted a word and " + std::to_string(row_.size()) + " numbers, got " +
           std::to_string(row_.size() + static_cast<std::size_t>(fields_in(word)) - 1) + " numbers");
  }

  float number_from(std::string_view text) const {
    float value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool too_small = error == std::errc::result_out_of_range && text.find("e-") != text.npos;
    if (too_small) return 0;
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
      refuse(quote(text) + " is not a number");
    return value;
  }

  void place(std::string_view word) {
    if (find_utf8_fault(word)) return;  // old word2vec files cut some words inside a character
    const std::int32_t number = vocab_.find(word);
    if (number != Vocab::unknown) {
      std::uint8_t& exact = exact_[static_cast<std::size_t>(number)];
      if (exact == 0)
        copy_to(number);
      else
        ++vectors_.repeated;
      exact = 1;
    }
    const auto same = folded_.find(fold(word));
    if (same == folded_.end()) return;
    for (const std::int32_t other : same->second) {
      if (vectors_.found[static_cast<std::size_t>(other)] == 0) copy_to(other);
    }
  }

  void copy_to(std::int32_t number) {
    vectors_.found[static_cast<std::size_t>(number)] = 1;
    std::copy(row_.begin(), row_.end(),
              vectors_.values.begin() +
                  static_cast<std::ptrdiff_t>(number) * static_cast<std::ptrdiff_t>(row_.size()));
  }

  std::string name_;
  const Vocab& vocab_;
  std::unordered_map<std::string, std::vector<std::int32_t>> folded_;  // token without case: its numbers
  std::vector<std::uint8_t> exact_;
  std::vector<float> row_;
  WordVectors vectors_;
  std::uint64_t number_ = 1;
};

}  // namespace

WordVectors read_word_vectors(const std::filesystem::path& file, const Vocab& vocab) {
  VectorReader reader(file, vocab);
  // As large as it is: GloVe's largest has 5.6 GB. No more than a line of it is held at once.
  LineReader lines(file, {.size = std::numeric_limits<std::uint64_t>::max()});
  reader.read(lines);
  return reader.result();
}

}  // namespace rondo
