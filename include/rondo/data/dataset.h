/// Dataset: ordered examples, which are texts, features or of a user-defined type.
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

/// Examples as plain columns. Fill exactly one of `texts`, `words` and `features`, and at most one of the
/// four kinds of target. Every filled column has one entry per example.
struct Examples {
  std::vector<std::string> texts = {};
  std::vector<std::vector<std::string>> words = {};  ///< pre-split texts: one or more words, each one token
  std::vector<Tensor> features = {};                 ///< f32 [steps, D], steps >= 1, the same D for all
  std::vector<std::int32_t> labels = {};             ///< one class per example
  std::vector<Tensor> step_labels = {};              ///< i32 [steps]: one class per step
  std::vector<Tensor> values = {};                   ///< f32 [K]: numbers per example
  std::vector<Tensor> step_values = {};              ///< f32 [steps, K]: numbers per step
  std::vector<std::string> class_names = {};         ///< for labels and step_labels; all different
  std::vector<float> weights = {};                   ///< the examples' weights in the loss; empty: all 1
};

enum class Target { none, labels, step_labels, values, step_values };
constexpr std::array<std::string_view, 5> names_of(Target) {
  return {"none", "labels", "step_labels", "values", "step_values"};
}

/// Ordered examples with their targets. A Dataset is cheap to copy, and subsets share the examples.
///
/// Most datasets are columns of texts or features (Examples). A dataset of a user-defined type
/// (data::examples_of) can be split and selected in the same way. It has no columns; example<T>() reads its
/// examples.
class Dataset {
 public:
  Dataset();
  /// Checks the columns. Error(shape) or Error(data) names the example.
  explicit Dataset(Examples examples);
  /// All examples of a source, in order.
  explicit Dataset(std::shared_ptr<const data::Source> source);

  std::size_t size() const noexcept;
  bool empty() const noexcept { return size() == 0; }
  /// Whether the examples are texts, whole or pre-split.
  bool is_text() const noexcept;
  /// Whether the examples are texts given as words.
  bool is_pre_split() const noexcept;
  Target target() const noexcept;
  /// Numbers per step of features; 0 for texts.
  std::int64_t feature_count() const noexcept;
  /// Numbers per target of values or step_values; 0 for other kinds.
  std::int64_t value_count() const noexcept;
  const std::vector<std::string>& class_names() const noexcept;

  // Column entries of one example. Error(usage) if the dataset lacks the column.
  const std::string& text(std::size_t example) const;
  const std::vector<std::string>& words(std::size_t example) const;
  const Tensor& features(std::size_t example) const;
  std::int32_t label(std::size_t example) const;
  const Tensor& step_labels(std::size_t example) const;
  const Tensor& values(std::size_t example) const;
  const Tensor& step_values(std::size_t example) const;
  float weight(std::size_t example) const;
  bool weighted() const noexcept;
  /// All texts in order. They stay valid as long as any copy of this dataset exists.
  std::vector<std::string_view> texts() const;

  /// The source of the examples, as type S. Error(usage) if it has another type.
  template <class S>
  const S& source_as() const {
    const S* const source = dynamic_cast<const S*>(source_.get());
    if (source == nullptr) refuse_source(typeid(S));
    return *source;
  }
  /// The place of an example in its source.
  std::size_t place(std::size_t example) const;
  /// An example of a user-defined type (data::examples_of). Error(usage) if it has another type.
  template <class T>
  const T& example(std::size_t number) const {
    return source_as<data::ExampleList<T>>().example(place(number));
  }
  /// The steps of each example: its words, the rows of its features, or what the source says. For whole
  /// texts, the number of bytes, because only a TextEncoder can say how many tokens they have.
  std::vector<std::int32_t> lengths() const;

  /// Three parts: train, valid and test. The shares are relative to their sum, and `seed` decides the draw.
  /// Each class is divided evenly. Equal examples stay in one part; texts are compared as NFKC, without case,
  /// white space and punctuation. The test part does not depend on how the rest is divided. If classes of a
  /// few examples would round their share to zero, the parts reach their sizes across classes. Each part
  /// keeps the order of the examples. Error(option) for a negative share, or if all are 0.
  std::array<Dataset, 3> split(double train, double valid, double test, std::uint64_t seed = 1) const;
  /// The examples with these numbers, in this order. A number may occur several times.
  Dataset select(std::span<const std::size_t> examples) const;
  /// Examples [begin, end).
  Dataset subset(std::size_t begin, std::size_t end) const;
  /// The first `count` examples, or all.
  Dataset take(std::size_t count) const;

  /// How many examples each class has; for step_labels, how many steps.
  std::vector<std::int64_t> class_counts() const;
  /// size / (classes present * count) for each class; 1 for a class without examples.
  std::vector<float> class_weights_balanced() const;
  /// Repeats examples of rarer classes, drawn by `seed`, until every class has as many as the most common
  /// one.
  Dataset over_sample(std::uint64_t seed = 1) const;
  /// Drops examples of more common classes, drawn by `seed`, until every class has as few as the rarest one.
  /// Classes without examples do not count.
  Dataset under_sample(std::uint64_t seed = 1) const;
  /// The same examples with classes numbered as in `names`. Examples of other classes are left out;
  /// `left_out`, if given, receives their number.
  Dataset with_classes(const std::vector<std::string>& names, std::size_t* left_out = nullptr) const;
  /// A hash of the examples, their targets and their order. It tells whether two runs saw the same data.
  std::uint64_t fingerprint() const;

 private:
  class Columns;
  Dataset(const Dataset& of, std::shared_ptr<const std::vector<std::size_t>> order);
  const Columns& columns() const;
  [[noreturn]] void refuse_source(const std::type_info& wanted) const;

  std::shared_ptr<const data::Source> source_;
  std::shared_ptr<const std::vector<std::size_t>> order_;  // null: all in order
  const Columns* columns_ = nullptr;                       // the source, if it is columns
};

namespace data {

/// A dataset of a user-defined type, such as pairs of texts, trees, or windows of a series.
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

/// Texts with one label each. Classes are numbered in the order of their names (numbers by value).
Dataset labelled_text(std::span<const std::string> texts, std::span<const std::string> labels);
/// Features, f32 [steps, D], with one label each.
Dataset labelled_features(std::vector<Tensor> features, std::span<const std::string> labels);

/// The examples of all parts, one part after the other. The classes are those of all parts, numbered by name.
/// Error(usage) for parts of different kinds (text and features, labels and values) or of user-defined types.
Dataset join(std::span<const Dataset> parts);

}  // namespace data
}  // namespace rondo
