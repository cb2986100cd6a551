/// Reading the user's labelled text: the options about columns, and files joined to one dataset.
#pragma once
#include <string>
#include <vector>

#include <rondo/data.h>

#include "field_options.h"

namespace rondo::program {

struct DataOptions {
  FieldOptions typed;
  void add_to(CLI::App& command);
  data::ReadOptions read_options() const;
};

/// Training, validation and test parts, and what reading them had to say.
struct Parts {
  Dataset train, valid, test;
  std::vector<std::string> notices;
};

/// Reads files of labelled text as one; classes are those of all files together, or `classes` if given (a
/// model's). Rows of a split column go to valid and test.
Parts read_parts(const std::vector<std::string>& files, const data::ReadOptions& options,
                 const std::vector<std::string>& classes = {});

/// All rows of the files, in order.
Dataset read_all(const std::vector<std::string>& files, const data::ReadOptions& options,
                 const std::vector<std::string>& classes, std::vector<std::string>* notices = nullptr);

}  // namespace rondo::program
