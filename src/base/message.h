/// The text of errors: prefixing the kind, quoting names, suggesting the nearest known one.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/error.h>

namespace rondo {

/// Throws Error(kind) whose text is "kind: message".
[[noreturn]] void fail(ErrorKind kind, std::string_view message);

/// 'name', with control characters shown as \xNN and other characters that one does not see, or takes for a
/// blank, by their code points, <U+00A0>; long ones are cut.
std::string quote(std::string_view name);

/// "a, b and c" (last_word "and"); empty for none.
std::string enumerate(std::span<const std::string> items, std::string_view last_word = "or");

/// "[2, 3]": the sizes of an array.
std::string shape_text(std::span<const std::int64_t> sizes);

/// How many insertions, deletions, replacements and swaps of neighbours turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate closest to `name` if it is close enough for a typing slip, else "".
std::string nearest(std::string_view name, std::span<const std::string> candidates);

/// "; did you mean 'x'?" for the nearest candidate, else "".
std::string suggestion(std::string_view name, std::span<const std::string> candidates);

}  // namespace rondo
