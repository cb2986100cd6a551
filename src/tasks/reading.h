/// Reads labelled text, for all applications with labels.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include <rondo/data.h>
#include <rondo/tasks/task.h>

namespace rondo {

/// Throws Error(option) for split options that contradict each other.
void check_split(const data::ReadOptions& options, const PlaceOf& place);

/// Reads files of labelled text as one. The classes are those of all files, or `classes` if given (those of a
/// model). A split column sends rows to valid and test. With a model's classes, `train` holds the rows to
/// evaluate: all rows, or those with the split column's test_value, else valid_value.
Parts read_labelled(const std::vector<std::filesystem::path>& files, const data::ReadOptions& options,
                    const std::vector<std::string>& classes);

/// All rows of a file, with the labels of the training part.
Dataset read_labelled_part(const std::filesystem::path& file, data::ReadOptions options, Parts& parts);

/// "a, b, c"
std::string joined(const std::vector<std::string>& words);

}  // namespace rondo
