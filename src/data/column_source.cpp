// Columns as a source: the checks of columns, and the content that identifies examples.
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include <rondo/error.h>

#include "base/message.h"
#include "base/random.h"
#include "base/shown.h"
#include "data/dataset.h"
#include "data/normalize.h"
#include "data/unicode.h"

namespace rondo {

std::string example_name(std::size_t example) {
  return "dataset: example " + std::to_string(example);
}

namespace {

/// The kind of the filled target column.
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
    if (found != Target::none) fail(ErrorKind::data, "dataset: two kinds of target are given; give only one");
    found = kind.target;
  }
  return found;
}

/// The number of examples, from the filled input column.
std::size_t size_of(const Examples& columns) {
  const std::size_t texts = columns.texts.size(), words = columns.words.size(),
                    features = columns.features.size(), size = std::max({texts, words, features});
  if (texts + words + features != size)
    fail(ErrorKind::data, "dataset: two of texts, words and features are given; give only one");
  return size;
}

void check_length(std::size_t length, std::size_t examples, std::string_view column) {
  if (length != 0 && length != examples)
    fail(ErrorKind::shape, "dataset: " + std::to_string(examples) + " examples, but " +
                               std::to_string(length) + " " + std::string(column));
}

/// Checks that all entries have `type`, `dims` dimensions and the same last dimension, which it returns.
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

/// Otherwise a NaN would show only later, as a loss that is not finite.
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

void check_words(const std::vector<std::vector<std::string>>& words) {
  const auto none =
      std::find_if(words.begin(), words.end(), [](const std::vector<std::string>& of) { return of.empty(); });
  if (none != words.end())
    fail(ErrorKind::shape, example_name(static_cast<std::size_t>(none - words.begin())) +
                               ": has no words; leave it out or give it one");
}

/// Checks that targets per step have as many rows as the features or words. For texts, the number of tokens
/// is not known yet.
void check_steps(const Examples& columns, const std::vector<Tensor>& targets) {
  if (!columns.texts.empty()) return;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::int64_t steps =
        columns.words.empty() ? columns.features[i].rows() : std::ssize(columns.words[i]);
    if (steps != targets[i].rows())
      fail(ErrorKind::shape, example_name(i) + ": " + std::to_string(steps) + " steps, but " +
                                 std::to_string(targets[i].rows()) + " targets");
  }
}

/// A key that is the same for all spellings of a text: NFKC, folded case, no white space, no punctuation.
std::string core_of(const std::string& text) {
  const std::string normal = Normalizer{}(text);
  std::string core;
  for (std::size_t at = 0; at < normal.size();) {
    const Decoded next = decode_at(normal, at);
    const CharacterClass kind = class_of(next.character);
    if (kind != CharacterClass::space && kind != CharacterClass::punctuation)
      core.append(normal, at, next.length);
    at += next.length;
  }
  return core.empty() ? normal : core;
}

void add_tensor(ContentHash& hash, const Tensor& tensor) {
  for (const std::int64_t extent : tensor.shape())
    hash.number(static_cast<std::uint64_t>(extent));
  const auto add = [&](auto numbers) {
    hash.bytes({reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()});
  };
  if (tensor.dtype() == DType::i32)
    add(tensor.data<std::int32_t>());
  else
    add(tensor.data<float>());
}

void add_words(ContentHash& hash, const std::vector<std::string>& words) {
  hash.number(words.size());
  for (const std::string& word : words)
    hash.text(word);
}

/// The content of all columns at a place.
void add_example(ContentHash& hash, const Examples& columns, std::size_t place) {
  if (!columns.texts.empty()) hash.text(columns.texts[place]);
  if (!columns.words.empty()) add_words(hash, columns.words[place]);
  if (!columns.features.empty()) add_tensor(hash, columns.features[place]);
  if (!columns.labels.empty()) hash.number(static_cast<std::uint64_t>(columns.labels[place]));
  for (const std::vector<Tensor>* column : {&columns.step_labels, &columns.values, &columns.step_values})
    if (!column->empty()) add_tensor(hash, (*column)[place]);
  if (columns.weights.empty()) return;
  const float weight = columns.weights[place];
  hash.bytes({reinterpret_cast<const char*>(&weight), sizeof weight});
}

}  // namespace

Dataset::Columns::Columns(Examples examples) : target_(target_of(examples)), size_(size_of(examples)) {
  check_length(examples.labels.size(), size_, "labels");
  check_length(examples.step_labels.size(), size_, "step_labels");
  check_length(examples.values.size(), size_, "values");
  check_length(examples.step_values.size(), size_, "step_values");
  check_length(examples.weights.size(), size_, "weights");
  check_words(examples.words);
  feature_count_ = check_tensors(examples.features, DType::f32, 2, "features");
  value_count_ = std::max(check_tensors(examples.values, DType::f32, 1, "values"),
                          check_tensors(examples.step_values, DType::f32, 2, "step_values"));
  check_tensors(examples.step_labels, DType::i32, 1, "step_labels");
  check_finite(examples.features, "features");
  check_finite(examples.values, "values");
  check_finite(examples.step_values, "step_values");
  check_labels(examples);
  check_steps(examples, examples.step_labels);
  check_steps(examples, examples.step_values);
  entries_ = std::move(examples);
}

std::int32_t Dataset::Columns::length(std::size_t place) const {
  if (!entries_.words.empty()) return static_cast<std::int32_t>(entries_.words[place].size());
  if (!entries_.features.empty()) return static_cast<std::int32_t>(entries_.features[place].rows());
  return static_cast<std::int32_t>(std::max<std::size_t>(1, entries_.texts[place].size()));
}

std::uint64_t Dataset::Columns::content(std::size_t place) const {
  ContentHash hash;
  add_example(hash, entries_, place);
  return hash.digest();
}

std::uint64_t Dataset::Columns::key(std::size_t place) const {
  ContentHash hash;
  if (!entries_.texts.empty()) return hash.text(core_of(entries_.texts[place])).digest();
  if (!entries_.words.empty()) return hash.text(core_of(joined(entries_.words[place], " "))).digest();
  const auto values = entries_.features[place].data<float>();
  return hash.bytes({reinterpret_cast<const char*>(values.data()), values.size_bytes()}).digest();
}

std::size_t Dataset::Columns::strata() const {
  return target_ == Target::labels ? entries_.class_names.size() : 0;
}

std::size_t Dataset::Columns::stratum(std::size_t place) const {
  return static_cast<std::size_t>(entries_.labels[place]);
}

std::uint64_t Dataset::Columns::fingerprint(std::span<const std::size_t> places) const {
  ContentHash hash;
  hash.number(places.size()).number(static_cast<std::uint64_t>(target_));
  for (const std::string& name : entries_.class_names)
    hash.text(name);
  if (!entries_.words.empty()) hash.text("words");
  for (const std::size_t place : places)
    add_example(hash, entries_, place);
  return hash.digest();
}

}  // namespace rondo
