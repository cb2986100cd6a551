/// What a Dataset shares between its copies.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <rondo/data.h>

namespace rondo {

struct Dataset::Storage {
  Examples columns;
  Target target = Target::none;
  std::size_t size = 0;
  std::int64_t feature_count = 0, value_count = 0;
};

/// The numbers in `names` of the classes `from`; -1 for one that is not there.
std::vector<std::int32_t> class_numbers(const std::vector<std::string>& from,
                                        const std::vector<std::string>& names);

/// Copies an example, its label l as numbers[l]; with its weight if `weighted`. False, and nothing copied,
/// when a label has no number.
bool append_example(Examples& to, const Dataset& from, std::size_t example,
                    const std::vector<std::int32_t>& numbers, bool weighted);

}  // namespace rondo
