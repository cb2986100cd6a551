/// Readers for labelled text in files.
#pragma once
#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/data/dataset.h>
#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {
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

}  // namespace data
}  // namespace rondo
