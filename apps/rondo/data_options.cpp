#include "data_options.h"

#include <algorithm>

#include "base/message.h"
#include "program.h"

namespace rondo::program {
namespace {

/// Several datasets as one; labels are matched by their names.
Dataset joined(const std::vector<Dataset>& parts) {
  std::vector<const Dataset*> filled;
  for (const Dataset& part : parts)
    if (!part.empty()) filled.push_back(&part);
  if (filled.empty()) return parts.empty() ? Dataset() : parts.front();
  const bool same = std::all_of(filled.begin(), filled.end(), [&](const Dataset* part) {
    return part->class_names() == filled.front()->class_names();
  });
  if (filled.size() == 1 && same) return *filled.front();
  std::vector<std::string> texts, labels;
  for (const Dataset* part : filled)
    for (std::size_t i = 0; i < part->size(); ++i) {
      texts.push_back(part->text(i));
      labels.push_back(part->class_names()[static_cast<std::size_t>(part->label(i))]);
    }
  return data::labelled_text(texts, labels);
}

}  // namespace

void check_split(const data::ReadOptions& options, const PlaceOf& place) {
  for (const char* name : {"test_value", "valid_value"}) {
    const std::string& value = name[0] == 't' ? options.test_value : options.valid_value;
    if (!value.empty() && options.split_column.empty())
      fail(ErrorKind::option, place(name) + " needs --split-column, the column in which it stands");
  }
  if (!options.split_column.empty() && options.test_value.empty() && options.valid_value.empty())
    fail(ErrorKind::option, place("split_column") + " needs --test-value, --valid-value or both");
  if (!options.test_value.empty() && options.test_value == options.valid_value)
    fail(ErrorKind::option, place("valid_value") + " must differ from " + place("test_value") + ", got " +
                                quote(options.valid_value) + " for both");
}

Parts read_parts(const Files& files, const data::ReadOptions& options,
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
  parts.train = joined(train);
  const std::vector<std::string>& names = classes.empty() ? parts.train.class_names() : classes;
  const auto renumbered = [&](const Dataset& part) {
    return part.empty() || part.class_names() == names ? part : part.with_classes(names);
  };
  parts.valid = renumbered(joined(valid));
  parts.test = renumbered(joined(test));
  return parts;
}

Dataset read_more(const std::filesystem::path& file, data::ReadOptions options,
                  const std::vector<std::string>& classes, std::vector<std::string>& notices) {
  options.split_column.clear();
  options.test_value.clear();
  options.valid_value.clear();
  data::LabelledText read = data::read(file, options, classes, "the training data");
  for (std::string& notice : read.notices)
    notices.push_back(std::move(notice));
  return std::move(read.train);
}

Dataset read_to_try(const Files& files, const data::ReadOptions& options,
                    const std::vector<std::string>& classes) {
  const Parts parts = read_parts(files, options, classes);
  for (const std::string& notice : parts.notices)
    note(notice);
  if (options.split_column.empty()) return parts.train;
  return options.test_value.empty() ? parts.valid : parts.test;
}

}  // namespace rondo::program
