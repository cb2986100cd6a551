/// Language models as an entry of the list of applications.
#pragma once
#include <string>
#include <vector>

#include <rondo/tasks/lm.h>

#include "tasks/application.h"
#include "tasks/lm/model.h"

namespace rondo::lm {

/// A LanguageModel with what the house asks of a trained object.
struct Writer {
  LanguageModel language;

  const Model<LanguageNet>& model() const noexcept { return language.impl().network; }
  Model<LanguageNet>& model() noexcept { return language.impl().network; }
  const History& history() const noexcept { return language.history(); }
  void save(const std::filesystem::path& file) const { language.save(file); }
};

struct ScoringOptions {
  std::string label = {};

  static constexpr auto fields() {
    return std::tuple{field("label", &ScoringOptions::label,
                            "score lines as texts of this label, of a model that was trained with labels")};
  }
};
static_assert(all_fields_listed<ScoringOptions>);

struct LanguageModelling {
  static constexpr std::string_view name = "lm",
                                    about =
                                        "learn to predict text, and to write it: characters, words or "
                                        "subwords",
                                    data = "text",
                                    files = "plain text, .gz or .xz; TSV, CSV, JSON lines with --text",
                                    next = "\"a line to be scored\"";
  using Options = LanguageOptions;
  using Reading = ReadingOptions;
  using Answering = ScoringOptions;
  using Evaluating = AdaptationOptions;
  using Typed = Writer;

  static Words counted() { return {"documents", "文档"}; }
  static std::vector<std::string> curves() { return {"loss", "perplexity"}; }
  static std::vector<std::string> examples();
  static std::vector<Verb> verbs();

  static void check(const Options& options, const Reading& reading, const PlaceOf& place);
  static Parts read(const std::vector<std::filesystem::path>& files, const Reading& reading,
                    const Writer* model);
  static Dataset read_more(const std::filesystem::path& file, Reading reading, Parts& parts);
  /// In order: the test part is the end of the text, the validation part what stands before it.
  static void hold_out(Parts& parts, double valid, double test, std::uint64_t seed);
  static std::vector<std::string> plan(Options& options, const Parts& parts, const PlaceOf& place);
  static Writer train(const Options& options, const Parts& parts, TrainingRun run);
  static Writer load(const std::filesystem::path& file);
  static Evaluation nothing();
  static Evaluation evaluate(const Writer& writer, const Dataset& examples, int worst,
                             const AdaptationOptions& adaptation = {});
  /// ln P of each line, as a document of its own.
  static std::vector<Answer> answer(const Writer& writer, std::span<const std::string> lines,
                                    const Answering& answering);
  static std::vector<std::string> check_answering(const Writer& writer, const Answering& answering);
  static std::vector<report::Section> sections(const Writer& writer, const Parts& parts,
                                               const Evaluation& evaluation);
  static std::vector<Fact> facts(const Writer& writer);
};

}  // namespace rondo::lm
