/// Sequence labelling as an entry of the list of applications.
#pragma once
#include <string>
#include <tuple>
#include <vector>

#include <rondo/tasks/tag.h>

#include "tasks/application.h"
#include "tasks/tag/model.h"
#include "tasks/tag/text/filter.h"

namespace rondo::tag {

/// A Tagger with what the house asks of a trained object.
struct TrainedTagger {
  Tagger tagger;

  const Model<TagNet>& model() const noexcept { return tagger.impl().network; }
  Model<TagNet>& model() noexcept { return tagger.impl().network; }
  const History& history() const noexcept { return tagger.history(); }
  void save(const std::filesystem::path& file) const { tagger.save(file); }
};

/// Of `rondo predict`.
struct AnswerOptions {
  TagFormat format = TagFormat::automatic;
  WholeWords whole = {};

  static constexpr auto fields() {
    using O = AnswerOptions;
    return std::tuple{field("format", &O::format,
                            "form of what is printed; auto: segmented, or slash where words have tags"),
                      group(&O::whole, "Words")};
  }
};
static_assert(all_fields_listed<AnswerOptions>);

struct SequenceTagging {
  static constexpr std::string_view
      name = "tag",
      about = "learn to tag sentences: words of Chinese text, parts of speech, names, chunks",
      data = "tagged sentences",
      files =
          "CoNLL columns, CoNLL-U, segmented lines, word/TAG lines, JSON lines, tables with names; plain, "
          ".gz or .xz",
      next = "\"a sentence\"";
  using Options = TaggerOptions;
  using Reading = TagReading;
  using Answering = AnswerOptions;
  using Typed = TrainedTagger;

  static Words counted() { return {"sentences", "句子"}; }
  static std::vector<std::string> curves() { return {"loss", "f1", "accuracy"}; }
  static std::vector<std::string> examples();
  /// `rondo tag` and `rondo segment`.
  static std::vector<Verb> verbs();

  static void check(const Options& options, const Reading& reading, const PlaceOf& place);
  static Parts read(const std::vector<std::filesystem::path>& files, const Reading& reading,
                    const TrainedTagger* model);
  static Dataset read_more(const std::filesystem::path& file, const Reading& reading, Parts& parts);
  static std::vector<std::string> plan(Options& options, const Parts& parts, const PlaceOf& place);
  static TrainedTagger train(const Options& options, const Parts& parts, TrainingRun run);
  static TrainedTagger load(const std::filesystem::path& file);
  static Evaluation nothing();
  static Evaluation evaluate(const TrainedTagger& model, const Dataset& examples, int worst);
  static std::vector<std::string> check_answering(const TrainedTagger& model, const Answering& answering);
  static std::vector<Answer> answer(const TrainedTagger& model, std::span<const std::string> lines,
                                    const Answering& answering);
  static std::vector<report::Section> sections(const TrainedTagger& model, const Parts& parts,
                                               const Evaluation& evaluation);
  static std::vector<Fact> facts(const TrainedTagger& model);
};

}  // namespace rondo::tag
