#include "data/class_names.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "base/message.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "data/normalize.h"

namespace rondo {
namespace {

/// "+1" is a number, too.
std::optional<double> as_number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// What names have in common that mean the same to a reader: the value of a number; else NFKC, folded case,
/// and no characters that one does not see.
std::string meaning_of(std::string_view name) {
  if (const auto number = as_number(name)) return plain(*number == 0 ? 0.0 : *number);
  std::string seen;
  for (const char32_t c : CodePoints(name))
    if (!is_invisible(c)) append_utf8(seen, c);
  return Normalizer{}(seen);
}

}  // namespace

void sort_classes(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (!std::all_of(names.begin(), names.end(), as_number)) return;
  std::stable_sort(names.begin(), names.end(),
                   [](const std::string& a, const std::string& b) { return *as_number(a) < *as_number(b); });
}

std::string alike_in_words(const std::vector<std::string>& names) {
  constexpr std::size_t most = 3;
  std::map<std::string, std::vector<std::string>> groups;
  for (const std::string& name : names)
    groups[meaning_of(name)].push_back(quote(name));
  std::vector<std::string> shown;
  std::size_t more = 0;
  for (const auto& group : groups) {
    if (group.second.size() < 2) continue;
    if (shown.size() < most)
      shown.push_back(enumerate(group.second, "and"));
    else
      ++more;
  }
  if (shown.empty()) return {};
  std::string text;
  for (const std::string& group : shown)
    text += (text.empty() ? "" : "; ") + group;
  return "labels that differ only in case, form or characters that one does not see are classes of their "
         "own: " +
         text + (more > 0 ? "; and " + std::to_string(more) + " more" : "");
}

std::size_t place_of_class(const std::vector<std::string>& names, const std::string& name,
                           const std::string& where) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    fail(ErrorKind::option, where + " names " + quote(name) + ", which is no class; the classes are " +
                                enumerate(names, "and") + suggestion(name, names));
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace rondo
