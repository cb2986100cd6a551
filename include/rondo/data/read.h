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

/// How to find texts and labels in a file. A column is given by its name or its number, counted from 1.
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

/// The content of a file. Without a split column, all rows are in `train`.
struct LabelledText {
  Dataset train, valid, test;
  std::string text_column, label_column;  ///< the name, or "column 2"
  std::vector<std::string> notices;       ///< what was chosen, left out or looks odd; one line each
};

/// Reads TSV (no quoting), CSV (RFC 4180), JSON lines or a JSON array of objects, plain or compressed (.gz,
/// .xz). Duplicates and contradictory labels are kept, and rows with an empty text or label are left out;
/// each case gives a notice. If `classes` is given (those of a trained model), labels are numbered as there,
/// and rows with other labels are left out; `known_to` says in messages whose classes they are. Error(data)
/// "FILE line N: ..." for a file that cannot be labelled text; Error(io) for one that cannot be read.
LabelledText read(const std::filesystem::path& file, const ReadOptions& options = {},
                  std::span<const std::string> classes = {}, std::string_view known_to = "the model");
/// The same from memory. `name` stands for the file in messages.
LabelledText parse(std::string_view bytes, std::string_view name, const ReadOptions& options = {},
                   std::span<const std::string> classes = {}, std::string_view known_to = "the model");
/// The `train` part of read(file, options). Without a split column, these are all rows.
Dataset read_labelled_text(const std::filesystem::path& file, const ReadOptions& options = {});

}  // namespace data
}  // namespace rondo
