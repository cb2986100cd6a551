/// The shared parts of summary()'s tables.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <rondo/nn.h>

namespace rondo {

/// A row of such a table: three texts and a number.
using SummaryRow = std::array<std::string, 4>;

/// Text columns to the left, numbers to the right, a line under the heading, which is the first row.
std::string table(const std::vector<SummaryRow>& rows);

/// Numbers in parameters.
struct ParameterCount {
  std::int64_t all = 0, frozen = 0;
};
/// The numbers in parameters whose name begins with that prefix.
ParameterCount count_parameters(const ParameterStore& store, const std::string& prefix = "");

/// "parameters: 1 234 (0.0 MB), frozen: 1 000"
std::string in_words(const ParameterCount& count);

/// Every parameter by module, and the last line.
std::string parameter_table(const ParameterStore& store);

}  // namespace rondo
