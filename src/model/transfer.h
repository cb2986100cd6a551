/// Weights from another model's file, by name and shape.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <rondo/model.h>

#include "model/model_file.h"

namespace rondo {

/// Pairs (row here, row there) of rows with the same meaning.
using Rows = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// A parameter of which some rows are taken.
struct Table {
  Rows rows = {};
  bool of_tokens = true;  ///< else of classes
};
using Tables = std::map<std::string, Table>;

/// Sets every parameter that the file has in the same shape. For the parameters named in `tables`, it takes
/// only the given rows, from a table of the same width.
Transfer take_weights(const ModelFile& file, ParameterStore& store, const Tables& tables = {});

}  // namespace rondo
