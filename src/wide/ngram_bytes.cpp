// NgramTable in a file: the lengths of n-grams, then, for each length, how many n-grams continue each one
// that is a token shorter, and their last tokens as differences.
#include <rondo/error.h>

#include "base/message.h"
#include "wide/ngram_table.h"
#include "wide/varint.h"

namespace rondo::wide {
namespace {

constexpr std::uint32_t longest_allowed = 8;

[[noreturn]] void refuse(const char* what) {
  fail(ErrorKind::format, std::string("n-grams: ") + what);
}

std::uint32_t number(VarintReader& from) {
  const std::optional<std::uint32_t> found = from.next();
  if (!found) refuse("the bytes end within a number");
  return *found;
}

}  // namespace

std::string NgramTable::to_bytes() const {
  std::string bytes;
  put_varint(bytes, static_cast<std::uint32_t>(longest_));
  auto node = nodes_.begin();
  // The tokens that follow one n-gram; -1 for those that stand alone.
  const auto put_group = [&](std::int32_t prefix) {
    const auto end = std::find_if(node, nodes_.end(), [&](const Node& n) { return n.prefix != prefix; });
    put_varint(bytes, static_cast<std::uint32_t>(end - node));
    for (std::int32_t before = 0; node != end; before = node++->token)
      put_varint(bytes, static_cast<std::uint32_t>(node->token - before - 1));
  };
  put_group(-1);
  std::int32_t prefix = 0;
  for (std::size_t length = 2; length <= longest_; ++length)
    for (const auto end = static_cast<std::int32_t>(node - nodes_.begin()); prefix < end; ++prefix)
      put_group(prefix);
  return bytes;
}

NgramTable NgramTable::from_bytes(std::string_view bytes, std::int32_t vocabulary) {
  VarintReader from(bytes);
  NgramTable table;
  const std::uint32_t longest = number(from);
  if (longest < 1 || longest > longest_allowed) refuse("no such length");
  table.longest_ = longest;
  const auto take_group = [&](std::int32_t prefix) {
    const std::uint32_t count = number(from);
    if (count > from.left()) refuse("more are announced than there are bytes");
    std::int64_t token = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      token += std::int64_t{number(from)} + 1;
      if (token >= vocabulary) refuse("one has a token that the vocabulary lacks");
      table.nodes_.push_back({prefix, static_cast<std::int32_t>(token)});
    }
  };
  take_group(-1);
  std::int32_t prefix = 0;
  for (std::uint32_t length = 2; length <= longest; ++length)
    for (const std::int32_t end = table.size(); prefix < end; ++prefix)
      take_group(prefix);
  if (!from.at_end()) refuse("bytes are left over");
  table.index(vocabulary);
  return table;
}

}  // namespace rondo::wide
