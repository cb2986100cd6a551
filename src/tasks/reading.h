/// Reading the user's labelled text: what applications with labels share.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include <rondo/data.h>
#include <rondo/tasks/task.h>

namespace rondo {

/// Throws Error(option) for split options that contradict each other.
void check_split(const data::ReadOptions& options, const PlaceOf& place);

/// Files of labelled text as one; classes are those of all files together, or `classes` if given (a model's).
/// Rows of a split column go to valid and test. For a model's classes `train` is what it is to be tried on:
/// all rows, or those of the split column's test_value, else valid_value.
Parts read_labelled(const std::vector<std::filesystem::path>& files, const data::ReadOptions& options,
                    const std::vector<std::string>& classes);

/// All rows of a file whose labels are to be those of the training part.
Dataset read_labelled_part(const std::filesystem::path& file, data::ReadOptions options, Parts& parts);

}  // namespace rondo
