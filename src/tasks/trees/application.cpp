#include "tasks/trees/application.h"

#include <algorithm>
#include <utility>

#include <rondo/options.h>

#include "base/fields.h"
#include "base/message.h"
#include "base/shown.h"
#include "tasks/options/training.h"
#include "tasks/reading_record.h"
#include "tasks/trees/evaluation.h"
#include "tasks/trees/labels.h"
#include "tasks/verb.h"

namespace rondo::trees {
namespace {

/// How the training data were read, as far as it bears on other data.
std::string record_of(const ReadingOptions& reading) {
  return dump_json(Json{{"labels", reading.labels},
                        {"binary", reading.binary},
                        {"categories", reading.categories},
                        {"functions", std::string(name_of(reading.functions))},
                        {"label_column", std::string(name_of(reading.label_column))}});
}

/// The options that a record holds, with those that were typed.
ReadingOptions with_record(ReadingOptions reading, const std::string& record) {
  if (record.empty()) return reading;
  OptionTable known = OptionTable::of<ReadingOptions>();
  const std::string where = reading_record_name;
  const Json json = parse_reading(record);
  for (const auto& [key, value] : json.items()) {
    if (!known.contains(key)) fail(ErrorKind::format, where + ": " + quote(key) + " is unknown");
    known.set(key, value.is_string() ? value.get<std::string>() : dump_json(value), where);
  }
  const auto& before = known.as<ReadingOptions>();
  const ReadingOptions open;
  // A model of the task of two has no other; one of five classes can be asked for two.
  reading.binary = reading.binary || before.binary;
  if (reading.labels.empty() && !reading.binary) reading.labels = before.labels;
  if (reading.categories.empty()) reading.categories = before.categories;
  if (reading.functions == open.functions) reading.functions = before.functions;
  if (reading.label_column == open.label_column) reading.label_column = before.label_column;
  return reading;
}

/// Says which labels of a part the training data do not have.
void note_new_labels(const Dataset& part, const std::vector<std::string>& classes, const std::string& name,
                     std::vector<std::string>& notices) {
  const ClassNumbers known(classes);
  const bool polar = have_polarity(classes);
  std::vector<std::string> others;
  std::int64_t nodes = 0;
  for (const LabelledTree* const tree : TreeInput::trees_of(part))
    for (const std::string_view label : tree->labels) {
      if (label.empty() || known.find(label) || (polar && (label == negative || label == positive))) continue;
      ++nodes;
      if (std::find(others.begin(), others.end(), label) == others.end() && others.size() < 11)
        others.emplace_back(label);
    }
  if (others.empty()) return;
  const bool more = others.size() > 10;
  if (more) others.pop_back();
  notices.push_back(name + ": labels that training did not have (" + joined(others, ", ") +
                    (more ? ", ..." : "") + ") on " + grouped(nodes) +
                    (nodes == 1 ? " node count" : " nodes count") + " as errors");
}

std::vector<std::string> classes_of(const Dataset& train) {
  std::vector<std::string> names;
  for (const LabelledTree* const tree : TreeInput::trees_of(train))
    for (const std::string_view label : tree->labels)
      if (!label.empty()) names.emplace_back(label);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Fact fact(std::string key, Words title, const std::string& value, Json json) {
  return {.key = std::move(key), .title = std::move(title), .text = {value, value}, .json = dump_json(json)};
}

/// How many nodes have each label.
report::Bars label_bars(const Dataset& train, const std::vector<std::string>& classes) {
  const ClassNumbers numbers(classes);
  std::vector<double> counts(classes.size());
  for (const LabelledTree* const tree : TreeInput::trees_of(train))
    for (const std::string_view label : tree->labels)
      if (const auto number = numbers.find(label)) counts[static_cast<std::size_t>(*number)] += 1;
  report::Bars bars{.title = {"Labels of the nodes", "节点标签"}, .bars = {}};
  constexpr std::size_t most = 30;
  for (std::size_t c = 0; c < std::min(classes.size(), most); ++c)
    bars.bars.emplace_back(classes[c], counts[c]);
  return bars;
}

}  // namespace

std::vector<std::string> TreeTask::examples() {
  return {"rondo train trees train.txt --valid dev.txt --test test.txt --labels 0-4 --out sentiment.rondo",
          "rondo train trees train.txt --network rntn --out sentiment.rondo",
          "rondo train trees train.conllu --label-column deprel --out relations.rondo"};
}

std::vector<Verb> TreeTask::verbs() {
  const auto run = [](const TrainedTrees& model, const AnswerOptions& options, const VerbCall& call) {
    const ReadingOptions reading = with_record({}, model.model().application().reading);
    answer_stream(model.classifier, options, reading.label_column, call);
  };
  return {verb_of<TreeTask, AnswerOptions>("predict", "label trees", "trees, words, or files of them", +run)};
}

void TreeTask::check(const Options& options, const Reading& reading, const PlaceOf& place) {
  check_monitor(options.training, {"loss", "root_accuracy", "node_accuracy"}, place);
  LabelRules{reading};
  if (reading.form == TreeForm::text)
    fail(ErrorKind::option,
         place("form") + " text has no trees to learn from; wanted auto, brackets or conllu");
}

Parts TreeTask::read(const std::vector<std::filesystem::path>& files, const Reading& reading,
                     const TrainedTrees* model) {
  Parts parts;
  const ReadingOptions used =
      model == nullptr ? reading : with_record(reading, model->model().application().reading);
  parts.train = trees::read(files, used, &parts.notices);
  parts.reading = record_of(used);
  std::size_t chinese = 0, all = 0;
  for (const LabelledTree* const tree : TreeInput::trees_of(parts.train.take(1000)))
    for (const std::string_view word : tree->words) {
      all += word.empty() ? 0 : 1;
      chinese += !word.empty() && static_cast<unsigned char>(word[0]) >= 0xE4 &&
                         static_cast<unsigned char>(word[0]) <= 0xE9
                     ? 1
                     : 0;
    }
  parts.chinese = chinese * 2 > all;
  if (model != nullptr) note_new_labels(parts.train, model->classifier.classes(), "the data", parts.notices);
  return parts;
}

Dataset TreeTask::read_more(const std::filesystem::path& file, const Reading& reading, Parts& parts) {
  std::vector<std::string> notices;
  Dataset part = trees::read({file}, reading, &notices);
  for (const std::string& notice : notices)
    parts.notices.push_back(file.string() + ": " + notice);
  note_new_labels(part, classes_of(parts.train), file.string(), parts.notices);
  return part;
}

std::vector<std::string> TreeTask::plan(Options& options, const Parts& parts, const PlaceOf&) {
  std::vector<std::string> reasons;
  options = TreeClassifier::plan(parts.train, parts.valid, std::move(options), &reasons);
  return reasons;
}

TrainedTrees TreeTask::train(const Options& options, const Parts& parts, TrainingRun run) {
  return {TreeClassifier::train(parts.train, parts.valid, options, std::move(run))};
}

TrainedTrees TreeTask::load(const std::filesystem::path& file) {
  return {TreeClassifier::load(file)};
}

Evaluation TreeTask::nothing() {
  return no_evaluation();
}

Evaluation TreeTask::evaluate(const TrainedTrees& model, const Dataset& examples, int worst) {
  return model.classifier.evaluate(examples, worst).summary;
}

std::vector<Answer> TreeTask::answer(const TrainedTrees& model, std::span<const std::string> lines,
                                     const Answering& answering) {
  return answers_to(model.classifier, lines, answering);
}

std::vector<report::Section> TreeTask::sections(const TrainedTrees& model, const Parts& parts,
                                                const Evaluation& evaluation) {
  std::vector<report::Section> sections;
  if (evaluation.examples > 0)
    sections.push_back({{"Scores on the test part", "测试集成绩"}, evaluation.blocks});
  report::Histogram sizes{
      .title = {"Nodes of the trees", "树的节点数"}, .x_title = {"nodes", "节点数"}, .values = {}};
  for (const LabelledTree* const tree : TreeInput::trees_of(parts.train.take(100'000)))
    sizes.values.push_back(static_cast<std::int32_t>(tree->size()));
  sections.push_back({{"Training data", "训练数据"},
                      {std::move(sizes), label_bars(parts.train, model.classifier.classes())}});
  return sections;
}

std::vector<Fact> TreeTask::facts(const TrainedTrees& model) {
  const TreeInput& input = model.model().input();
  const TreeNetworkOptions& o = model.classifier.options().network;
  const std::string network(name_of(o.network)),
      task = have_polarity(input.classes) && input.classes.size() == 2 ? "binary" : "labels";
  return {fact("network", {"Network", "网络"}, network, network), fact("task", {"Task", "任务"}, task, task),
          fact("classes", {"Labels", "标签"}, joined(input.classes, " "), input.classes),
          fact("dependencies", {"Trees of dependencies", "依存树"}, input.dependencies ? "yes" : "no",
               input.dependencies),
          fact("vocabulary", {"Vocabulary", "词表"}, grouped(input.words.size()), input.words.size())};
}

}  // namespace rondo::trees
