#include "data/vocab.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <rondo/error.h>
#include <rondo/text.h>

#include "base/bytes.h"
#include "base/message.h"
#include "base/utf8.h"
#include "data/vocab_arrays.h"

namespace rondo {

std::uint64_t slot_hash(std::string_view token) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : token)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

namespace {

[[noreturn]] void refuse_vocabulary(const std::string& what) {
  fail(ErrorKind::format, "vocabulary: " + what);
}

std::vector<std::int64_t> counts_in(std::string_view text, std::size_t tokens) {
  std::vector<std::int64_t> counts;
  counts.reserve(tokens);
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    std::int64_t count = 0;
    const auto [next, error] = std::from_chars(at, end, count);
    if (error != std::errc{} || count < 0 || (next != end && (*next != ' ' || next + 1 == end)))
      refuse_vocabulary("'counts' wants whole numbers with spaces between them");
    counts.push_back(count);
    at = next == end ? end : next + 1;
  }
  if (counts.size() != tokens)
    refuse_vocabulary(std::to_string(tokens) + " tokens with " + std::to_string(counts.size()) + " counts");
  return counts;
}

std::string joined(const std::vector<std::int64_t>& counts) {
  std::string text;
  for (const std::int64_t count : counts)
    text += (text.empty() ? "" : " ") + std::to_string(count);
  return text;
}

constexpr std::size_t number_bytes = 4;
constexpr std::size_t tokens_begin(std::size_t size) {
  return number_bytes * (size + slots_of(size));
}

void store(std::vector<char>& table, std::size_t at, std::size_t number) {
  store_little_endian(static_cast<std::uint32_t>(number), table.data() + number_bytes * at);
}

}  // namespace

// Defined in Vocab::Table.
inline Vocab vocab_of_file(VocabArrays arrays);
inline VocabArrays arrays_in(const Vocab& vocab);

struct Vocab::Table {
  VocabArrays arrays;
  bool of_file = false;  ///< then nobody has looked at all of it yet
  mutable std::once_flag tokens_checked, counts_read;
  mutable std::vector<std::int64_t> counts;  ///< of a file once they were asked for

  std::size_t size() const noexcept { return static_cast<std::size_t>(arrays.size); }
  std::size_t slots() const noexcept { return slots_of(size()); }
  std::string_view all_tokens() const noexcept { return arrays.table.bytes.substr(tokens_begin(size())); }
  std::int32_t number_at(std::size_t at) const noexcept {
    return static_cast<std::int32_t>(
        load_little_endian<std::uint32_t>(arrays.table.bytes.data() + number_bytes * at));
  }
  std::int32_t end_of(std::size_t token) const noexcept { return number_at(token); }
  std::int32_t in_slot(std::size_t slot) const noexcept { return number_at(size() + slot); }
  /// Lies within the tokens, whatever a file says.
  std::string_view token(std::size_t number) const noexcept {
    const std::string_view all = all_tokens();
    const std::size_t begin =
        number == 0 ? 0 : std::min(static_cast<std::size_t>(end_of(number - 1)), all.size());
    return all.substr(begin, static_cast<std::size_t>(end_of(number)) - begin);
  }
  /// The slot where a token is, or where it would be; as many as there are where it has none.
  std::size_t slot_for(std::string_view sought) const noexcept;
  /// -1 for an unknown token.
  std::int32_t find(std::string_view sought) const noexcept {
    const std::size_t slot = slot_for(sought);
    return slot < slots() ? in_slot(slot) : -1;
  }
  void check_sizes() const;
  void check_tokens() const;
  /// All tokens of a file, before one of them is given out.
  void believe() const {
    if (of_file) std::call_once(tokens_checked, [this] { check_tokens(); });
  }
  const std::vector<std::int64_t>& all_counts() const {
    if (of_file) std::call_once(counts_read, [this] { counts = counts_in(arrays.counts(), size()); });
    return counts;
  }

  // A nested class may use what is private, and its friends may name it: so the public class need not name
  // what only the library uses.
  static Vocab vocab(std::shared_ptr<const Table> table) { return Vocab(std::move(table)); }
  static const Table& of(const Vocab& vocab) { return *vocab.table_; }
  friend Vocab vocab_of_file(VocabArrays arrays) {
    const auto table = std::make_shared<Table>();
    table->arrays = std::move(arrays);
    table->of_file = true;
    table->check_sizes();
    return vocab(table);
  }
  friend VocabArrays arrays_in(const Vocab& vocab) {
    const Table& table = of(vocab);
    table.believe();
    VocabArrays arrays = table.arrays;
    arrays.counts = [text = joined(table.all_counts())] { return text; };
    return arrays;
  }
};

std::size_t Vocab::Table::slot_for(std::string_view sought) const noexcept {
  std::size_t slot = slot_hash(sought) % slots();
  for (std::size_t seen = 0; seen < slots(); ++seen) {
    const std::int32_t number = in_slot(slot);
    if (number < 0) return slot;
    if (static_cast<std::size_t>(number) >= size()) break;  // nonsense in a file
    if (token(static_cast<std::size_t>(number)) == sought) return slot;
    slot = slot + 1 == slots() ? 0 : slot + 1;
  }
  return slots();
}

void Vocab::Table::check_sizes() const {
  if (arrays.size < 1) refuse_vocabulary("no tokens; the first one stands for the unknown");
  if (arrays.table.bytes.size() < tokens_begin(size()) ||
      static_cast<std::size_t>(end_of(size() - 1)) != all_tokens().size())
    refuse_vocabulary("its table is not that of " + std::to_string(arrays.size) + " tokens");
}

void Vocab::Table::check_tokens() const {
  std::int32_t end = 0;
  for (std::size_t number = 0; number < size(); ++number) {
    const std::int32_t begin = std::exchange(end, end_of(number));
    if (end <= begin) refuse_vocabulary("token " + std::to_string(number) + " is empty");
  }
  for (std::size_t number = 0; number < size(); ++number) {
    require_utf8(token(number), "vocabulary", 1, ErrorKind::format);
    if (find(token(number)) != static_cast<std::int32_t>(number))
      refuse_vocabulary("token " + quote(token(number)) + " is not found by its slot, or appears twice");
  }
}

Vocab vocab_from(VocabArrays arrays) {
  return vocab_of_file(std::move(arrays));
}

VocabArrays arrays_of(const Vocab& vocab) {
  return arrays_in(vocab);
}

Vocab::Vocab(std::shared_ptr<const Table> table) : table_(std::move(table)) {}

Vocab::Vocab() : Vocab(of({std::string(unknown_token)})) {}

Vocab Vocab::of(std::vector<std::string> tokens, std::vector<std::int64_t> counts) {
  if (tokens.empty()) refuse_vocabulary("no tokens; the first one stands for the unknown");
  if (counts.empty()) counts.resize(tokens.size());
  if (counts.size() != tokens.size())
    refuse_vocabulary(std::to_string(tokens.size()) + " tokens with " + std::to_string(counts.size()) +
                      " counts");
  std::size_t letters = 0;
  for (const std::string& token : tokens)
    letters += token.size();
  if (letters > std::numeric_limits<std::int32_t>::max())
    fail(ErrorKind::data, "vocabulary: more than 2 GiB of tokens; keep fewer of them");
  const auto bytes = std::make_shared<std::vector<char>>(tokens_begin(tokens.size()) + letters, '\xff');
  const auto table = std::make_shared<Table>();
  table->arrays = {.size = static_cast<std::int32_t>(tokens.size()),
                   .table = {bytes, {bytes->data(), bytes->size()}},
                   .counts = {}};
  table->counts = std::move(counts);
  std::size_t end = 0;
  for (std::size_t number = 0; number < tokens.size(); ++number) {
    const std::string& token = tokens[number];
    require_utf8(token, "vocabulary");
    const std::size_t slot = table->slot_for(token);
    if (table->in_slot(slot) >= 0) refuse_vocabulary("token " + quote(token) + " appears twice");
    std::copy(token.begin(), token.end(),
              bytes->begin() + static_cast<std::ptrdiff_t>(tokens_begin(tokens.size()) + end));
    store(*bytes, number, end += token.size());
    store(*bytes, tokens.size() + slot, number);
  }
  return Vocab(table);
}

namespace {

Vocab commonest(std::vector<std::pair<std::string_view, std::int64_t>> counted, std::int64_t min_count,
                std::int64_t max_size, std::span<const std::string> specials) {
  std::vector<std::string> tokens = {std::string(unknown_token)};
  tokens.insert(tokens.end(), specials.begin(), specials.end());
  const std::vector<std::string> reserved = tokens;
  std::erase_if(counted, [&](const auto& entry) {
    return entry.second < min_count ||
           std::find(reserved.begin(), reserved.end(), entry.first) != reserved.end();
  });
  const auto before = [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  };
  std::sort(counted.begin(), counted.end(), before);
  std::vector<std::int64_t> counts(tokens.size());
  for (const auto& [token, count] : counted) {
    if (max_size > 0 && static_cast<std::int64_t>(tokens.size()) >= max_size) break;
    tokens.emplace_back(token);
    counts.push_back(count);
  }
  return Vocab::of(std::move(tokens), std::move(counts));
}

}  // namespace

Vocab vocab_of(const TokenCounts& counts, std::int64_t min_count, std::int64_t max_size) {
  return commonest({counts.begin(), counts.end()}, min_count, max_size, {});
}

Vocab Vocab::from_counts(const Counts& counts, std::int64_t min_count, std::int64_t max_size,
                         std::span<const std::string> specials) {
  return commonest({counts.begin(), counts.end()}, min_count, max_size, specials);
}

std::int32_t Vocab::size() const noexcept {
  return static_cast<std::int32_t>(table_->size());
}

std::int32_t Vocab::find(std::string_view token) const noexcept {
  const std::int32_t found = table_->find(token);
  return found < 0 ? unknown : found;
}

bool Vocab::contains(std::string_view token) const noexcept {
  return table_->find(token) >= 0;
}

std::string_view Vocab::token(std::int32_t number) const {
  if (number < 0 || number >= size())
    fail(ErrorKind::option, "vocabulary: token number " + std::to_string(number) + " is outside 0 .. " +
                                std::to_string(size() - 1));
  table_->believe();
  return table_->token(static_cast<std::size_t>(number));
}

std::int64_t Vocab::count(std::int32_t number) const {
  token(number);
  return table_->all_counts()[static_cast<std::size_t>(number)];
}

std::vector<std::int32_t> Vocab::encode(std::span<const std::string> tokens) const {
  std::vector<std::int32_t> numbers;
  numbers.reserve(tokens.size());
  for (const std::string& token : tokens)
    numbers.push_back(find(token));
  return numbers;
}

std::string Vocab::decode(std::span<const std::int32_t> numbers, std::string_view separator) const {
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0) text += separator;
    text += token(numbers[i]);
  }
  return text;
}

}  // namespace rondo
