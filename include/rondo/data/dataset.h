/// Examples in an order: Dataset over texts, features or examples of one's own type.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

#include <rondo/data/source.h>
#include <rondo/tensor.h>

namespace [[gnu::visibility("default")]] rondo {

/// Examples as plain columns. Exactly one of `texts`, `words` and `features` is filled, and at most one of
/// the four kinds of target; every filled column has one entry an example.
struct Examples {
  std::vector<std::string> texts = {};
  std::vector<std::vector<std::string>> words = {};  ///< pre-split texts: each word is one token, one or more
  std::vector<Tensor> features = {};                 ///< f32 [steps, D] each, steps >= 1, one D for all
  std::vector<std::int32_t> labels = {};             ///< a class an example
  std::vector<Tensor> step_labels = {};              ///< i32 [steps]: a class a step
  std::vector<Tensor> values = {};                   ///< f32 [K]: numbers an example
  std::vector<Tensor> step_values = {};              ///< f32 [steps, K]: numbers a step
  std::vector<std::string> class_names = {};         ///< for labels and step_labels; all different
  std::vector<float> weights = {};                   ///< of the example in the loss; empty: 1 each
};

enum class Target { none, labels, step_labels, values, step_values };
constexpr std::array<std::string_view, 5> names_of(Target) {
  return {"none", "labels", "step_labels", "values", "step_values"};
}

/// Examples in an order, with their targets. A value: cheap to copy, subsets share the examples.
///
/// Most datasets are columns of texts or features (Examples). One of one's own type (data::examples_of) is
/// split, selected and identified the same; its examples are read by example<T>(), and it has no column.
class Dataset {
 public:
  Dataset();
  /// Checks the columns; throws Error(shape) or Error(data) naming the example.
  explicit Dataset(Examples examples);
  /// All examples of a source, in order.
  explicit Dataset(std::shared_ptr<const data::Source> source);

  std::size_t size() const noexcept;
  bool empty() const noexcept { return size() == 0; }
  /// Texts, whole or pre-split.
  bool is_text() const noexcept;
  /// Texts given as words.
  bool is_pre_split() const noexcept;
  Target target() const noexcept;
  /// Numbers per step of features; 0 for text.
  std::int64_t feature_count() const noexcept;
  /// Numbers per target of values and step_values; 0 for the other kinds.
  std::int64_t value_count() const noexcept;
  const std::vector<std::string>& class_names() const noexcept;

  // Column entries of one example. Asking for a column the dataset lacks is an Error(usage).
  const std::string& text(std::size_t example) const;
  const std::vector<std::string>& words(std::size_t example) const;
  const Tensor& features(std::size_t example) const;
  std::int32_t label(std::size_t example) const;
  const Tensor& step_labels(std::size_t example) const;
  const Tensor& values(std::size_t example) const;
  const Tensor& step_values(std::size_t example) const;
  float weight(std::size_t example) const;
  bool weighted() const noexcept;
  /// All texts in order; they live as long as any copy of this dataset.
  std::vector<std::string_view> texts() const;

  /// Where the examples come from, as the type that it has; another type is an Error(usage).
  template <class S>
  const S& source_as() const {
    const S* const source = dynamic_cast<const S*>(source_.get());
    if (source == nullptr) refuse_source(typeid(S));
    return *source;
  }
  /// The place of an example in its source.
  std::size_t place(std::size_t example) const;
  /// An example of one's own type (data::examples_of); another type is an Error(usage).
  template <class T>
  const T& example(std::size_t number) const {
    return source_as<data::ExampleList<T>>().example(place(number));
  }
  /// Steps of each example: words, features' rows, or what the source says. Of whole texts their bytes:
  /// how many tokens they have, a TextEncoder decides.
  std::vector<std::int32_t> lengths() const;

  /// Three parts with these shares (of their sum), every class spread evenly, drawn by `seed`. Equal examples
  /// (texts compared as NFKC, without case, white space and punctuation) stay in one part. The test part does
  /// not depend on how the rest is divided. Where classes of a few examples round their share to nothing, the
  /// parts' sizes are met across classes. Order is kept within each.
  std::array<Dataset, 3> split(double train, double valid, double test, std::uint64_t seed = 1) const;
  /// The examples with these numbers, in this order; a number may stand several times.
  Dataset select(std::span<const std::size_t> examples) const;
  /// Examples [begin, end).
  Dataset subset(std::size_t begin, std::size_t end) const;
  /// The first `count`, or all.
  Dataset take(std::size_t count) const;

  /// How many examples (steps, for step_labels) each class has.
  std::vector<std::int64_t> class_counts() const;
  /// size / (classes present * count) for each class; 1 for a class without examples.
  std::vector<float> class_weights_balanced() const;
  /// Repeats examples of rarer classes, drawn by `seed`, until all have as many as the commonest.
  Dataset over_sample(std::uint64_t seed = 1) const;
  /// Drops examples of commoner classes, drawn by `seed`, until all have as few as the rarest that has any.
  Dataset under_sample(std::uint64_t seed = 1) const;
  /// The same examples with classes numbered as in `names`. Examples of a class that is not there are left
  /// out; `left_out`, if given, becomes their number.
  Dataset with_classes(const std::vector<std::string>& names, std::size_t* left_out = nullptr) const;
  /// A hash of the examples, their targets and order: tells whether two runs saw the same data.
  std::uint64_t fingerprint() const;

 private:
  class Columns;
  Dataset(const Dataset& of, std::shared_ptr<const std::vector<std::size_t>> order);
  const Columns& columns() const;
  [[noreturn]] void refuse_source(const std::type_info& wanted) const;

  std::shared_ptr<const data::Source> source_;
  std::shared_ptr<const std::vector<std::size_t>> order_;  // null: all in order
  const Columns* columns_ = nullptr;                       // the source, where it is columns
};

namespace data {

/// A dataset of examples of one's own type: pairs of texts, trees, windows of a series.
///
///     struct Pair { std::vector<std::string> source, target; };
///     const Dataset pairs = data::examples_of(
///         std::move(list), {.content = [](const Pair& p) { return data::content_of(p.source, p.target); },
///                           .length = [](const Pair& p) { return std::ssize(p.source); }});
///     pairs.split(0.8, 0.1, 0.1)[0].example<Pair>(0).target
template <class T>
Dataset examples_of(std::vector<T> examples, const About<T>& about) {
  return Dataset(std::make_shared<const ExampleList<T>>(std::move(examples), about));
}

/// Classes are numbered in the order of their names (numbers by value).
Dataset labelled_text(std::span<const std::string> texts, std::span<const std::string> labels);
/// f32 [steps, D] each.
Dataset labelled_features(std::vector<Tensor> features, std::span<const std::string> labels);

/// The examples of all parts, one after the other. Classes are those of any part, numbered by name. Parts of
/// different kinds (text and features, labels and values) or of one's own types are an Error(usage).
Dataset join(std::span<const Dataset> parts);

}  // namespace data
}  // namespace rondo
