/// From probabilities to answers: what is fitted on the validation data for that.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include <rondo/description.h>
#include <rondo/tasks/classify.h>

namespace rondo::classify {

/// What a model's file says of its answers. Empty thresholds: one label a text.
struct AnswerSettings {
  float temperature = 1;
  float certain = 0;
  std::vector<float> thresholds = {};

  static constexpr auto fields() {
    using S = AnswerSettings;
    return std::tuple{
        field("temperature", &S::temperature, "by which log-probabilities are divided", 1e-3, 1e3),
        field("certain", &S::certain, "the probability from which an answer is certain", 0, 1),
        field("thresholds", &S::thresholds, "of each label", 0, 1)};
  }
  bool operator==(const AnswerSettings&) const = default;
};
static_assert(all_fields_listed<AnswerSettings>);

/// Divides the log-probabilities: softmax(log p / T), or, where each label answers by itself,
/// sigmoid(logit(p) / T).
void cool(std::span<float> probabilities, float temperature, bool multi_label);

/// Probabilities of texts and which of them were true: of one label a text, or of each label.
struct AnswerLesson {
  std::vector<std::vector<float>> probabilities;
  std::vector<std::vector<std::int32_t>> labels;  ///< of each text, ascending
  std::vector<float> costs = {};                  ///< what a text counts
  bool multi_label = false;
};

/// The temperature of the least log loss (Guo et al. 2017), drawn towards 1 where there are few texts.
float fitted_temperature(const AnswerLesson& lesson);

/// The lowest probability such that, of all answers that have it or more, the share `precision` or more is
/// right; 1 if there is none. `reached` says which.
float certain_from(const AnswerLesson& lesson, double precision, bool& reached);

/// A threshold for each label: that of the best F1, or, with a wanted precision, the lowest that reaches it.
/// A label of fewer than `few_texts` texts is given that of all labels together: its own would be chance.
constexpr std::int64_t few_texts = 10;
std::vector<float> fitted_thresholds(const AnswerLesson& lesson, double precision);

}  // namespace rondo::classify
