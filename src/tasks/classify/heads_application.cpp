#include "tasks/classify/heads_application.h"

#include <utility>

#include "base/message.h"
#include "base/shown.h"
#include "tasks/classify/application.h"
#include "tasks/facts.h"
#include "tasks/reading_record.h"

namespace rondo::classify {
namespace {

constexpr const char *heads_key = "heads", *text_key = "text";

std::string record_of(const data::LabelColumns& read) {
  Json heads = Json::array();
  for (const data::LabelColumn& column : read.columns)
    heads.push_back(Json{{"name", column.name}, {"classes", column.classes}});
  return dump_json(Json{{text_key, read.text}, {heads_key, std::move(heads)}});
}

/// How many texts have each label of a column.
report::Bars labels_of_column(const Dataset& train, const data::LabelColumn& column, std::size_t number) {
  report::Bars bars{.title = {"Texts per label of " + column.name, column.name + "：每个标签的文本数"},
                    .bars = {}};
  std::vector<double> counts(column.classes.size());
  for (std::size_t i = 0; i < train.size(); ++i) {
    const auto label = static_cast<std::ptrdiff_t>(train.values(i).at(static_cast<std::int64_t>(number)));
    if (label >= 0) counts[static_cast<std::size_t>(label)] += 1;
  }
  for (std::size_t c = 0; c < counts.size(); ++c)
    bars.bars.emplace_back(column.classes[c], counts[c]);
  return bars;
}

}  // namespace

std::vector<data::LabelColumn> columns_in(const Parts& parts) {
  const Json record = parse_reading(parts.reading);
  std::vector<data::LabelColumn> columns;
  if (!record.is_object() || !record.contains(heads_key)) return columns;
  for (const Json& head : record[heads_key])
    columns.push_back(
        {head.at("name").get<std::string>(), head.at("classes").get<std::vector<std::string>>()});
  return columns;
}

std::string text_column_in(const std::string& record) {
  const Json json = parse_reading(record);
  return json.is_object() && json.contains(text_key) && json[text_key].is_string()
             ? json[text_key].get<std::string>()
             : std::string();
}

Parts read_heads(const std::vector<std::filesystem::path>& files, const Reading& reading,
                 const std::vector<data::LabelColumn>& like, const std::string& text) {
  data::LabelColumns read = data::read_label_columns(files, reading.labels, reading.columns, like, text);
  Parts parts{.train = std::move(read.train), .valid = std::move(read.valid), .test = std::move(read.test)};
  parts.reading = record_of(read);
  parts.notices = std::move(read.notices);
  if (!like.empty() && !reading.columns.split_column.empty())
    parts.train = reading.columns.test_value.empty() ? parts.valid : parts.test;
  return parts;
}

Dataset read_more_heads(const std::filesystem::path& file, const Reading& reading, Parts& parts) {
  Reading whole = reading;
  whole.columns.split_column = whole.columns.test_value = whole.columns.valid_value = std::string();
  Parts more = read_heads({file}, whole, columns_in(parts), text_column_in(parts.reading));
  for (std::string& notice : more.notices)
    parts.notices.push_back(std::move(notice));
  return std::move(more.train);
}

void check_answering_of_heads(const Answering& answering) {
  const std::pair<const char*, bool> given[] = {{"--top", answering.top.has_value()},
                                                {"--threshold", answering.threshold.has_value()},
                                                {"--output fasttext", answering.output != Output::tsv}};
  for (const auto& [name, is_given] : given)
    if (is_given)
      fail(ErrorKind::option, std::string(name) +
                                  " is for models of one column of labels; this one has "
                                  "several heads; --json has all probabilities");
}

std::vector<Answer> answers_of_heads(const MultiTaskClassifier& model, std::span<const std::string> lines) {
  std::vector<Answer> answers;
  const auto all = model.predict(lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Answer& answer = answers.emplace_back();
    Json heads = Json::object();
    for (std::size_t k = 0; k < all[i].size(); ++k) {
      const Prediction& p = all[i][k];
      const auto& [name, classes] = model.columns()[k];
      answer.text += one_line(p.label) + "\t" + fixed(static_cast<double>(p.probability), 4) + "\t";
      Json shares = Json::object();
      for (const std::size_t c : p.ranking())
        shares[classes[c]] = shortest_double(p.probabilities[c]);
      heads[name] = {{"label", p.label},
                     {"probability", shortest_double(p.probability)},
                     {"probabilities", std::move(shares)}};
    }
    answer.text += one_line(lines[i]);
    answer.json = dump_json(Json{{"text", lines[i]}, {"labels", std::move(heads)}});
  }
  return answers;
}

std::vector<report::Section> sections_of_heads(const MultiTaskClassifier& model, const Parts& parts,
                                               const Evaluation& evaluation) {
  std::vector<report::Section> sections;
  if (evaluation.examples > 0)
    sections.push_back({{"Scores on the test part", "测试集成绩"}, evaluation.blocks});
  report::Section data{{"Training data", "训练数据"}, {}};
  for (std::size_t k = 0; k < model.columns().size(); ++k)
    data.blocks.emplace_back(labels_of_column(parts.train, model.columns()[k], k));
  sections.push_back(std::move(data));
  return sections;
}

std::vector<Fact> facts_of_heads(const MultiTaskClassifier& model) {
  std::vector<Fact> facts = {fact_of(model.encoder())};
  for (const data::LabelColumn& column : model.columns()) {
    Fact fact = fact_of(column.classes);
    fact.key = column.name + "." + fact.key;
    fact.title = {column.name + ": " + fact.title.en, column.name + "：" + fact.title.in(true)};
    facts.push_back(std::move(fact));
  }
  return facts;
}

}  // namespace rondo::classify
