#include "tasks/reading.h"

#include <utility>

#include "base/message.h"

namespace rondo {
namespace {

/// Several datasets as one; labels are matched by their names.
Dataset as_one(const std::vector<Dataset>& parts) {
  std::vector<Dataset> filled;
  for (const Dataset& part : parts)
    if (!part.empty()) filled.push_back(part);
  if (filled.empty()) return parts.empty() ? Dataset() : parts.front();
  return filled.size() == 1 ? filled.front() : data::join(filled);
}

}  // namespace

void check_split(const data::ReadOptions& options, const PlaceOf& place) {
  const std::pair<const char*, const std::string*> values[] = {{"test_value", &options.test_value},
                                                               {"valid_value", &options.valid_value}};
  for (const auto& [name, value] : values)
    if (!value->empty() && options.split_column.empty())
      fail(ErrorKind::option, place(name) + " needs --split-column, the column in which it stands");
  if (!options.split_column.empty() && options.test_value.empty() && options.valid_value.empty())
    fail(ErrorKind::option, place("split_column") + " needs --test-value, --valid-value or both");
  if (!options.test_value.empty() && options.test_value == options.valid_value)
    fail(ErrorKind::option, place("valid_value") + " must differ from " + place("test_value") + ", got " +
                                quote(options.valid_value) + " for both");
}

Parts read_labelled(const std::vector<std::filesystem::path>& files, const data::ReadOptions& options,
                    const std::vector<std::string>& classes) {
  std::vector<Dataset> train, valid, test;
  Parts parts;
  for (const std::filesystem::path& file : files) {
    data::LabelledText read = data::read(file, options, classes);
    train.push_back(std::move(read.train));
    valid.push_back(std::move(read.valid));
    test.push_back(std::move(read.test));
    for (std::string& notice : read.notices)
      parts.notices.push_back(std::move(notice));
  }
  parts.train = as_one(train);
  const std::vector<std::string>& names = classes.empty() ? parts.train.class_names() : classes;
  const auto renumbered = [&](const Dataset& part) {
    return part.empty() || part.class_names() == names ? part : part.with_classes(names);
  };
  parts.valid = renumbered(as_one(valid));
  parts.test = renumbered(as_one(test));
  if (!classes.empty() && !options.split_column.empty())
    parts.train = options.test_value.empty() ? parts.valid : parts.test;
  return parts;
}

Dataset read_labelled_part(const std::filesystem::path& file, data::ReadOptions options, Parts& parts) {
  options.split_column.clear();
  options.test_value.clear();
  options.valid_value.clear();
  data::LabelledText read = data::read(file, options, parts.train.class_names(), "the training data");
  for (std::string& notice : read.notices)
    parts.notices.push_back(std::move(notice));
  return std::move(read.train);
}

}  // namespace rondo
