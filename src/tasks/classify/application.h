/// Text classification as an entry of the list of applications.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/tasks/classify.h>

#include "tasks/application.h"
#include "tasks/classify/any_classifier.h"
#include "tasks/classify/reading.h"

namespace rondo::classify {

/// How an answer is written: label, probability and text between tabs, or as fastText's predict-prob does.
enum class Output { tsv, fasttext };
constexpr std::array<std::string_view, 2> names_of(Output) {
  return {"tsv", "fasttext"};
}

/// The options of `predict`.
struct Answering {
  std::optional<int> top = {};
  std::optional<double> threshold = {};
  Output output = Output::tsv;

  static constexpr auto fields() {
    using O = Answering;
    return std::tuple{
        field("top", &O::top,
              "labels per text, most likely first; default: 1, or of several labels a text all that reach "
              "their thresholds",
              1, 1'000'000),
        field(
            "threshold", &O::threshold,
            "for models of two classes: predict the second class from this probability on, else the "
            "first; 'rondo inspect' shows the order, which is by name (numbers by value); of several labels "
            "a text: the threshold of each",
            0, 1),
        field("output", &O::output,
              "tsv: label, probability and text between tabs; fasttext: '__label__x 0.9', without the text, "
              "blanks in a label as '_'")};
  }
};
static_assert(all_fields_listed<Answering>);

struct Classification {
  static constexpr std::string_view name = "classify",
                                    about = "train a text classifier for sentiment or any other labels",
                                    data = "labelled text",
                                    files = "TSV, CSV, JSON or JSON lines, plain, .gz or .xz",
                                    next = "\"your text\"";
  using Options = ClassifierOptions;
  using Reading = classify::Reading;
  using Answering = classify::Answering;
  using Typed = AnyClassifier;

  static Words counted() { return {"texts", "文本"}; }
  static std::vector<std::string> curves() { return {"loss", "accuracy"}; }
  static std::vector<std::string> examples();

  static void check(const Options& options, const Reading& reading, const PlaceOf& place);
  static Parts read(const std::vector<std::filesystem::path>& files, const Reading& reading,
                    const AnyClassifier* model);
  static Dataset read_more(const std::filesystem::path& file, const Reading& reading, Parts& parts);
  static std::vector<std::string> plan(Options& options, const Parts& parts, const PlaceOf& place);
  static AnyClassifier train(const Options& options, const Parts& parts, TrainingRun run);
  static std::optional<AnyClassifier> adopt(const std::filesystem::path& file);
  static AnyClassifier load(const std::filesystem::path& file);

  static Evaluation nothing() { return ClassifierEvaluation{}.summary(); }
  static Evaluation evaluate(const AnyClassifier& model, const Dataset& examples, int worst);
  static std::vector<std::string> check_answering(const AnyClassifier& model, const Answering& answering);
  static std::vector<Answer> answer(const AnyClassifier& model, std::span<const std::string> lines,
                                    const Answering& answering);
  static std::vector<report::Section> sections(const AnyClassifier& model, const Parts& parts,
                                               const Evaluation& evaluation);
  static std::vector<Fact> facts(const AnyClassifier& model);
  static std::vector<report::Block> insights(const AnyClassifier& model);
  static std::vector<report::Block> explain(const AnyClassifier& model, std::string_view line);
};

}  // namespace rondo::classify
