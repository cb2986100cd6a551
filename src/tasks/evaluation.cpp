#include "tasks/evaluation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <rondo/tasks.h>

#include "base/json.h"
#include "train/metrics.h"

namespace rondo {
namespace {

std::vector<Evaluation::PerClass> per_class(const Confusion& confusion,
                                            const std::vector<std::string>& names) {
  std::vector<Evaluation::PerClass> classes;
  for (int i = 0; i < confusion.classes(); ++i)
    classes.push_back({.name = names[static_cast<std::size_t>(i)],
                       .precision = confusion.precision(i),
                       .recall = confusion.recall(i),
                       .f1 = confusion.f1(i),
                       .support = confusion.support(i)});
  return classes;
}

std::vector<std::vector<std::int64_t>> rows_of(const Confusion& confusion) {
  const auto classes = static_cast<std::size_t>(confusion.classes());
  std::vector<std::vector<std::int64_t>> rows(classes, std::vector<std::int64_t>(classes));
  for (std::size_t truth = 0; truth < classes; ++truth)
    for (std::size_t said = 0; said < classes; ++said)
      rows[truth][said] = confusion.count(static_cast<int>(truth), static_cast<int>(said));
  return rows;
}

/// The surest wrong answers, ties by their place in the data.
std::vector<Evaluation::Mistake> worst_mistakes(const Dataset& data, std::span<const Prediction> predictions,
                                                const std::vector<std::string>& names, std::size_t count) {
  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < predictions.size(); ++i)
    if (predictions[i].label != names[static_cast<std::size_t>(data.label(i))]) wrong.push_back(i);
  std::stable_sort(wrong.begin(), wrong.end(), [&](std::size_t a, std::size_t b) {
    return predictions[a].probability > predictions[b].probability;
  });
  if (wrong.size() > count) wrong.resize(count);
  std::vector<Evaluation::Mistake> mistakes;
  for (const std::size_t i : wrong)
    mistakes.push_back({.example = i,
                        .text = data.text(i),
                        .label = names[static_cast<std::size_t>(data.label(i))],
                        .predicted = predictions[i].label,
                        .probability = predictions[i].probability});
  return mistakes;
}

}  // namespace

Evaluation evaluate_predictions(const Dataset& data, std::span<const Prediction> predictions,
                                const std::vector<std::string>& names, int worst) {
  Confusion confusion(static_cast<int>(names.size()));
  Mean loss;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const std::int32_t truth = data.label(i);
    const auto said = std::find(names.begin(), names.end(), predictions[i].label) - names.begin();
    confusion.add(truth, static_cast<std::int32_t>(said));
    const double share = predictions[i].probabilities.at(static_cast<std::size_t>(truth));
    loss.add(-std::log(std::max(share, 1e-12)));
  }
  return {.examples = confusion.total(),
          .loss = loss.value(),
          .accuracy = confusion.accuracy(),
          .macro_precision = confusion.macro_precision(),
          .macro_recall = confusion.macro_recall(),
          .macro_f1 = confusion.macro_f1(),
          .micro_f1 = confusion.micro_f1(),
          .classes = per_class(confusion, names),
          .confusion = rows_of(confusion),
          .worst = worst_mistakes(data, predictions, names, static_cast<std::size_t>(std::max(worst, 0)))};
}

std::string Evaluation::to_json() const {
  // Of no examples there is no score.
  const auto score = [this](double value) { return examples > 0 ? Json(value) : Json(); };
  Json json = {{"examples", examples},
               {"loss", score(loss)},
               {"accuracy", score(accuracy)},
               {"macro_precision", score(macro_precision)},
               {"macro_recall", score(macro_recall)},
               {"macro_f1", score(macro_f1)},
               {"micro_f1", score(micro_f1)},
               {"confusion", confusion},
               {"classes", Json::array()},
               {"worst", Json::array()}};
  for (const PerClass& c : classes)
    json["classes"].push_back({{"name", c.name},
                               {"precision", c.precision},
                               {"recall", c.recall},
                               {"f1", c.f1},
                               {"support", c.support}});
  for (const Mistake& m : worst)
    json["worst"].push_back({{"example", m.example},
                             {"text", m.text},
                             {"label", m.label},
                             {"predicted", m.predicted},
                             {"probability", m.probability}});
  return dump_json(json);
}

}  // namespace rondo
