#include "tasks/classify/application.h"

#include <algorithm>

#include "base/fields.h"
#include "base/message.h"
#include "base/shown.h"
#include "data/class_names.h"
#include "tasks/classify/insights.h"
#include "tasks/facts.h"
#include "tasks/options/training.h"
#include "tasks/reading.h"

namespace rondo::classify {
namespace {

void check_class_weights(const ClassOptions& options, const std::vector<std::string>& classes,
                         const PlaceOf& place) {
  for (const auto& weight : options.class_weights)
    place_of_class(classes, weight.first, place("class_weights"));
}

/// With a threshold, the second of two classes comes first from that probability on.
std::vector<std::size_t> ranking(const Prediction& prediction, const Answering& answering) {
  std::vector<std::size_t> order = prediction.ranking();
  if (answering.threshold) {
    const std::size_t first =
        static_cast<double>(prediction.probabilities[1]) >= *answering.threshold ? 1 : 0;
    order = {first, 1 - first};
  }
  order.resize(std::min(order.size(), static_cast<std::size_t>(answering.top)));
  return order;
}

/// "__label__x 0.9 __label__y 0.1"
std::string in_fasttext(const Prediction& prediction, const std::vector<std::string>& names,
                        const std::vector<std::size_t>& order) {
  std::string text;
  for (const std::size_t i : order) {
    std::string name = one_line(names[i]);
    std::replace(name.begin(), name.end(), ' ', '_');
    text += (text.empty() ? "__label__" : " __label__") + name + " " +
            dump_json(Json(shortest_double(prediction.probabilities[i])));
  }
  return text;
}

Answer answer_of(const std::string& text, const Prediction& prediction, const std::vector<std::string>& names,
                 const Answering& answering) {
  const std::vector<std::size_t> order = ranking(prediction, answering);
  Answer answer;
  Json object = {{"text", text},
                 {"label", names[order.front()]},
                 {"probability", shortest_double(prediction.probabilities[order.front()])},
                 {"probabilities", Json::object()}};
  for (const std::size_t i : order)
    answer.text +=
        one_line(names[i]) + "\t" + fixed(static_cast<double>(prediction.probabilities[i]), 4) + "\t";
  for (const std::size_t i : answering.top > 1 ? order : prediction.ranking())
    object["probabilities"][names[i]] = shortest_double(prediction.probabilities[i]);
  answer.text += one_line(text);
  if (answering.output == Output::fasttext) answer.text = in_fasttext(prediction, names, order);
  answer.json = dump_json(object);
  return answer;
}

report::Section data_section(const TextClassifier& model, const Dataset& train) {
  report::Bars labels{.title = {"Texts per label", "每个标签的文本数"}, .bars = {}};
  const std::vector<std::int64_t> counts = train.class_counts();
  for (std::size_t i = 0; i < counts.size(); ++i)
    labels.bars.emplace_back(train.class_names()[i], static_cast<double>(counts[i]));
  report::Histogram lengths{
      .title = {"Length of the texts", "文本长度"}, .x_title = {"tokens", "词元数"}, .values = {}};
  for (const std::string_view text : train.texts())
    lengths.values.push_back(static_cast<std::int32_t>(model.encoder().encode(text).tokens.size()));
  return {{"Training data", "训练数据"}, {std::move(labels), std::move(lengths)}};
}

}  // namespace

std::vector<std::string> Classification::examples() {
  return {"rondo train classify reviews.tsv --out sentiment.rondo",
          "rondo train classify --config sentiment.rondo.run/config.json --out new.rondo"};
}

void Classification::check(const Options& options, const Reading& reading, const PlaceOf& place) {
  check_split(reading, place);
  check_monitor(options.training, {"accuracy", "f1", "loss"}, place);
  if (options.wide != Wide::only) return;
  for (const auto& [name, file] :
       {std::pair("init", &options.training.init), std::pair("vectors", &options.network.vectors)})
    if (!file->empty())
      fail(ErrorKind::option, place(name) + " is for a network, which " + place("wide") +
                                  " only leaves out; leave out one of them");
}

Parts Classification::read(const std::vector<std::filesystem::path>& files, const Reading& reading,
                           const TextClassifier* model) {
  if (model == nullptr) return read_labelled(files, reading);
  data::ReadLike like = like_of(model->application().reading, model->class_names(), "the model");
  like.keep_unknown = true;
  return read_labelled(files, reading, like);
}

Dataset Classification::read_more(const std::filesystem::path& file, Reading reading, Parts& parts) {
  return read_labelled_part(file, std::move(reading), parts);
}

std::vector<std::string> Classification::plan(Options& options, const Parts& parts, const PlaceOf& place) {
  check_class_weights(options.classes, parts.train.class_names(), place);
  std::vector<std::string> reasons;
  options = TextClassifier::plan(parts.train, parts.valid, std::move(options), &reasons);
  return reasons;
}

TextClassifier Classification::train(const Options& options, const Parts& parts, TrainingRun run) {
  return TextClassifier::train(parts.train, parts.valid, options, std::move(run));
}

/// Accepts files from the time before models named their application.
std::optional<TextClassifier> Classification::adopt(const std::filesystem::path& file) {
  try {
    return TextClassifier::load(file);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::io) throw;
    return std::nullopt;
  }
}

TextClassifier Classification::load(const std::filesystem::path& file) {
  return TextClassifier::load(file);
}

Evaluation Classification::evaluate(const TextClassifier& model, const Dataset& examples, int worst) {
  return model.evaluate(examples, worst).summary();
}

std::vector<std::string> Classification::check_answering(const TextClassifier& model,
                                                         const Answering& answering) {
  if (!answering.threshold) return {};
  const std::vector<std::string>& names = model.class_names();
  if (names.size() != 2)
    fail(ErrorKind::option,
         "--threshold is for models of two classes; this one has " + std::to_string(names.size()));
  return {"threshold: " + quote(names[1]) + " from a probability of " +
          dump_json(Json(*answering.threshold)) + " on, else " + quote(names[0])};
}

std::vector<Answer> Classification::answer(const TextClassifier& model, std::span<const std::string> lines,
                                           const Answering& answering) {
  const std::vector<Prediction> predictions = model.predict(lines);
  std::vector<Answer> answers;
  answers.reserve(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i)
    answers.push_back(answer_of(lines[i], predictions[i], model.class_names(), answering));
  return answers;
}

std::vector<report::Section> Classification::sections(const TextClassifier& model, const Parts& parts,
                                                      const Evaluation& evaluation) {
  std::vector<report::Section> sections;
  if (evaluation.examples > 0)
    sections.push_back({{"Scores on the test part", "测试集成绩"}, evaluation.blocks});
  sections.push_back(data_section(model, parts.train));
  if (std::vector<report::Block> learned = classify::insights(model); !learned.empty())
    sections.push_back({{"Wide branch", "宽分支"}, std::move(learned)});
  return sections;
}

std::vector<Fact> Classification::facts(const TextClassifier& model) {
  std::vector<Fact> facts = model.has_network()
                                ? facts_of(model.model())
                                : std::vector<Fact>{fact_of(model.encoder()), fact_of(model.class_names())};
  if (model.wide() != nullptr) facts.push_back(wide_fact(model));
  return facts;
}

std::vector<report::Block> Classification::insights(const TextClassifier& model) {
  return classify::insights(model);
}

std::vector<report::Block> Classification::explain(const TextClassifier& model, std::string_view line) {
  return explanation(model, line);
}

}  // namespace rondo::classify
