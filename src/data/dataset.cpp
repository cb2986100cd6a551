#include "data/dataset.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include <rondo/error.h>

#include "base/message.h"
#include "base/random.h"

namespace rondo {
namespace {

std::string example_name(std::size_t example) {
  return "dataset: example " + std::to_string(example);
}

/// The one target column that is filled.
Target target_of(const Examples& columns) {
  struct Kind {
    Target target;
    bool filled;
  };
  const std::array<Kind, 4> kinds = {{{Target::labels, !columns.labels.empty()},
                                      {Target::step_labels, !columns.step_labels.empty()},
                                      {Target::values, !columns.values.empty()},
                                      {Target::step_values, !columns.step_values.empty()}}};
  Target found = Target::none;
  for (const Kind& kind : kinds) {
    if (!kind.filled) continue;
    if (found != Target::none)
      fail(ErrorKind::data, "dataset: two kinds of target; an example has one of them");
    found = kind.target;
  }
  return found;
}

void check_length(std::size_t length, std::size_t examples, std::string_view column) {
  if (length != 0 && length != examples)
    fail(ErrorKind::shape, "dataset: " + std::to_string(examples) + " examples, but " +
                               std::to_string(length) + " " + std::string(column));
}

/// All entries are of `type` with `dims` dimensions and the same last one, which is returned.
std::int64_t check_tensors(const std::vector<Tensor>& column, DType type, std::size_t dims,
                           std::string_view name) {
  for (std::size_t i = 0; i < column.size(); ++i) {
    const Tensor& entry = column[i];
    if (entry.dtype() != type || entry.shape().size() != dims || entry.size() == 0)
      fail(ErrorKind::shape, example_name(i) + ": " + std::string(name) + " want " +
                                 std::string(name_of(type)) + " with " + std::to_string(dims) +
                                 " dimension(s), none of them 0; got " + std::string(name_of(entry.dtype())) +
                                 " " + to_string(entry.shape()));
    if (dims == 2 || name == "values") {
      if (entry.shape().back() != column.front().shape().back())
        fail(ErrorKind::shape,
             example_name(i) + ": " + std::string(name) + " have " + std::to_string(entry.shape().back()) +
                 " numbers, those of example 0 have " + std::to_string(column.front().shape().back()));
    }
  }
  return column.empty() ? 0 : column.front().shape().back();
}

/// A NaN would show only as a loss that is not finite, steps or epochs later.
void check_finite(const std::vector<Tensor>& column, std::string_view name) {
  for (std::size_t i = 0; i < column.size(); ++i) {
    const std::span<const float> numbers = column[i].data<float>();
    const auto bad =
        std::find_if(numbers.begin(), numbers.end(), [](float number) { return !std::isfinite(number); });
    if (bad == numbers.end()) continue;
    const auto at = static_cast<std::int64_t>(bad - numbers.begin()), width = column[i].shape().back();
    const std::string step = column[i].shape().size() == 2 ? "step " + std::to_string(at / width) + ", " : "";
    fail(ErrorKind::data, example_name(i) + ": " + std::string(name) + ", " + step + "column " +
                              std::to_string(at % width) + " (from 0) is " +
                              (std::isnan(*bad) ? "not a number (NaN)" : "infinite") +
                              "; fill in or leave out such values");
  }
}

void check_label(std::int32_t label, std::size_t classes, std::size_t example) {
  if (label < 0 || static_cast<std::size_t>(label) >= classes)
    fail(ErrorKind::data, example_name(example) + ": label " + std::to_string(label) + " is outside the " +
                              std::to_string(classes) + " classes named");
}

void check_labels(const Examples& columns) {
  const std::vector<std::string>& names = columns.class_names;
  if (std::unordered_set<std::string_view>(names.begin(), names.end()).size() != names.size())
    fail(ErrorKind::data, "dataset: two classes have the same name");
  for (std::size_t i = 0; i < columns.labels.size(); ++i)
    check_label(columns.labels[i], names.size(), i);
  for (std::size_t i = 0; i < columns.step_labels.size(); ++i) {
    for (const std::int32_t label : columns.step_labels[i].data<std::int32_t>())
      check_label(label, names.size(), i);
  }
}

/// Targets per step have as many rows as the features. (How many tokens a text has is known only later.)
void check_steps(const std::vector<Tensor>& features, const std::vector<Tensor>& targets) {
  for (std::size_t i = 0; i < std::min(features.size(), targets.size()); ++i) {
    if (features[i].rows() != targets[i].rows())
      fail(ErrorKind::shape, example_name(i) + ": " + std::to_string(features[i].rows()) + " steps, but " +
                                 std::to_string(targets[i].rows()) + " targets");
  }
}

}  // namespace

Dataset::Dataset() : Dataset(Examples{}) {}

Dataset::Dataset(Examples examples) {
  auto storage = std::make_shared<Storage>();
  if (!examples.texts.empty() && !examples.features.empty())
    fail(ErrorKind::data, "dataset: texts and features side by side; an example has one of them");
  storage->size = std::max(examples.texts.size(), examples.features.size());
  storage->target = target_of(examples);
  check_length(examples.labels.size(), storage->size, "labels");
  check_length(examples.step_labels.size(), storage->size, "step_labels");
  check_length(examples.values.size(), storage->size, "values");
  check_length(examples.step_values.size(), storage->size, "step_values");
  check_length(examples.weights.size(), storage->size, "weights");
  storage->feature_count = check_tensors(examples.features, DType::f32, 2, "features");
  storage->value_count = std::max(check_tensors(examples.values, DType::f32, 1, "values"),
                                  check_tensors(examples.step_values, DType::f32, 2, "step_values"));
  check_tensors(examples.step_labels, DType::i32, 1, "step_labels");
  check_finite(examples.features, "features");
  check_finite(examples.values, "values");
  check_finite(examples.step_values, "step_values");
  check_labels(examples);
  check_steps(examples.features, examples.step_labels);
  check_steps(examples.features, examples.step_values);
  storage->columns = std::move(examples);
  storage_ = std::move(storage);
}

Dataset::Dataset(std::shared_ptr<const Storage> storage,
                 std::shared_ptr<const std::vector<std::size_t>> order)
    : storage_(std::move(storage)), order_(std::move(order)) {}

std::size_t Dataset::size() const noexcept {
  return order_ ? order_->size() : storage_->size;
}
bool Dataset::is_text() const noexcept {
  return storage_->columns.features.empty();
}
Target Dataset::target() const noexcept {
  return storage_->target;
}
std::int64_t Dataset::feature_count() const noexcept {
  return storage_->feature_count;
}
std::int64_t Dataset::value_count() const noexcept {
  return storage_->value_count;
}
const std::vector<std::string>& Dataset::class_names() const noexcept {
  return storage_->columns.class_names;
}
bool Dataset::weighted() const noexcept {
  return !storage_->columns.weights.empty();
}

std::size_t Dataset::at(std::size_t example) const {
  if (example >= size())
    fail(ErrorKind::usage, example_name(example) + " was asked for, there are " + std::to_string(size()));
  return order_ ? (*order_)[example] : example;
}

namespace {

template <class T>
const T& entry(const std::vector<T>& column, std::size_t at, std::string_view name) {
  if (column.empty()) fail(ErrorKind::usage, "dataset: has no " + std::string(name));
  return column[at];
}

}  // namespace

const std::string& Dataset::text(std::size_t example) const {
  return entry(storage_->columns.texts, at(example), "texts");
}
const Tensor& Dataset::features(std::size_t example) const {
  return entry(storage_->columns.features, at(example), "features");
}
std::int32_t Dataset::label(std::size_t example) const {
  return entry(storage_->columns.labels, at(example), "labels");
}
const Tensor& Dataset::step_labels(std::size_t example) const {
  return entry(storage_->columns.step_labels, at(example), "labels per step");
}
const Tensor& Dataset::values(std::size_t example) const {
  return entry(storage_->columns.values, at(example), "values");
}
const Tensor& Dataset::step_values(std::size_t example) const {
  return entry(storage_->columns.step_values, at(example), "values per step");
}

float Dataset::weight(std::size_t example) const {
  const std::size_t place = at(example);
  return weighted() ? storage_->columns.weights[place] : 1.0F;
}

std::vector<std::string_view> Dataset::texts() const {
  std::vector<std::string_view> all;
  all.reserve(size());
  for (std::size_t i = 0; i < size(); ++i)
    all.emplace_back(text(i));
  return all;
}

Dataset Dataset::select(std::span<const std::size_t> examples) const {
  auto order = std::make_shared<std::vector<std::size_t>>();
  order->reserve(examples.size());
  for (const std::size_t example : examples)
    order->push_back(at(example));
  return Dataset(storage_, std::move(order));
}

Dataset Dataset::subset(std::size_t begin, std::size_t end) const {
  if (begin > end || end > size())
    fail(ErrorKind::usage, "dataset: examples " + std::to_string(begin) + " to " + std::to_string(end) +
                               " were asked for, there are " + std::to_string(size()));
  std::vector<std::size_t> examples(end - begin);
  std::iota(examples.begin(), examples.end(), begin);
  return select(examples);
}

Dataset Dataset::take(std::size_t count) const {
  return subset(0, std::min(count, size()));
}

std::vector<std::int32_t> class_numbers(const std::vector<std::string>& from,
                                        const std::vector<std::string>& names) {
  std::vector<std::int32_t> numbers;
  for (const std::string& name : from) {
    const auto found = std::find(names.begin(), names.end(), name);
    numbers.push_back(found == names.end() ? -1 : static_cast<std::int32_t>(found - names.begin()));
  }
  return numbers;
}

namespace {

/// False when a label has no number; else `labels` are renumbered.
bool renumber(std::span<std::int32_t> labels, const std::vector<std::int32_t>& numbers) {
  for (std::int32_t& label : labels) {
    label = numbers[static_cast<std::size_t>(label)];
    if (label < 0) return false;
  }
  return true;
}

}  // namespace

bool append_example(Examples& to, const Dataset& from, std::size_t example,
                    const std::vector<std::int32_t>& numbers, bool weighted) {
  if (from.target() == Target::labels) {
    std::int32_t label = from.label(example);
    if (!renumber(std::span(&label, 1), numbers)) return false;
    to.labels.push_back(label);
  } else if (from.target() == Target::step_labels) {
    Tensor labels = from.step_labels(example).clone();
    if (!renumber(labels.data<std::int32_t>(), numbers)) return false;
    to.step_labels.push_back(std::move(labels));
  }
  if (from.is_text())
    to.texts.push_back(from.text(example));
  else
    to.features.push_back(from.features(example));
  if (from.target() == Target::values) to.values.push_back(from.values(example));
  if (from.target() == Target::step_values) to.step_values.push_back(from.step_values(example));
  if (weighted) to.weights.push_back(from.weight(example));
  return true;
}

Dataset Dataset::with_classes(const std::vector<std::string>& names, std::size_t* left_out) const {
  if (left_out != nullptr) *left_out = 0;
  if (names == class_names()) return *this;
  const std::vector<std::int32_t> numbers = class_numbers(class_names(), names);
  Examples kept;
  for (std::size_t i = 0; i < size(); ++i) {
    const bool known = append_example(kept, *this, i, numbers, weighted());
    if (!known && left_out != nullptr) ++*left_out;
  }
  kept.class_names = names;
  return Dataset(std::move(kept));
}

namespace {

void add_tensor(ContentHash& hash, const Tensor& tensor) {
  for (const std::int64_t extent : tensor.shape())
    hash.number(static_cast<std::uint64_t>(extent));
  const auto add = [&](auto values) {
    hash.bytes({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  };
  if (tensor.dtype() == DType::i32)
    add(tensor.data<std::int32_t>());
  else
    add(tensor.data<float>());
}

}  // namespace

std::uint64_t Dataset::fingerprint() const {
  ContentHash hash;
  hash.number(size()).number(static_cast<std::uint64_t>(target()));
  for (const std::string& name : class_names())
    hash.text(name);
  for (std::size_t i = 0; i < size(); ++i) {
    if (is_text())
      hash.text(text(i));
    else
      add_tensor(hash, features(i));
    if (target() == Target::labels) hash.number(static_cast<std::uint64_t>(label(i)));
    if (target() == Target::step_labels) add_tensor(hash, step_labels(i));
    if (target() == Target::values) add_tensor(hash, values(i));
    if (target() == Target::step_values) add_tensor(hash, step_values(i));
    if (weighted()) {
      const float w = weight(i);
      hash.bytes({reinterpret_cast<const char*>(&w), sizeof w});
    }
  }
  return hash.digest();
}

}  // namespace rondo
