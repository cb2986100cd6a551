#include "data_options.h"

#include <algorithm>

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

void DataOptions::add_to(CLI::App& command) {
  typed.add_to(command, field_table<data::ReadOptions>(), {{"format", "Data"}});
}

data::ReadOptions DataOptions::read_options() const {
  data::ReadOptions options;
  typed.apply(options);
  return options;
}

Parts read_parts(const std::vector<std::string>& files, const data::ReadOptions& options,
                 const std::vector<std::string>& classes) {
  std::vector<Dataset> train, valid, test;
  Parts parts;
  for (const std::string& file : files) {
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

Dataset read_all(const std::vector<std::string>& files, const data::ReadOptions& options,
                 const std::vector<std::string>& classes, std::vector<std::string>* notices) {
  data::ReadOptions whole = options;
  whole.split_column.clear();
  Parts parts = read_parts(files, whole, classes);
  if (notices != nullptr) notices->insert(notices->end(), parts.notices.begin(), parts.notices.end());
  return parts.train;
}

}  // namespace rondo::program
