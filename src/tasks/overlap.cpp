#include "tasks/overlap.h"

#include <cstdint>
#include <string_view>
#include <unordered_set>

namespace rondo {

Overlap overlap_of(const Dataset& part, const Dataset& train) {
  Overlap found;
  if (part.empty() || train.empty()) return found;
  const auto key = [](const Dataset& of, std::size_t example) {
    return of.source_as<data::Source>().key(of.place(example));
  };
  const bool texts = part.is_text() && train.is_text() && !part.is_pre_split() && !train.is_pre_split();
  std::unordered_set<std::uint64_t> keys;
  std::unordered_set<std::string_view> same;
  for (std::size_t i = 0; i < train.size(); ++i) {
    keys.insert(key(train, i));
    if (texts) same.insert(train.text(i));
  }
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (keys.count(key(part, i)) == 0) continue;
    ++found.all;
    found.alike += texts && same.count(part.text(i)) == 0;
  }
  return found;
}

}  // namespace rondo
