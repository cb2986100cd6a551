// A text classifier from inside: its probabilities as it reads, and what the network does meanwhile.
#include "tasks/inspect/look.h"

#include <algorithm>
#include <cmath>

#include "base/message.h"
#include "inspect/sequential.h"
#include "tasks/classify/insights.h"
#include "tasks/inspect/looks.h"

namespace rondo::classify {
namespace {

using inspect::TokenText;

/// Curves of more classes cannot be told apart.
constexpr std::size_t most_curves = 5;

report::Table answer_table(const Prediction& answer, const std::vector<std::string>& classes) {
  report::Table table{.key = "probabilities",
                      .title = {"Probabilities", "概率"},
                      .columns = {{"label", {"label", "标签"}, Form::text},
                                  {"probability", {"probability", "概率"}, Form::share}},
                      .shown = 20};
  for (const std::size_t c : answer.ranking())
    table.rows.push_back({classes[c], static_cast<double>(answer.probabilities[c])});
  return table;
}

/// The probabilities after each token, of the classes that come first in the end.
inspect::Curves as_it_reads(const Sequential& network, const TokenText& text,
                            const std::vector<std::size_t>& ranking) {
  std::vector<EncodedText> beginnings;
  for (std::size_t count = 1; count <= text.texts.size(); ++count)
    beginnings.push_back(inspect::beginning(text, count));
  const std::vector<std::vector<double>> seen = inspect::outputs_of(network, beginnings);
  report::Lines lines{.title = {"Probability as it reads", "逐词阅读时的概率"},
                      .x_title = {"tokens read", "已读词元数"},
                      .lines = {}};
  for (std::size_t i = 0; i < std::min(ranking.size(), most_curves); ++i) {
    std::vector<float> curve;
    for (const std::vector<double>& outputs : seen)
      curve.push_back(static_cast<float>(outputs.at(ranking[i])));
    lines.lines.emplace_back(Words{network.class_names()[ranking[i]], {}}, std::move(curve));
  }
  return {"as_it_reads", std::move(lines)};
}

/// ln P of a class for every variant of the text.
std::vector<double> log_probabilities(const Sequential& network, const TokenText& text, std::size_t c,
                                      EncodedText (*edit)(const Sequential&, const TokenText&, std::size_t)) {
  std::vector<EncodedText> edited;
  for (std::size_t i = 0; i < text.texts.size(); ++i)
    edited.push_back(edit(network, text, i));
  std::vector<double> all;
  for (const std::vector<double>& outputs : inspect::outputs_of(network, edited))
    all.push_back(std::log(std::max(outputs.at(c), 1e-300)));
  return all;
}

inspect::Section explained(const TextClassifier& model, std::string_view line) {
  inspect::Section section{{"Wide branch", "宽分支"}};
  for (const report::Block& block : explanation(model, line))
    if (const auto* const table = std::get_if<report::Table>(&block)) section.blocks.emplace_back(*table);
  return section;
}

}  // namespace

std::vector<inspect::Section> look(const TextClassifier& model, std::string_view line, std::size_t most) {
  if (!model.has_network()) return {explained(model, line)};
  const Sequential& network = model.model();
  const TokenText text = inspect::read_text(network, line, most);
  const std::size_t c = network.predict(line).ranking(1).front();
  inspect::Subject subject{.tokens = text.texts,
                           .value = {"ln P(" + model.class_names()[c] + ")", {}},
                           .score = [&] { return inspect::explained(network, text.numbers); },
                           .without = log_probabilities(network, text, c, &inspect::without),
                           .replaced = log_probabilities(network, text, c, &inspect::with_unknown)};
  const Prediction answer = model.predict(line);
  inspect::Section first{{"Answer", "答案"}, {as_it_reads(network, text, answer.ranking())}};
  if (model.wide() == nullptr)
    first.blocks.insert(first.blocks.begin(), answer_table(answer, model.class_names()));
  std::vector<inspect::Section> sections = {std::move(first)};
  for (inspect::Section& section : inspect::look_into(subject, network.weights()))
    sections.push_back(std::move(section));
  if (model.wide() != nullptr) sections.push_back(explained(model, line));
  return sections;
}

}  // namespace rondo::classify
