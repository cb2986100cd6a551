/// Readers for labelled text in files.
#pragma once
#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <rondo/data/dataset.h>
#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {
namespace data {

enum class FileFormat { automatic, tsv, csv, jsonl, json, fasttext };
constexpr std::array<std::string_view, 6> names_of(FileFormat) {
  return {"auto", "tsv", "csv", "jsonl", "json", "fasttext"};
}
enum class Header { automatic, yes, no };
constexpr std::array<std::string_view, 3> names_of(Header) {
  return {"auto", "yes", "no"};
}

/// How to find texts and labels in a file. Columns are given by name or by number from 1; a value within JSON
/// objects by its path, "data.text".
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
        field("format", &ReadOptions::format, "format of the file; auto: by its name and content"),
        field("header", &ReadOptions::header,
              "whether the first line names the columns; auto: by its content"),
        field("text", &ReadOptions::text,
              "column of the texts, by name or number; default: 'text', else the one with the longest texts"),
        field("label", &ReadOptions::label,
              "column of the labels, by name or number; default: 'label', else the one with the fewest "
              "different "
              "values"),
        field("split_column", &ReadOptions::split_column,
              "column that assigns rows to training, validation or test data"),
        field("test_value", &ReadOptions::test_value, "value of the split column for test rows"),
        field("valid_value", &ReadOptions::valid_value, "value of the split column for validation rows")};
  }
};
static_assert(all_fields_listed<ReadOptions>);

/// What other data have settled, for files that go with them: a test file is read like the training data.
struct ReadLike {
  /// Their classes, whose numbering holds; rows with another label are left out. Empty: the file's own.
  std::vector<std::string> classes = {};
  /// Their columns by name or number, taken where the options name none and the file has them.
  std::string text = {}, label = {};
  /// Whose the classes are, in messages.
  std::string of = "the model";
  /// Keeps rows with another label, as examples of further classes behind `classes`: an evaluation counts
  /// them.
  bool keep_unknown = false;
};

/// What files held. Without a split column all rows are in `train`.
struct LabelledText {
  Dataset train, valid, test;
  std::string text_column, label_column;  ///< for people: by name, or "column 2"
  std::string text, label;                ///< as ReadOptions name them: by name, or "2"
  std::vector<std::string> notices;       ///< what was chosen, left out or looks odd: one line each

  /// For files that are to be read in the same way, with the same classes.
  ReadLike like(std::string of = "the training data") const {
    return {.classes = train.class_names(), .text = text, .label = label, .of = std::move(of)};
  }
};

/// Reads TSV (no quoting), CSV (RFC 4180; also with semicolons, tabs or bars), JSON lines, a JSON array of
/// objects, or fastText's lines ("__label__x text"); plain, .gz or .xz. Duplicates and contradictory labels
/// are kept, rows with an empty text or label and rows that repeat the header left out, each with a notice.
/// White space and invisible characters around a label are no part of it. Throws Error(data) "FILE line N:
/// ..." for what cannot be labelled text, Error(io) for what cannot be read.
LabelledText read(const std::filesystem::path& file, const ReadOptions& options = {},
                  const ReadLike& like = {});
/// Several files as one. The first one's columns hold for all: by name, or by number where a file has no
/// names. Classes are those of all files together. Error(data) naming both files for one that lacks a column,
/// Error(usage) for a file that is given twice.
LabelledText read(std::span<const std::filesystem::path> files, const ReadOptions& options = {},
                  const ReadLike& like = {});
/// The same from memory; `name` stands for the file in messages.
LabelledText parse(std::string_view bytes, std::string_view name, const ReadOptions& options = {},
                   const ReadLike& like = {});
/// The part `train` of `read(file, options)`: without a split column, all rows.
Dataset read_labelled_text(const std::filesystem::path& file, const ReadOptions& options = {});

}  // namespace data
}  // namespace rondo
