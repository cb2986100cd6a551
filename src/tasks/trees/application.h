/// Classifying phrases along trees as an entry of the list of applications.
#pragma once
#include <string>
#include <vector>

#include <rondo/tasks/trees.h>

#include "tasks/application.h"
#include "tasks/trees/answers.h"
#include "tasks/trees/network.h"

namespace rondo::trees {

/// A TreeClassifier with what the house asks of a trained object.
struct TrainedTrees {
  TreeClassifier classifier;

  const TreeModel& model() const noexcept { return classifier.impl().network; }
  TreeModel& model() noexcept { return classifier.impl().network; }
  const History& history() const noexcept { return classifier.history(); }
  void save(const std::filesystem::path& file) const { classifier.save(file); }
};

struct TreeTask {
  static constexpr std::string_view
      name = "trees",
      about = "learn a label for every phrase of a sentence along its tree", data = "labelled trees",
      files =
          "trees in brackets, (label (label word) ...), or CoNLL-U; plain, .gz or "
          ".xz",
      next = "\"(_ (_ a) (_ treat))\"";
  using Options = TreeOptions;
  using Reading = ReadingOptions;
  using Answering = AnswerOptions;
  using Typed = TrainedTrees;

  static Words counted() { return {"trees", "棵树"}; }
  static std::vector<std::string> curves() { return {"loss", "root_accuracy", "node_accuracy"}; }
  static std::vector<std::string> examples();
  /// How `rondo predict` reads trees, which may take several lines.
  static std::vector<Verb> verbs();

  static void check(const Options& options, const Reading& reading, const PlaceOf& place);
  static Parts read(const std::vector<std::filesystem::path>& files, const Reading& reading,
                    const TrainedTrees* model);
  static Dataset read_more(const std::filesystem::path& file, const Reading& reading, Parts& parts);
  static std::vector<std::string> plan(Options& options, const Parts& parts, const PlaceOf& place);
  static TrainedTrees train(const Options& options, const Parts& parts, TrainingRun run);
  static TrainedTrees load(const std::filesystem::path& file);
  static Evaluation nothing();
  static Evaluation evaluate(const TrainedTrees& model, const Dataset& examples, int worst);
  static std::vector<Answer> answer(const TrainedTrees& model, std::span<const std::string> lines,
                                    const Answering& answering);
  static std::vector<report::Section> sections(const TrainedTrees& model, const Parts& parts,
                                               const Evaluation& evaluation);
  static std::vector<Fact> facts(const TrainedTrees& model);
};

}  // namespace rondo::trees
