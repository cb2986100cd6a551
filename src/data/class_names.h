/// Names of classes and their numbers.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/vocab.h"

namespace rondo {

/// Each name once, in the order of class numbers: by value if all names are numbers, else by bytes.
void sort_classes(std::vector<std::string>& names);

/// A notice for names that mean the same to a reader: "Pos" and "pos", "1" and "1.0". Empty if there are
/// none.
std::string alike_in_words(const std::vector<std::string>& names);

/// The place of a class among all; Error(option) "WHERE names 'x', which is no class; ..." when it is none.
std::size_t place_of_class(const std::vector<std::string>& names, const std::string& name,
                           const std::string& where);

class ClassNumbers {
 public:
  explicit ClassNumbers(const std::vector<std::string>& names) {
    for (const std::string& name : names)
      numbers_.emplace(name, static_cast<std::int32_t>(numbers_.size()));
  }
  std::optional<std::int32_t> find(std::string_view name) const {
    const auto found = numbers_.find(name);
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::unordered_map<std::string, std::int32_t, TokenHash, std::equal_to<>> numbers_;
};

}  // namespace rondo
