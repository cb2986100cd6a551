/// A vocabulary as a model file has it (docs/model-file.md).
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <rondo/text.h>

namespace rondo {

/// Bytes, and who keeps them.
struct SharedBytes {
  std::shared_ptr<const void> owner;
  std::string_view bytes;
};

/// A vocabulary as one block of bytes, in which a token is found without looking at the others: reading a
/// large vocabulary takes no longer than copying its bytes. Numbers have four bytes, little-endian.
///
/// The ends of all tokens come first: token i has the bytes from the end of token i - 1 to its own. Then
/// come slots_of(size) slots with the numbers of tokens, -1 in an empty one: a token is in the first slot
/// from slot_hash(token) modulo slots_of(size) on, in a circle, that was empty when it was entered. Then
/// come all tokens, one after the other.
struct VocabArrays {
  std::int32_t size = 0;
  SharedBytes table;
  /// Asked once, when a count is first asked for: decimal numbers with spaces between them.
  std::function<std::string()> counts;
};

/// The number of slots for so many tokens.
constexpr std::size_t slots_of(std::size_t tokens) {
  return 2 * tokens + 1;
}
/// FNV-1a of 64 bits.
std::uint64_t slot_hash(std::string_view token) noexcept;

/// Error(format) unless the sizes fit. What the table holds is checked where it is used: a search that meets
/// nonsense finds another token or none; before a token or a count is given out, all of them are checked.
Vocab vocab_from(VocabArrays arrays);
/// Error(format) where a vocabulary of a file is not whole.
VocabArrays arrays_of(const Vocab& vocab);

}  // namespace rondo
