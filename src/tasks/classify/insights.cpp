#include "tasks/classify/insights.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"

namespace rondo::classify {
namespace {

constexpr std::size_t most_ngrams = 10;

report::Entry number(float value) {
  return shortest_double(value);
}

/// Of several labels a text, each label's own probability.
std::vector<float> shares_of_branch(const TextClassifier& model, std::string_view text) {
  if (!model.multi_label()) return model.wide()->probabilities(text);
  std::vector<float> shares = model.wide()->scores(text);
  for (float& share : shares)
    share = static_cast<float>(1 / (1 + std::exp(-static_cast<double>(share))));
  return shares;
}

report::Table class_shares(const TextClassifier& model, std::string_view text) {
  report::Table table{.key = "probabilities",
                      .title = {"Probabilities", "概率"},
                      .columns = {{"label", {"label", "标签"}, Form::text}},
                      .rows = {}};
  std::vector<std::vector<float>> columns;
  const auto add = [&](const char* key, Words title, std::vector<float> shares) {
    table.columns.push_back({key, std::move(title), Form::share});
    columns.push_back(std::move(shares));
  };
  const Prediction all = model.predict(text);
  if (model.has_network()) add("network", {"network", "网络"}, model.model().predict(text).probabilities);
  add("wide", {"wide branch", "宽分支"}, shares_of_branch(model, text));
  add("probability", {"together", "合计"}, all.probabilities);
  for (const std::size_t c : all.ranking()) {
    table.rows.push_back({model.class_names()[c]});
    for (const std::vector<float>& shares : columns)
      table.rows.back().push_back(number(shares[c]));
  }
  return table;
}

}  // namespace

std::vector<report::Block> insights(const TextClassifier& model) {
  if (model.wide() == nullptr) return {};
  report::Table table{.key = "ngrams",
                      .title = {"N-grams that speak most for each label", "各标签最有力的 n 元组"},
                      .columns = {{"label", {"label", "标签"}, Form::text},
                                  {"ngram", {"n-gram", "n 元组"}, Form::text},
                                  {"weight", {"weight", "权重"}, Form::number}},
                      .rows = {},
                      .note = {"A weight is what the n-gram adds to the log-odds of the label.",
                               "权重是该 n 元组给这个标签的对数几率增加的量。"},
                      .shown = 300};
  for (std::size_t c = 0; c < model.class_names().size(); ++c)
    for (const NgramWeight& strong : model.wide()->strongest(c, most_ngrams))
      table.rows.push_back({model.class_names()[c], strong.ngram, number(strong.weight)});
  return {table};
}

std::vector<report::Block> explanation(const TextClassifier& model, std::string_view text) {
  if (model.wide() == nullptr)
    fail(ErrorKind::usage,
         "the model has no wide branch, so there are no n-grams to show; train one with "
         "'--wide on'");
  const WideClassifier& wide = *model.wide();
  const std::string label = model.predict(text).label;
  const auto c = static_cast<std::size_t>(
      std::find(model.class_names().begin(), model.class_names().end(), label) - model.class_names().begin());
  report::Table table{
      .key = "contributions",
      .title = {"What each n-gram adds for " + quote(label), "各 n 元组对“" + label + "”的贡献"},
      .columns = {{"ngram", {"n-gram", "n 元组"}, Form::text}, {"weight", {"weight", "权重"}, Form::number}},
      .rows = {}};
  for (const NgramWeight& part : wide.contributions(text, c))
    table.rows.push_back({part.ngram, number(part.weight)});
  table.footer = {Words{"without any n-gram", "无任何 n 元组时"}, number(wide.bias(c))};
  return {class_shares(model, text), table};
}

Fact wide_fact(const TextClassifier& model) {
  const WideClassifier& wide = *model.wide();
  const MixtureWeights weights = model.mixture();
  const auto kept = static_cast<std::int64_t>(wide.weights());
  const std::string by = fixed(static_cast<double>(weights.wide), 3);
  const std::string of_network = fixed(static_cast<double>(weights.network), 3);
  const bool both = model.has_network();
  return {"wide",
          {"wide", "宽分支"},
          {grouped(wide.ngrams()) + " n-grams, " + grouped(kept) +
               " weights; log p = " + (both ? of_network + " network + " : "") + by + " wide",
           "n 元组 " + grouped(wide.ngrams()) + "，权重 " + grouped(kept) +
               "；log p = " + (both ? of_network + " × 网络 + " : "") + by + " × 宽分支"},
          dump_json(Json{{"ngrams", wide.ngrams()},
                         {"weights", kept},
                         {"network_weight", json_number(static_cast<double>(weights.network))},
                         {"wide_weight", json_number(static_cast<double>(weights.wide))}})};
}

std::vector<Fact> answer_facts(const TextClassifier& model) {
  std::vector<Fact> facts;
  const auto number = [](float value) { return fixed(static_cast<double>(value), 3); };
  if (model.networks() > 1) {
    const std::string count = std::to_string(model.networks());
    facts.push_back({"networks",
                     {"networks", "网络数"},
                     {count + ", whose probabilities are averaged", count + "，概率取平均"},
                     count});
  }
  if (model.multi_label())
    facts.push_back(
        {"thresholds",
         {"labels", "标签"},
         {"any number a text, each from a threshold of its own on", "每条文本可有多个，各标签有自己的阈值"},
         dump_json(Json(model.thresholds()))});
  if (model.temperature() != 1)
    facts.push_back({"temperature",
                     {"temperature", "温度"},
                     {number(model.temperature()), number(model.temperature())},
                     dump_json(Json(shortest_double(model.temperature())))});
  if (model.certain_from() > 0)
    facts.push_back({"certain_from",
                     {"certain", "确定"},
                     {"answers with a probability of " + number(model.certain_from()) + " or more",
                      "概率不低于 " + number(model.certain_from()) + " 的回答"},
                     dump_json(Json(shortest_double(model.certain_from())))});
  return facts;
}

}  // namespace rondo::classify
