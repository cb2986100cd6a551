// Datasets from memory and from other datasets.
#include <rondo/data/dataset.h>
#include <rondo/error.h>

#include "base/message.h"
#include "base/utf8.h"
#include "data/class_names.h"
#include "data/dataset.h"

namespace rondo::data {
namespace {

/// Names and numbers of the classes that the labels name.
void set_labels(Examples& examples, std::span<const std::string> labels) {
  std::vector<std::string> names(labels.begin(), labels.end());
  sort_classes(names);
  const ClassNumbers numbers(names);
  for (const std::string& label : labels)
    examples.labels.push_back(*numbers.find(label));
  examples.class_names = std::move(names);
}

void require_same_count(std::size_t examples, std::size_t labels) {
  if (examples != labels)
    fail(ErrorKind::shape,
         "dataset: " + std::to_string(examples) + " examples, but " + std::to_string(labels) + " labels");
}

}  // namespace

Dataset labelled_text(std::span<const std::string> texts, std::span<const std::string> labels) {
  require_same_count(texts.size(), labels.size());
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (const auto fault = find_utf8_fault(texts[i]))
      fail(ErrorKind::data,
           example_name(i) + ": byte " + std::to_string(fault->byte) + " (from 0) of the text is " +
               (texts[i][fault->byte] == '\0' ? "NUL, which stands in no text" : "not UTF-8"));
  Examples examples;
  examples.texts.assign(texts.begin(), texts.end());
  set_labels(examples, labels);
  return Dataset(std::move(examples));
}

Dataset labelled_features(std::vector<Tensor> features, std::span<const std::string> labels) {
  require_same_count(features.size(), labels.size());
  Examples examples;
  examples.features = std::move(features);
  set_labels(examples, labels);
  return Dataset(std::move(examples));
}

Dataset join(std::span<const Dataset> parts) {
  std::vector<std::string> names;
  bool weighted = false;
  const Dataset* first = nullptr;
  for (const Dataset& part : parts) {
    if (part.empty()) continue;
    if (first == nullptr) first = &part;
    const bool columns = part.is_text() || part.feature_count() > 0;
    if (!columns)
      fail(ErrorKind::usage,
           "join: the examples have a user-defined type; join the lists that they are made from");
    if (part.is_text() != first->is_text() || part.is_pre_split() != first->is_pre_split() ||
        part.target() != first->target())
      fail(ErrorKind::usage, "join: the datasets hold different kinds of examples or targets");
    names.insert(names.end(), part.class_names().begin(), part.class_names().end());
    weighted = weighted || part.weighted();
  }
  sort_classes(names);
  Examples all;
  for (const Dataset& part : parts) {
    const std::vector<std::int32_t> numbers = class_numbers(part.class_names(), names);
    for (std::size_t i = 0; i < part.size(); ++i)
      append_example(all, part, i, numbers, weighted);
  }
  all.class_names = std::move(names);
  return Dataset(std::move(all));
}

}  // namespace rondo::data
