#include "tasks/classify/heads_network.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "autograd/visit.h"
#include "base/json.h"
#include "base/message.h"
#include "tasks/options/network.h"

namespace rondo::classify {
namespace {

constexpr const char *encoder_key = "text_encoder", *columns_key = "heads";

layers::Embedding table_of(const TextEncoder& encoder, const NetworkOptions& options) {
  layers::Embedding table = embedding_of(options);
  table.vocab = encoder.vocab().size();
  return table;
}

nn::RecurrentLayers recurrent_layers(const Scope& in, int input, const NetworkOptions& options) {
  return std::visit(
      [&](const auto& layer) -> nn::RecurrentLayers {
        if constexpr (requires { nn::RecurrentLayers(in, input, layer); })
          return nn::RecurrentLayers(in, input, layer);
        else
          throw Bug("a recurrent layer was expected");
      },
      recurrent_layer_of(options));
}

[[noreturn]] void refuse(const std::string& what) {
  fail(ErrorKind::format, "the network's input " + what);
}

}  // namespace

data::Batches HeadsInput::batches(const Dataset& examples, data::BatchOptions options,
                                  std::uint64_t seed) const {
  if (examples.target() != Target::none &&
      (examples.target() != Target::values || examples.value_count() != std::ssize(columns)))
    fail(ErrorKind::data, "a classifier of " + std::to_string(columns.size()) +
                              " heads takes texts with a label for each; read them with "
                              "data::read_label_columns");
  return data::Batches(examples, encoder, options, seed);
}

std::string HeadsInput::to_json() const {
  Json heads = Json::array();
  for (const data::LabelColumn& column : columns)
    heads.push_back(Json{{"name", column.name}, {"classes", column.classes}});
  return dump_json(Json{{encoder_key, encoder.to_json()}, {columns_key, std::move(heads)}});
}

HeadsInput HeadsInput::from_json(std::string_view text) {
  const Json json = parse_json(text, {.name = "the network's input"});
  if (!json.is_object() || !json.contains(encoder_key) || !json[encoder_key].is_string())
    refuse("has no text encoder");
  if (!json.contains(columns_key) || !json[columns_key].is_array() || json[columns_key].empty())
    refuse("has no list 'heads'");
  HeadsInput input{.encoder = TextEncoder::from_json(json[encoder_key].get<std::string>()), .columns = {}};
  for (const Json& head : json[columns_key]) {
    if (!head.is_object() || !head.contains("name") || !head["name"].is_string() ||
        !head.contains("classes") || !head["classes"].is_array())
      refuse("has a head without a name or without classes");
    data::LabelColumn column{.name = head["name"].get<std::string>(), .classes = {}};
    for (const Json& name : head["classes"]) {
      if (!name.is_string()) refuse("has a class name that is not text");
      column.classes.push_back(name.get<std::string>());
    }
    if (column.classes.size() < 2) refuse("has a head of fewer than two classes");
    input.columns.push_back(std::move(column));
  }
  return input;
}

HeadsNet::HeadsNet(const Scope& in, const HeadsInput& input, const ClassifierOptions& o)
    : classes_(o.classes),
      weights_(o.label_weights),
      embedding_(in / "embedding", table_of(input.encoder, o.network), input.encoder.bigram_count()),
      below_(in / "dropout", {.rate = o.network.dropout, .per_word = o.network.dropout_per_word}),
      above_(in / "dropout_2", {.rate = o.network.dropout}),
      encoder_(recurrent_layers(in / std::string(name_of(o.network.cell)), embedding_.features(), o.network)),
      pooling_({.over_time = o.pooling}) {
  if (weights_.empty()) weights_.assign(input.columns.size(), 1);
  if (weights_.size() != input.columns.size())
    fail(ErrorKind::format, "the options have " + std::to_string(weights_.size()) + " label_weights for " +
                                std::to_string(input.columns.size()) + " heads");
  const int width = encoder_.features() * static_cast<int>(o.pooling.size());
  for (std::size_t k = 0; k < input.columns.size(); ++k)
    heads_.emplace_back(in / ("head_" + std::to_string(k + 1)), width,
                        layers::Dense{.units = static_cast<int>(input.columns[k].classes.size())});
}

Var HeadsNet::rows(const data::Batch& batch) const {
  return above_(pooling_(encoder_(below_(embedding_(batch.ids)))));
}

std::vector<Var> HeadsNet::outputs(const data::Batch& batch) const {
  const Var shared = rows(batch);
  std::vector<Var> logits;
  for (const nn::Dense& head : heads_)
    logits.push_back(head.logits(shared));
  return logits;
}

HeadTargets head_targets(const data::Batch& batch, std::size_t column, DType type) {
  const std::int64_t count = batch.values.rows(), columns = batch.values.columns();
  HeadTargets targets{.labels = Tensor::zeros({count}, DType::i32), .weights = Tensor::zeros({count}, type)};
  std::int32_t* const labels = targets.labels.data<std::int32_t>().data();
  visit_float(type, "labels", [&]<class T>() {
    T* const weights = targets.weights.data<T>().data();
    for (std::int64_t i = 0; i < count; ++i) {
      const auto label =
          static_cast<std::int32_t>(batch.values.at(i * columns + static_cast<std::int64_t>(column)));
      if (label < 0) continue;
      labels[i] = label;
      weights[i] = 1;
      ++targets.known;
    }
  });
  return targets;
}

BatchLoss HeadsNet::loss(const data::Batch& batch) const {
  const std::vector<Var> logits = outputs(batch);
  const auto texts = static_cast<double>(batch.values.rows());
  Var sum(Tensor::zeros({}, logits.front().dtype()));
  bool any = false;
  for (std::size_t k = 0; k < logits.size(); ++k) {
    const HeadTargets t = head_targets(batch, k, logits[k].dtype());
    if (t.known == 0 || weights_[k] == 0) continue;
    any = true;
    const Var loss =
        classes_.loss == ClassifierLoss::focal
            ? focal(logits[k], t.labels, {.gamma = classes_.focal_gamma, .sample_weights = t.weights})
            : cross_entropy(logits[k], t.labels,
                            {.label_smoothing = classes_.label_smoothing, .sample_weights = t.weights});
    // Per text, so that neither losses nor gradients depend on which texts share a batch.
    const double share = weights_[k] * static_cast<double>(t.known) / texts;
    sum = sum + loss * Var(Tensor::full({}, share, loss.dtype()));
  }
  return {.loss = sum, .weight = any ? texts : 0};
}

std::vector<std::vector<std::vector<float>>> HeadsNet::predict(const data::Batch& batch) const {
  std::vector<std::vector<std::vector<float>>> answers(batch.examples.size());
  for (const Var& logits : outputs(batch)) {
    const Tensor shares = softmax(logits).value().to(DType::f32);
    const std::span<const float> all = shares.data<float>();
    const auto classes = static_cast<std::size_t>(shares.columns());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto row = all.subspan(i * classes, classes);
      answers[i].emplace_back(row.begin(), row.end());
    }
  }
  return answers;
}

}  // namespace rondo::classify
