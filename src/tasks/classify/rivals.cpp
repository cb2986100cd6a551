// What a text classifier and its parts are worth on the same texts, beside the simplest classifiers.
#include <algorithm>

#include "runtime/parallel.h"
#include "tasks/classify/text_classifier.h"
#include "train/metrics.h"

namespace rondo {
namespace {

using Rival = ClassifierEvaluation::Rival;
using Answers = std::vector<std::int32_t>;

Rival scored(std::string key, Words name, const Dataset& data, const Answers& answers) {
  Confusion confusion(static_cast<int>(data.class_names().size()));
  for (std::size_t i = 0; i < answers.size(); ++i)
    confusion.add(data.label(i), answers[i]);
  return {std::move(name), std::move(key), confusion.accuracy(), confusion.macro_f1()};
}

/// The largest of each row, the first of equal ones.
std::int32_t largest(std::span<const float> values) {
  return static_cast<std::int32_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

Answers naive_bayes_answers(const wide::NaiveBayes& model, const TextEncoder& encoder,
                            std::span<const std::string> texts) {
  Answers answers(texts.size());
  parallel_for(static_cast<std::int64_t>(texts.size()), 32, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      answers[i] = model.predict(encoder.encode(texts[i]).tokens);
  });
  return answers;
}

}  // namespace

std::vector<Rival> rivals_of(const TextClassifier::Impl& model, const Dataset& data,
                             std::span<const std::string> texts, std::span<const Prediction> of_network,
                             std::span<const std::vector<float>> scores, const ClassifierEvaluation& both) {
  std::vector<Rival> rivals;
  if (model.baselines) {
    const Baselines& known = *model.baselines;
    rivals.push_back(
        scored("majority", {"commonest class", "最多的类别"}, data, Answers(texts.size(), known.commonest)));
    const TextEncoder encoder = model.network ? model.network->encoder().uncut() : model.wide->encoder();
    if (known.naive_bayes)
      rivals.push_back(scored("naive_bayes", {"naive Bayes", "朴素贝叶斯"}, data,
                              naive_bayes_answers(*known.naive_bayes, encoder, texts)));
  }
  Answers answers(texts.size());
  if (model.wide) {
    std::transform(scores.begin(), scores.end(), answers.begin(), largest);
    rivals.push_back(scored("wide", {"wide branch alone", "仅宽分支"}, data, answers));
  }
  if (model.network) {
    std::transform(of_network.begin(), of_network.end(), answers.begin(), [&](const Prediction& prediction) {
      return static_cast<std::int32_t>(
          std::find(model.classes().begin(), model.classes().end(), prediction.label) -
          model.classes().begin());
    });
    rivals.push_back(scored("network", {"network alone", "仅网络"}, data, answers));
  }
  if (model.wide && model.network)
    rivals.push_back({{"both", "两者结合"}, "both", both.accuracy, both.macro_f1});
  return rivals;
}

}  // namespace rondo
