/// Translation as an entry of the list of applications.
#pragma once
#include <string>
#include <vector>

#include <rondo/tasks/translate.h>

#include "tasks/application.h"
#include "tasks/translate/model.h"

namespace rondo::translate {

/// A Translator with what the house asks of a trained object.
struct TrainedTranslator {
  Translator translator;

  const TranslationModel& model() const noexcept { return translator.impl().network; }
  TranslationModel& model() noexcept { return translator.impl().network; }
  const History& history() const noexcept { return translator.history(); }
  void save(const std::filesystem::path& file) const { translator.save(file); }
};

struct TranslationTask {
  static constexpr std::string_view
      name = "translate",
      about = "learn to translate from pairs of sentences", data = "pairs of sentences",
      files =
          "two files with a sentence a line (a.en a.fr), TSV, CSV, JSON lines, TMX; plain, "
          ".gz or .xz",
      next = "\"a sentence\"";
  using Options = TranslatorOptions;
  using Reading = ReadingOptions;
  using Answering = TranslateOptions;
  using Typed = TrainedTranslator;

  static Words counted() { return {"pairs", "句对"}; }
  static std::vector<std::string> curves() { return {"loss", "perplexity"}; }
  static std::vector<std::string> examples();
  static std::vector<Verb> verbs();

  static void check(const Options& options, const Reading& reading, const PlaceOf& place);
  static Parts read(const std::vector<std::filesystem::path>& files, const Reading& reading,
                    const TrainedTranslator* model);
  /// Of a plain file, the other side lies beside it and ends as that of the training data does.
  static Dataset read_more(const std::filesystem::path& file, Reading reading, Parts& parts);
  static std::vector<std::string> plan(Options& options, const Parts& parts, const PlaceOf& place);
  static TrainedTranslator train(const Options& options, const Parts& parts, TrainingRun run);
  static TrainedTranslator load(const std::filesystem::path& file);
  static Evaluation nothing();
  static Evaluation evaluate(const TrainedTranslator& model, const Dataset& examples, int worst);
  static std::vector<std::string> check_answering(const TrainedTranslator& model, const Answering& answering);
  static std::vector<Answer> answer(const TrainedTranslator& model, std::span<const std::string> lines,
                                    const Answering& answering);
  static std::vector<report::Section> sections(const TrainedTranslator& model, const Parts& parts,
                                               const Evaluation& evaluation);
  static std::vector<Fact> facts(const TrainedTranslator& model);
};

}  // namespace rondo::translate
