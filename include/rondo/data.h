/// Examples and batches: Dataset, readers for labelled text, and the Batches that training walks through.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tensor.h>
#include <rondo/text.h>

namespace [[gnu::visibility("default")]] rondo {

/// Examples as plain columns: what a Dataset is made of. Exactly one of `texts` and `features` is filled, and
/// at most one of the four kinds of target; every filled column has one entry an example.
struct Examples {
  std::vector<std::string> texts = {};
  std::vector<Tensor> features = {};          ///< f32 [steps, D] each, steps >= 1, one D for all
  std::vector<std::int32_t> labels = {};      ///< a class an example
  std::vector<Tensor> step_labels = {};       ///< i32 [steps]: a class a step
  std::vector<Tensor> values = {};            ///< f32 [K]: numbers an example
  std::vector<Tensor> step_values = {};       ///< f32 [steps, K]: numbers a step
  std::vector<std::string> class_names = {};  ///< for labels and step_labels; all different
  std::vector<float> weights = {};            ///< of the example in the loss; empty: 1 each
};

enum class Target { none, labels, step_labels, values, step_values };
constexpr std::array<std::string_view, 5> names_of(Target) {
  return {"none", "labels", "step_labels", "values", "step_values"};
}

/// Examples with their targets. A value: cheap to copy, subsets share the examples.
class Dataset {
 public:
  Dataset();
  /// Checks the columns; throws Error(shape) or Error(data) naming the example.
  explicit Dataset(Examples examples);

  std::size_t size() const noexcept;
  bool empty() const noexcept { return size() == 0; }
  bool is_text() const noexcept;
  Target target() const noexcept;
  /// Numbers per step of features; 0 for text.
  std::int64_t feature_count() const noexcept;
  /// Numbers per target of values and step_values; 0 for the other kinds.
  std::int64_t value_count() const noexcept;
  const std::vector<std::string>& class_names() const noexcept;

  // Column entries of one example. Asking for a column the dataset lacks is an Error(usage).
  const std::string& text(std::size_t example) const;
  const Tensor& features(std::size_t example) const;
  std::int32_t label(std::size_t example) const;
  const Tensor& step_labels(std::size_t example) const;
  const Tensor& values(std::size_t example) const;
  const Tensor& step_values(std::size_t example) const;
  float weight(std::size_t example) const;
  bool weighted() const noexcept;
  /// All texts in order; they live as long as any copy of this dataset.
  std::vector<std::string_view> texts() const;

  /// Three parts with these shares (of their sum), every class spread evenly, drawn by `seed`. Equal texts
  /// (compared as NFKC, without case, white space and punctuation) stay in one part. The test part does not
  /// depend on how the rest is divided. Where classes of a few examples round their share to nothing, the
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
  struct Storage;
  Dataset(std::shared_ptr<const Storage> storage, std::shared_ptr<const std::vector<std::size_t>> order);
  std::size_t at(std::size_t example) const;
  std::shared_ptr<const Storage> storage_;
  std::shared_ptr<const std::vector<std::size_t>> order_;  // null: all in order
};

namespace data {

enum class FileFormat { automatic, tsv, csv, jsonl, json };
constexpr std::array<std::string_view, 5> names_of(FileFormat) {
  return {"auto", "tsv", "csv", "jsonl", "json"};
}
enum class Header { automatic, yes, no };
constexpr std::array<std::string_view, 3> names_of(Header) {
  return {"auto", "yes", "no"};
}

/// How to find texts and labels in a file. Columns are given by name or by number from 1.
struct ReadOptions {
  FileFormat format = FileFormat::automatic;
  Header header = Header::automatic;
  std::string text = {};
  std::string label = {};
  std::string split_column = {};
  std::string test_value = {};
  std::string valid_value = {};

  static constexpr auto fields() {
    return std::tuple{
        field("format", &ReadOptions::format, "form of the file; auto: by its name and content"),
        field("header", &ReadOptions::header,
              "whether the first line names the columns; auto: by its content"),
        field("text", &ReadOptions::text,
              "column of the texts, by name or number; else the one with the longest texts"),
        field("label", &ReadOptions::label,
              "column of the labels, by name or number; else the one with the fewest different values"),
        field("split_column", &ReadOptions::split_column, "column that divides the rows into parts"),
        field("test_value", &ReadOptions::test_value, "rows with this in the split column are for testing"),
        field("valid_value", &ReadOptions::valid_value,
              "rows with this in the split column are for validation")};
  }
};
static_assert(all_fields_listed<ReadOptions>);

/// What a file held. Without a split column all rows are in `train`.
struct LabelledText {
  Dataset train, valid, test;
  std::string text_column, label_column;  ///< by name, or "column 2"
  std::vector<std::string> notices;       ///< what was chosen, left out or looks odd: one line each
};

/// Reads TSV (no quoting), CSV (RFC 4180), JSON lines or a JSON array of objects; plain, .gz or .xz.
/// Duplicates and contradictory labels are kept, rows with an empty text or label left out, each with a
/// notice. With `classes` given (a trained model's), the numbering is theirs and rows with another label are
/// left out; `known_to` says in messages whose the classes are. Throws Error(data) "FILE line N: ..." for
/// what cannot be labelled text, Error(io) for what cannot be read.
LabelledText read(const std::filesystem::path& file, const ReadOptions& options = {},
                  std::span<const std::string> classes = {}, std::string_view known_to = "the model");
/// The same from memory; `name` stands for the file in messages.
LabelledText parse(std::string_view bytes, std::string_view name, const ReadOptions& options = {},
                   std::span<const std::string> classes = {}, std::string_view known_to = "the model");
/// The part `train` of `read(file, options)`: without a split column, all rows.
Dataset read_labelled_text(const std::filesystem::path& file, const ReadOptions& options = {});

/// Classes are numbered in the order of their names (numbers by value).
Dataset labelled_text(std::span<const std::string> texts, std::span<const std::string> labels);
/// f32 [steps, D] each.
Dataset labelled_features(std::vector<Tensor> features, std::span<const std::string> labels);

/// The examples of all parts, one after the other. Classes are those of any part, numbered by name. Parts of
/// different kinds (text and features, labels and values) are an Error(usage).
Dataset join(std::span<const Dataset> parts);

struct BatchOptions {
  int batch_size = 32;
  int bucket = 64;

  static constexpr auto fields() {
    return std::tuple{
        field("batch_size", &BatchOptions::batch_size, "examples a step", 1, 1 << 20),
        field("bucket", &BatchOptions::bucket,
              "batches whose examples are sorted by length together; 1: no sorting", 1, 1 << 20)};
  }
};
static_assert(all_fields_listed<BatchOptions>);

/// Examples packed for one step. Sequence k of the layout is example `examples[k]` of the dataset.
struct Batch {
  std::shared_ptr<const Layout> layout;
  Ids ids;                            ///< text
  Tensor features;                    ///< f32 [rows, D]
  Tensor labels;                      ///< i32 [sequences], or [rows] for step_labels
  Tensor values;                      ///< f32 [sequences, K], or [rows, K] for step_values
  Tensor weights;                     ///< f32 [sequences]; empty: 1 each
  std::vector<std::size_t> examples;  ///< packed order: longest first, equal lengths by number

  /// The same with its features, values and weights in another type.
  Batch to(DType type) const;
};

/// One pass over a dataset. Any batch may be asked for at any time, from any thread, with the same result.
class Epoch {
 public:
  std::size_t size() const noexcept;
  Batch batch(std::size_t number) const;
  /// The examples of a batch in packed order, without packing it.
  std::span<const std::size_t> examples(std::size_t number) const;

 private:
  friend class Batches;
  struct Plan;
  std::shared_ptr<const Plan> plan_;
};

/// A dataset ready for training: texts encoded once, batches a pure function of (dataset, options, seed,
/// epoch).
class Batches {
 public:
  /// Texts; throws Error(usage) for a dataset of features, and the other way round below.
  Batches(const Dataset& dataset, const TextEncoder& encoder, BatchOptions options = {},
          std::uint64_t seed = 1);
  /// Features.
  explicit Batches(const Dataset& dataset, BatchOptions options = {}, std::uint64_t seed = 1);

  /// Shuffled by (seed, number), examples of like length together, batches in shuffled order.
  Epoch epoch(std::int64_t number) const;
  /// Not shuffled: longest first, equal lengths by number. For evaluation.
  Epoch in_order() const;
  /// Rows (tokens, steps) of all examples together.
  std::int64_t rows() const noexcept;
  std::size_t examples() const noexcept;

  struct Source;

 private:
  std::shared_ptr<const Source> source_;
};

/// Walks an epoch from batch `begin` on, the next batches being packed by one background thread meanwhile.
/// It keeps no state of its own: what comes is epoch.batch(begin), epoch.batch(begin + 1), ...
class Prefetch {
 public:
  explicit Prefetch(Epoch epoch, std::size_t begin = 0);
  Prefetch(Prefetch&&) noexcept;
  ~Prefetch();

  /// Nothing after the last. An error in packing is thrown here.
  std::optional<Batch> next();
  /// Number of the batch that next() gives next.
  std::size_t position() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace data
}  // namespace rondo
