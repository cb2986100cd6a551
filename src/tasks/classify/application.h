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

namespace rondo::classify {

/// How an answer is written: label, probability and text between tabs, or as fastText's predict-prob does.
enum class Output { tsv, fasttext };
constexpr std::array<std::string_view, 2> names_of(Output) {
  return {"tsv", "fasttext"};
}

/// The options of `predict`.
struct Answering {
  int top = 1;
  std::optional<double> threshold = {};
  Output output = Output::tsv;

  static constexpr auto fields() {
    using O = Answering;
    return std::tuple{
        field("top", &O::top, "labels per text, most likely first", 1, 1'000'000),
        field("threshold", &O::threshold,
              "for models of two classes: predict the second class from this probability on, else the "
              "first; 'rondo inspect' shows the order, which is by name (numbers by value)",
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
  using Reading = data::ReadOptions;
  using Answering = classify::Answering;
  using Typed = TextClassifier;

  static Words counted() { return {"texts", "文本"}; }
  static std::vector<std::string> curves() { return {"loss", "accuracy"}; }
  static std::vector<std::string> examples();

  static void check(const Options& options, const Reading& reading, const PlaceOf& place);
  static Parts read(const std::vector<std::filesystem::path>& files, const Reading& reading,
                    const TextClassifier* model);
  static Dataset read_more(const std::filesystem::path& file, Reading reading, Parts& parts);
  static std::vector<std::string> plan(Options& options, const Parts& parts, const PlaceOf& place);
  static TextClassifier train(const Options& options, const Parts& parts, TrainingRun run);
  static std::optional<TextClassifier> adopt(const std::filesystem::path& file);
  static TextClassifier load(const std::filesystem::path& file);

  static Evaluation nothing() { return ClassifierEvaluation{}.summary(); }
  static Evaluation evaluate(const TextClassifier& model, const Dataset& examples, int worst);
  static std::vector<std::string> check_answering(const TextClassifier& model, const Answering& answering);
  static std::vector<Answer> answer(const TextClassifier& model, std::span<const std::string> lines,
                                    const Answering& answering);
  static std::vector<report::Section> sections(const TextClassifier& model, const Parts& parts,
                                               const Evaluation& evaluation);
  static std::vector<Fact> facts(const TextClassifier& model);
  static std::vector<report::Block> insights(const TextClassifier& model);
  static std::vector<report::Block> explain(const TextClassifier& model, std::string_view line);
};

}  // namespace rondo::classify
