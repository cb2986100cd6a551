/// How `rondo train classify` reads its data.
#pragma once
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include <rondo/data.h>
#include <rondo/tasks/classify.h>

#include "tasks/classify/any_classifier.h"

namespace rondo::classify {

struct Reading {
  data::ReadOptions columns = {};
  bool multi_label = false;
  std::string label_separator = {};
  std::vector<std::string> labels = {};

  static constexpr auto fields() {
    using R = Reading;
    return std::tuple{
        group(&R::columns, "Data"),
        field(
            "multi_label", &R::multi_label,
            "a text may have any number of labels: those of a fastText line, of a list in JSON, or the parts "
            "of a cell"),
        field("label_separator", &R::label_separator,
              "what stands between two labels of a cell; default: a comma"),
        field(
            "labels", &R::labels,
            "columns of labels, each learned by a head of its own on one network; separate them by commas")};
  }
};
static_assert(all_fields_listed<Reading>);

/// Error(option) for options that contradict each other.
void check_reading(const Reading& reading, const PlaceOf& place);
/// As read_labelled(), with several labels a text where the options, or a model, say so.
Parts read(const std::vector<std::filesystem::path>& files, const Reading& reading,
           const AnyClassifier* model);
Dataset read_more(const std::filesystem::path& file, const Reading& reading, Parts& parts);

}  // namespace rondo::classify
