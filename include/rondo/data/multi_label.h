/// Texts with any number of labels each: a Dataset whose values, f32 [classes], are 1 for a text's labels and
/// else 0, and whose class_names() name them.
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/data/read.h>

namespace [[gnu::visibility("default")]] rondo {
namespace data {

/// What stands between the labels of one cell, unless said otherwise.
constexpr std::string_view usual_label_separator = ",";

/// As read(), for several labels a text: those of a fastText line ("__label__a __label__b text"), else the
/// parts of the label's cell between `separator`. White space around a label is no part of it, and one that
/// is repeated counts once. A text without labels is kept, with a notice. Of classes in `like`, a text loses
/// labels that are none of them. Error(option) for an empty separator; Error(data) where texts times classes
/// are more than 500 million.
LabelledText read_multi_label(std::span<const std::filesystem::path> files, std::string_view separator,
                              const ReadOptions& options = {}, const ReadLike& like = {});
/// The same from memory; `name` stands for the file in messages.
LabelledText parse_multi_label(std::string_view bytes, std::string_view name,
                               std::string_view separator = usual_label_separator,
                               const ReadOptions& options = {}, const ReadLike& like = {});

/// Texts with the labels of each. Classes are numbered in the order of their names (numbers by value).
Dataset multi_labelled_text(std::span<const std::string> texts,
                            std::span<const std::vector<std::string>> labels);

/// Whether the examples are texts with any number of labels each.
bool is_multi_label(const Dataset& dataset);
/// The numbers of an example's labels, ascending.
std::vector<std::int32_t> labels_of(const Dataset& dataset, std::size_t example);
/// How many examples have each label.
std::vector<std::int64_t> label_counts(const Dataset& dataset);
/// The same examples with classes numbered as in `names`; labels that are none of them are lost, and
/// `lost`, if given, receives their number.
Dataset with_labels(const Dataset& dataset, const std::vector<std::string>& names,
                    std::size_t* lost = nullptr);

}  // namespace data
}  // namespace rondo
