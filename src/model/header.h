/// The content of a model file besides the weights: one JSON object, always the same for the same model.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/model.h>

#include "base/json.h"
#include "base/message.h"
#include "data/text_json.h"

namespace rondo {

class ModelFile;

/// Formats of model files that this library reads; it writes the newest one. Formats 3 and 4 are of text
/// classifiers with a wide branch, 4 with more than that (several labels a text, several networks, settings
/// of its answers). See docs/model-file.md.
constexpr int oldest_format = 1, text_format = 2, wide_format = 3, classifier_format = 4, newest_format = 5;

/// How a Sequential is trained. A loss or metric that is a function is saved as "custom" and must be given
/// again.
struct CompileHeader {
  Optimizer optimizer = optim::Adam{};
  std::string loss;
  std::vector<std::string> metrics;
  double label_smoothing = 0;
  double huber_delta = 1;
  double focal_gamma = 2;

  static constexpr auto fields() {
    return std::tuple{field("optimizer", &CompileHeader::optimizer, "what takes the steps"),
                      field("loss", &CompileHeader::loss, "by name"),
                      field("metrics", &CompileHeader::metrics, "by name"),
                      field("label_smoothing", &CompileHeader::label_smoothing, "of the targets", 0, 1),
                      field("huber_delta", &CompileHeader::huber_delta, "of the Huber loss", 1e-6, 1e6),
                      field("focal_gamma", &CompileHeader::focal_gamma, "of the focal loss", 0, 100)};
  }
};
static_assert(all_fields_listed<CompileHeader>);

/// Stands for a loss or metric that is a function.
constexpr const char* custom = "custom";

/// The whole header of a Sequential.
struct SequentialHeader {
  int format = newest_format;
  std::string library;
  std::string kind = "sequential";
  Target task = Target::none;
  std::vector<AnyLayer> layers;
  std::optional<CompileHeader> compiled;
  std::vector<std::string> classes;
  float threshold = 0.5F;
  TrainingRecord training;
  // Beside the fields, as JSON of their own:
  std::optional<TextEncoder> encoder;  ///< none for features
  ApplicationRecord application;

  static constexpr auto fields() {
    return std::tuple{field("format", &SequentialHeader::format, "version of the file's format"),
                      field("library", &SequentialHeader::library, "version of rondo that wrote it"),
                      field("kind", &SequentialHeader::kind, "sequential"),
                      field("task", &SequentialHeader::task, "what the targets are"),
                      field("layers", &SequentialHeader::layers, "from first to last"),
                      field("compiled", &SequentialHeader::compiled, "how it learns"),
                      field("classes", &SequentialHeader::classes, "their names in order"),
                      field("threshold", &SequentialHeader::threshold, "of two classes", 0, 1),
                      field("training", &SequentialHeader::training, "how it came about")};
  }
};
static_assert(
    detail::has_members<SequentialHeader, std::tuple_size_v<decltype(SequentialHeader::fields())> + 2>,
    "all but the encoder and the application");

Json to_tree(const SequentialHeader& header, VocabForm form = VocabForm::table);
/// As one line of JSON.
std::string to_text(const SequentialHeader& header);
/// Error(format) "NAME: ..." for an unknown format, and for anything that to_text cannot have written.
SequentialHeader sequential_header(std::string_view text, const std::string& name);
/// The same of a file, which may have a wide branch beside the network.
SequentialHeader sequential_header(const ModelFile& file);
/// The same of a tree, its format and kind checked.
SequentialHeader sequential_header(Json tree, const std::string& name, const BytesOf& bytes_of = {});

/// An error that a file's content leads to is an error of the file, whatever it would be in a program.
template <class F>
void as_format_error(const std::string& name, F&& f) {
  try {
    f();
  } catch (const Error& error) {
    const std::string_view message = error.what();
    if (error.kind() == ErrorKind::io || message.find(name) != std::string_view::npos) throw;
    const std::size_t kind = name_of(error.kind()).size() + 2;
    fail(ErrorKind::format, name + ": " + std::string(message.substr(std::min(kind, message.size()))));
  }
}

/// The JSON object of a header, its format checked.
Json any_header(std::string_view text, const std::string& name);
/// Error(format) for the header of another kind of model.
void require_kind(const Json& header, ModelKind kind, const std::string& name);

/// The part of a header that is about its wide branch.
constexpr const char* wide_key = "wide";
/// Of a text classifier: how it answers, an object of its own; and how many networks it has.
constexpr const char *answers_key = "answers", *members_key = "networks";
/// The kind of a header that is not yet believed.
ModelKind kind_in(const Json& header, const std::string& name);

/// The information in a header of any kind.
ModelInfo model_info(const ModelFile& file);

/// The same application, with its options checked and in the form that the file will have. Error(option) if
/// they are not a JSON object, or if the application has options but no name.
ApplicationRecord checked(ApplicationRecord application);
/// Puts the application into a header. An empty one does not change the header.
void put_application(Json& header, const ApplicationRecord& application);
/// The application in a header; empty if there is none.
ApplicationRecord take_application(Json& header, const std::string& name);

/// The training record in a header; empty if there is none.
TrainingRecord training_of(const Json& header, const std::string& name);

/// The record of a model after training, from the record `before` the trainer was made.
TrainingRecord training_record(const TrainingRecord& before, const Trainer& trainer);

}  // namespace rondo
