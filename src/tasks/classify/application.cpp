#include "tasks/classify/application.h"

#include <algorithm>
#include <cmath>

#include "base/fields.h"
#include "base/message.h"
#include "base/shown.h"
#include "data/class_names.h"
#include "runtime/parallel.h"
#include "tasks/classify/heads_application.h"
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

/// The labels of a text: as many as asked for, or those that reach a threshold. With a threshold, the second
/// of two classes comes first from that probability on.
std::vector<std::size_t> ranking(const TextClassifier& model, const Prediction& prediction,
                                 const Answering& answering) {
  std::vector<std::size_t> order = prediction.ranking();
  if (model.multi_label()) {
    if (!answering.threshold && !answering.top) return model.labels_of(prediction);
    if (answering.threshold)
      std::erase_if(order, [&](std::size_t c) {
        return static_cast<double>(prediction.probabilities[c]) < *answering.threshold;
      });
    order.resize(std::min(order.size(), static_cast<std::size_t>(answering.top.value_or(1'000'000))));
    return order;
  }
  if (answering.threshold) {
    const std::size_t first =
        static_cast<double>(prediction.probabilities[1]) >= *answering.threshold ? 1 : 0;
    order = {first, 1 - first};
  }
  order.resize(std::min(order.size(), static_cast<std::size_t>(answering.top.value_or(1))));
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

Json probabilities_of(const Prediction& prediction, const std::vector<std::string>& names,
                      const std::vector<std::size_t>& order) {
  Json object = Json::object();
  for (const std::size_t i : order)
    object[names[i]] = shortest_double(prediction.probabilities[i]);
  return object;
}

/// Labels, their probabilities and the text, each with commas between several.
Answer answer_of_several(const std::string& text, const Prediction& prediction,
                         const std::vector<std::string>& names, const std::vector<std::size_t>& order) {
  std::string labels, shares;
  Json list = Json::array();
  for (const std::size_t i : order) {
    labels += (labels.empty() ? "" : ",") + one_line(names[i]);
    shares += (shares.empty() ? "" : ",") + fixed(static_cast<double>(prediction.probabilities[i]), 4);
    list.push_back(names[i]);
  }
  const Json object = {{"text", text},
                       {"labels", std::move(list)},
                       {"probabilities", probabilities_of(prediction, names, prediction.ranking())}};
  return {labels + "\t" + shares + "\t" + one_line(text), dump_json(object)};
}

Answer answer_of_one(const TextClassifier& model, const std::string& text, const Prediction& prediction,
                     const std::vector<std::size_t>& order, bool more) {
  const std::vector<std::string>& names = model.class_names();
  const float probability = prediction.probabilities[order.front()];
  Answer answer;
  Json object = {
      {"text", text}, {"label", names[order.front()]}, {"probability", shortest_double(probability)}};
  for (const std::size_t i : order)
    answer.text +=
        one_line(names[i]) + "\t" + fixed(static_cast<double>(prediction.probabilities[i]), 4) + "\t";
  if (model.certain_from() > 0) {
    const bool certain = probability >= model.certain_from();
    answer.text += certain ? "certain\t" : "uncertain\t";
    object["certain"] = certain;
  }
  object["probabilities"] = probabilities_of(prediction, names, more ? order : prediction.ranking());
  answer.text += one_line(text);
  answer.json = dump_json(object);
  return answer;
}

Answer answer_of(const TextClassifier& model, const std::string& text, const Prediction& prediction,
                 const Answering& answering) {
  const std::vector<std::size_t> order = ranking(model, prediction, answering);
  Answer answer = model.multi_label() ? answer_of_several(text, prediction, model.class_names(), order)
                                      : answer_of_one(model, text, prediction, order, answering.top > 1);
  if (answering.output == Output::fasttext) answer.text = in_fasttext(prediction, model.class_names(), order);
  return answer;
}

Evaluation evaluated(const TextClassifier& model, const Dataset& examples, int worst) {
  return model.multi_label() ? model.evaluate_labels(examples, worst).summary()
                             : model.evaluate(examples, worst).summary();
}

/// Its points at equal distances.
report::Lines diagram_of(const LearningCurve& curve) {
  report::Lines diagram{
      .title = {"Learning curve", "学习曲线"},
      .x_title = {"10, 25, 50 and 100 % of the training data", "训练数据的 10%、25%、50%、100%"},
      .lines = {}};
  for (const Score& score : curve.points.front().evaluation.scores) {
    if (!score.headline || score.form != Form::share) continue;
    std::vector<float> values;
    for (const LearningCurve::Point& point : curve.points) {
      const Score* const found = point.evaluation.find(score.name);
      values.push_back(found == nullptr ? NAN : static_cast<float>(found->value));
    }
    diagram.lines.emplace_back(score.title, std::move(values));
  }
  return diagram;
}

report::Section data_section(const TextClassifier& model, const Dataset& train) {
  report::Bars labels{.title = {"Texts per label", "每个标签的文本数"}, .bars = {}};
  const std::vector<std::int64_t> counts =
      data::is_multi_label(train) ? data::label_counts(train) : train.class_counts();
  for (std::size_t i = 0; i < counts.size(); ++i)
    labels.bars.emplace_back(train.class_names()[i], static_cast<double>(counts[i]));
  report::Histogram lengths{
      .title = {"Length of the texts", "文本长度"}, .x_title = {"tokens", "词元数"}, .values = {}};
  for (const std::string_view text : train.texts())
    lengths.values.push_back(static_cast<std::int32_t>(model.encoder().encode(text).tokens.size()));
  return {{"Training data", "训练数据"}, {std::move(labels), std::move(lengths)}};
}

/// More texts teach the branch little that the others did not, and take time.
void plan_refit(ClassifierOptions& options, const Parts& parts, std::vector<std::string>& reasons) {
  if (options.wide_refit != WideRefit::automatic) return;
  constexpr std::size_t most = 20'000;
  const bool branch = options.wide == Wide::on || options.wide == Wide::only,
             certain = options.certainty.calibrate || options.certainty.precision > 0;
  const bool again = branch && !certain && parts.valid_held_out && !parts.test.empty() &&
                     parts.train.size() + parts.valid.size() <= most;
  options.wide_refit = again ? WideRefit::on : WideRefit::off;
  if (again) reasons.emplace_back("wide_refit = on: the validation texts were held out of the training data");
}

}  // namespace

std::vector<std::string> Classification::examples() {
  return {"rondo train classify reviews.tsv --out sentiment.rondo",
          "rondo train classify --config sentiment.rondo.run/config.json --out new.rondo"};
}

void Classification::check(const Options& options, const Reading& reading, const PlaceOf& place) {
  check_reading(reading, place);
  check_monitor(options.training, {"accuracy", "f1", "loss"}, place);
  check_transfer(options.transfer, !options.training.init.empty() || !options.network.vectors.empty(), place);
  if (options.wide != Wide::only) return;
  for (const auto& [name, file] :
       {std::pair("init", &options.training.init), std::pair("vectors", &options.network.vectors)})
    if (!file->empty())
      fail(ErrorKind::option, place(name) + " is for a network, which " + place("wide") +
                                  " only leaves out; leave out one of them");
}

Parts Classification::read(const std::vector<std::filesystem::path>& files, const Reading& reading,
                           const AnyClassifier* model) {
  return classify::read(files, reading, model);
}

Dataset Classification::read_more(const std::filesystem::path& file, const Reading& reading, Parts& parts) {
  return classify::read_more(file, reading, parts);
}

std::vector<std::string> Classification::plan(Options& options, const Parts& parts, const PlaceOf& place) {
  std::vector<std::string> reasons;
  if (const std::vector<data::LabelColumn> columns = columns_in(parts); !columns.empty()) {
    options = MultiTaskClassifier::plan(parts.train, parts.valid, columns, std::move(options), &reasons);
    return reasons;
  }
  check_class_weights(options.classes, parts.train.class_names(), place);
  options = TextClassifier::plan(parts.train, parts.valid, std::move(options), &reasons);
  plan_refit(options, parts, reasons);
  return reasons;
}

AnyClassifier Classification::train(const Options& options, const Parts& parts, TrainingRun run) {
  if (const std::vector<data::LabelColumn> columns = columns_in(parts); !columns.empty())
    return MultiTaskClassifier::train(parts.train, parts.valid, columns, options, std::move(run));
  const TrainingRun beside{.stop = run.stop, .notice = run.notice};
  TextClassifier model = TextClassifier::train(parts.train, parts.valid, options, std::move(run));
  if (model.interrupted()) return model;
  const CertaintyOptions& asked = options.certainty;
  if (asked.folds > 0)
    model.add_study(TextClassifier::cross_validate(parts.train, asked.folds, options, beside).table());
  const Dataset& test = parts.test.empty() ? parts.valid : parts.test;
  if (asked.learning_curve && !test.empty()) {
    LearningCurve curve = TextClassifier::learning_curve(parts.train, parts.valid, test, options, beside);
    curve.points.push_back({1, static_cast<std::int64_t>(parts.train.size()), evaluated(model, test, 0)});
    model.add_study(curve.table());
    model.add_study(diagram_of(curve));
  }
  return model;
}

/// Accepts files from the time before models named their application.
std::optional<AnyClassifier> Classification::adopt(const std::filesystem::path& file) {
  try {
    return TextClassifier::load(file);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::io) throw;
    return std::nullopt;
  }
}

AnyClassifier Classification::load(const std::filesystem::path& file) {
  if (model_info(file).kind == ModelKind::network) return MultiTaskClassifier::load(file);
  return TextClassifier::load(file);
}

Evaluation Classification::evaluate(const AnyClassifier& any, const Dataset& examples, int worst) {
  if (any.heads() != nullptr) return any.heads()->evaluate(examples, worst).summary();
  const TextClassifier& model = *any.one();
  Evaluation evaluation = evaluated(model, examples, worst);
  evaluation.blocks.insert(evaluation.blocks.end(), model.studies().begin(), model.studies().end());
  return evaluation;
}

std::vector<std::string> Classification::check_answering(const AnyClassifier& any,
                                                         const Answering& answering) {
  if (any.heads() != nullptr) check_answering_of_heads(answering);
  if (!answering.threshold) return {};
  const TextClassifier& model = *any.one();
  if (model.multi_label())
    return {"threshold: a label from a probability of " + dump_json(Json(*answering.threshold)) + " on"};
  const std::vector<std::string>& names = model.class_names();
  if (names.size() != 2)
    fail(ErrorKind::option,
         "--threshold is for models of two classes; this one has " + std::to_string(names.size()));
  return {"threshold: " + quote(names[1]) + " from a probability of " +
          dump_json(Json(*answering.threshold)) + " on, else " + quote(names[0])};
}

std::vector<Answer> Classification::answer(const AnyClassifier& any, std::span<const std::string> lines,
                                           const Answering& answering) {
  if (any.heads() != nullptr) return answers_of_heads(*any.heads(), lines);
  const TextClassifier& model = *any.one();
  const std::vector<Prediction> predictions = model.predict(lines);
  std::vector<Answer> answers(lines.size());
  parallel_for(static_cast<std::int64_t>(lines.size()), 16, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      answers[i] = answer_of(model, lines[i], predictions[i], answering);
  });
  return answers;
}

std::vector<report::Section> Classification::sections(const AnyClassifier& any, const Parts& parts,
                                                      const Evaluation& evaluation) {
  if (any.heads() != nullptr) return sections_of_heads(*any.heads(), parts, evaluation);
  const TextClassifier& model = *any.one();
  std::vector<report::Section> sections;
  if (evaluation.examples > 0)
    sections.push_back({{"Scores on the test part", "测试集成绩"}, evaluation.blocks});
  else if (!model.studies().empty())
    sections.push_back({{"Studies", "补充实验"}, model.studies()});
  sections.push_back(data_section(model, parts.train));
  if (std::vector<report::Block> learned = classify::insights(model); !learned.empty())
    sections.push_back({{"Wide branch", "宽分支"}, std::move(learned)});
  return sections;
}

std::vector<Fact> Classification::facts(const AnyClassifier& any) {
  if (any.heads() != nullptr) return facts_of_heads(*any.heads());
  const TextClassifier& model = *any.one();
  std::vector<Fact> facts = model.has_network()
                                ? facts_of(model.model())
                                : std::vector<Fact>{fact_of(model.encoder()), fact_of(model.class_names())};
  if (model.wide() != nullptr) facts.push_back(wide_fact(model));
  for (Fact& fact : answer_facts(model))
    facts.push_back(std::move(fact));
  return facts;
}

std::vector<report::Block> Classification::insights(const AnyClassifier& model) {
  return model.one() == nullptr ? std::vector<report::Block>{} : classify::insights(*model.one());
}

std::vector<report::Block> Classification::explain(const AnyClassifier& model, std::string_view line) {
  if (model.one() == nullptr)
    fail(ErrorKind::usage,
         "a classifier with several heads cannot explain its answers; one with a wide branch can");
  return explanation(*model.one(), line);
}

}  // namespace rondo::classify
