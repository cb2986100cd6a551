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

/// What a record of the training data's reading (Parts::reading, ApplicationRecord::reading) says of other
/// files. Error(format) for a record that is none.
data::ReadLike like_of(const std::string& record, std::vector<std::string> classes, std::string of);

/// Files of labelled text as one; classes are those of all files together, or those of `like` (a model's).
/// Rows of a split column go to valid and test. For a model's classes `train` is what it is to be tried on:
/// all rows, or those of the split column's test_value, else valid_value.
Parts read_labelled(const std::vector<std::filesystem::path>& files, const data::ReadOptions& options,
                    const data::ReadLike& like = {});

/// All rows of a file that is read like the training part: with its labels, from its columns.
Dataset read_labelled_part(const std::filesystem::path& file, data::ReadOptions options, Parts& parts);

}  // namespace rondo
