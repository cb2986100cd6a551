#include "data/dataset.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include <cxxabi.h>

#include <rondo/error.h>

#include "base/message.h"

namespace rondo {

Dataset::Dataset() : Dataset(Examples{}) {}

Dataset::Dataset(Examples examples) {
  auto columns = std::make_shared<const Columns>(std::move(examples));
  columns_ = columns.get();
  source_ = std::move(columns);
}

Dataset::Dataset(std::shared_ptr<const data::Source> source)
    : source_(std::move(source)), columns_(dynamic_cast<const Columns*>(source_.get())) {
  if (!source_) fail(ErrorKind::usage, "dataset: no source was given");
}

Dataset::Dataset(const Dataset& of, std::shared_ptr<const std::vector<std::size_t>> order)
    : source_(of.source_), order_(std::move(order)), columns_(of.columns_) {}

const Dataset::Columns& Dataset::columns() const {
  if (columns_ == nullptr)
    fail(ErrorKind::usage,
         "dataset: has no columns of texts or features, because its examples have a user-defined type; read "
         "them with example<T>() or source_as<S>()");
  return *columns_;
}

namespace {

/// The name of a type as in C++.
std::string name_of(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free);
  return status == 0 ? name.get() : type.name();
}

const Examples& no_columns() {
  static const Examples none;
  return none;
}

}  // namespace

void Dataset::refuse_source(const std::type_info& wanted) const {
  const data::Source& source = *source_;
  fail(ErrorKind::usage,
       "dataset: " + name_of(wanted) + " was asked for, but the examples come from " +
           (columns_ != nullptr ? "columns of texts, words or features" : name_of(typeid(source))));
}

std::size_t Dataset::size() const noexcept {
  return order_ ? order_->size() : source_->size();
}
bool Dataset::is_text() const noexcept {
  return columns_ != nullptr && columns_->entries().features.empty();
}
bool Dataset::is_pre_split() const noexcept {
  return columns_ != nullptr && !columns_->entries().words.empty();
}
Target Dataset::target() const noexcept {
  return columns_ == nullptr ? Target::none : columns_->target();
}
std::int64_t Dataset::feature_count() const noexcept {
  return columns_ == nullptr ? 0 : columns_->feature_count();
}
std::int64_t Dataset::value_count() const noexcept {
  return columns_ == nullptr ? 0 : columns_->value_count();
}
const std::vector<std::string>& Dataset::class_names() const noexcept {
  return (columns_ == nullptr ? no_columns() : columns_->entries()).class_names;
}
bool Dataset::weighted() const noexcept {
  return columns_ != nullptr && !columns_->entries().weights.empty();
}

std::size_t Dataset::place(std::size_t example) const {
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
  return entry(columns().entries().texts, place(example), "texts");
}
const std::vector<std::string>& Dataset::words(std::size_t example) const {
  return entry(columns().entries().words, place(example), "words");
}
const Tensor& Dataset::features(std::size_t example) const {
  return entry(columns().entries().features, place(example), "features");
}
std::int32_t Dataset::label(std::size_t example) const {
  return entry(columns().entries().labels, place(example), "labels");
}
const Tensor& Dataset::step_labels(std::size_t example) const {
  return entry(columns().entries().step_labels, place(example), "labels per step");
}
const Tensor& Dataset::values(std::size_t example) const {
  return entry(columns().entries().values, place(example), "values");
}
const Tensor& Dataset::step_values(std::size_t example) const {
  return entry(columns().entries().step_values, place(example), "values per step");
}

float Dataset::weight(std::size_t example) const {
  const std::size_t at = place(example);
  return weighted() ? columns().entries().weights[at] : 1.0F;
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
    order->push_back(place(example));
  return Dataset(*this, std::move(order));
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

std::vector<std::int32_t> Dataset::lengths() const {
  std::vector<std::int32_t> lengths;
  lengths.reserve(size());
  for (std::size_t i = 0; i < size(); ++i)
    lengths.push_back(source_->length(place(i)));
  return lengths;
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

/// Renumbers `labels`. Returns false if a label has no new number.
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
  if (from.is_pre_split())
    to.words.push_back(from.words(example));
  else if (from.is_text())
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
  const std::vector<std::int32_t> numbers = class_numbers(columns().entries().class_names, names);
  Examples kept;
  for (std::size_t i = 0; i < size(); ++i) {
    const bool known = append_example(kept, *this, i, numbers, weighted());
    if (!known && left_out != nullptr) ++*left_out;
  }
  kept.class_names = names;
  return Dataset(std::move(kept));
}

std::uint64_t Dataset::fingerprint() const {
  if (order_) return source_->fingerprint(*order_);
  std::vector<std::size_t> all(size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return source_->fingerprint(all);
}

}  // namespace rondo
