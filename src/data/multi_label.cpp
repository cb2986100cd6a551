// Texts with any number of labels each, as targets of zeros and ones.
#include <algorithm>
#include <utility>

#include <rondo/data/multi_label.h>

#include "base/message.h"
#include "data/class_names.h"
#include "data/dataset.h"
#include "data/multi_hot.h"

namespace rondo::data {

std::vector<Tensor> multi_hot(std::span<const std::vector<std::int32_t>> labels, std::size_t classes) {
  constexpr std::size_t most = 500'000'000;
  if (classes > 0 && labels.size() > most / classes)
    fail(ErrorKind::data,
         std::to_string(labels.size()) + " texts of " + std::to_string(classes) +
             " labels are more than 500 million answers, which is too much for --multi-label; "
             "leave out rare labels or give fewer texts");
  std::vector<Tensor> rows;
  rows.reserve(labels.size());
  for (const std::vector<std::int32_t>& of_text : labels) {
    Tensor row = Tensor::zeros({static_cast<std::int64_t>(classes)}, DType::f32);
    for (const std::int32_t label : of_text)
      row.data<float>()[static_cast<std::size_t>(label)] = 1;
    rows.push_back(std::move(row));
  }
  return rows;
}

Dataset multi_labelled_text(std::span<const std::string> texts,
                            std::span<const std::vector<std::string>> labels) {
  if (texts.size() != labels.size())
    fail(ErrorKind::usage,
         std::to_string(texts.size()) + " texts, but labels of " + std::to_string(labels.size()));
  std::vector<std::string> names;
  for (const std::vector<std::string>& of_text : labels)
    names.insert(names.end(), of_text.begin(), of_text.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  sort_classes(names);
  const ClassNumbers numbers(names);
  std::vector<std::vector<std::int32_t>> sets;
  for (const std::vector<std::string>& of_text : labels) {
    std::vector<std::int32_t>& set = sets.emplace_back();
    for (const std::string& name : of_text)
      set.push_back(*numbers.find(name));
  }
  return Dataset(Examples{
      .texts = {texts.begin(), texts.end()}, .values = multi_hot(sets, names.size()), .class_names = names});
}

bool is_multi_label(const Dataset& dataset) {
  return dataset.target() == Target::values && dataset.is_text() && !dataset.class_names().empty() &&
         dataset.value_count() == std::ssize(dataset.class_names());
}

std::vector<std::int32_t> labels_of(const Dataset& dataset, std::size_t example) {
  const Tensor& values = dataset.values(example);
  const std::span<const float> row = values.data<float>();
  std::vector<std::int32_t> labels;
  for (std::size_t c = 0; c < row.size(); ++c)
    if (row[c] > 0.5F) labels.push_back(static_cast<std::int32_t>(c));
  return labels;
}

std::vector<std::int64_t> label_counts(const Dataset& dataset) {
  std::vector<std::int64_t> counts(dataset.class_names().size());
  for (std::size_t i = 0; i < dataset.size(); ++i)
    for (const std::int32_t label : labels_of(dataset, i))
      ++counts[static_cast<std::size_t>(label)];
  return counts;
}

Dataset with_labels(const Dataset& dataset, const std::vector<std::string>& names, std::size_t* lost) {
  if (lost != nullptr) *lost = 0;
  if (names == dataset.class_names()) return dataset;
  const std::vector<std::int32_t> numbers = class_numbers(dataset.class_names(), names);
  Examples kept;
  std::vector<std::vector<std::int32_t>> sets;
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    kept.texts.push_back(dataset.text(i));
    if (dataset.weighted()) kept.weights.push_back(dataset.weight(i));
    std::vector<std::int32_t>& set = sets.emplace_back();
    for (const std::int32_t label : labels_of(dataset, i)) {
      const std::int32_t number = numbers[static_cast<std::size_t>(label)];
      if (number >= 0)
        set.push_back(number);
      else if (lost != nullptr)
        ++*lost;
    }
  }
  kept.values = multi_hot(sets, names.size());
  kept.class_names = names;
  return Dataset(std::move(kept));
}

}  // namespace rondo::data
