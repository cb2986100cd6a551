/// Texts with a label in each of several columns: a Dataset of texts whose values, f32 [columns], are the
/// numbers of their classes, or -1 where a text has no label in a column.
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <rondo/data/read.h>

namespace [[gnu::visibility("default")]] rondo {
namespace data {

/// A column of labels.
struct LabelColumn {
  std::string name;                  ///< "sentiment"; of a file without names, its number
  std::vector<std::string> classes;  ///< in the order of their names (numbers by value)

  friend bool operator==(const LabelColumn&, const LabelColumn&) = default;
};

/// What files held. Without a split column all rows are in `train`.
struct LabelColumns {
  Dataset train, valid, test;
  std::vector<LabelColumn> columns;
  std::string text;                       ///< as ReadOptions name it: by name, or "2"
  std::vector<std::string> notices = {};  ///< what was chosen or left out: one line each
};

/// Reads tables as read() does, with labels in all of the columns `labels`, given by name or number from 1.
/// `options.label` does not count. Rows without a text, or without any label, are left out with a notice.
/// Where columns are given in `like` (a model's), their names and classes hold instead, and a label that is
/// none of them counts as missing, with a notice; `text` is their column of texts. Error(option) for fewer
/// than one label, or one that is given twice; Error(data) for what cannot be read.
LabelColumns read_label_columns(std::span<const std::filesystem::path> files,
                                std::span<const std::string> labels, const ReadOptions& options = {},
                                const std::vector<LabelColumn>& like = {}, const std::string& text = {});
/// The same from memory: labels[i] are those of texts[i], in the order of `names`; an empty one is missing.
LabelColumns label_columns(std::span<const std::string> texts,
                           std::span<const std::vector<std::string>> labels,
                           std::span<const std::string> names);

}  // namespace data
}  // namespace rondo
