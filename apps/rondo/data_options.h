/// Reading the user's labelled text: the options about columns, and files joined to one dataset.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <rondo/data.h>

#include "field_options.h"

namespace rondo::program {

/// How messages call an option: as it was typed, or by its line in a file.
using PlaceOf = std::function<std::string(const char* field)>;

/// Throws Error(option) for split options that contradict each other.
void check_split(const data::ReadOptions& options, const PlaceOf& place);

using Files = std::vector<std::filesystem::path>;

/// Training, validation and test parts, and what reading them had to say.
struct Parts {
  Dataset train, valid, test;
  std::vector<std::string> notices;
};

/// Reads files of labelled text as one; classes are those of all files together, or `classes` if given (a
/// model's). Rows of a split column go to valid and test.
Parts read_parts(const Files& files, const data::ReadOptions& options,
                 const std::vector<std::string>& classes = {});

/// All rows of a file whose labels are to be those of the training data.
Dataset read_more(const std::filesystem::path& file, data::ReadOptions options,
                  const std::vector<std::string>& classes, std::vector<std::string>& notices);

/// What a model is tried on: all rows of the files, or of a split column the rows for testing (without a
/// test_value those for validation). What there is to say goes to standard error.
Dataset read_to_try(const Files& files, const data::ReadOptions& options,
                    const std::vector<std::string>& classes);

}  // namespace rondo::program
