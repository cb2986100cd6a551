#include "tasks/classify/answers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "wide/mixture.h"

namespace rondo::classify {
namespace {

double logit(float probability) {
  constexpr double edge = 1e-30;
  const double p = static_cast<double>(probability);
  return std::log(std::max(p, edge)) - std::log(std::max(1 - p, edge));
}

/// Answers of one label or of all, by falling probability.
struct Ranked {
  std::vector<std::pair<float, bool>> answers;  ///< and whether they are right
  std::int64_t right = 0;

  void add(float probability, bool is_right) {
    answers.emplace_back(probability, is_right);
    right += is_right ? 1 : 0;
  }
  void sort() {
    std::sort(answers.begin(), answers.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  }
  /// Calls f(place, right so far) at the last of equal probabilities, from the highest on.
  template <class F>
  void at_borders(F&& f) const {
    std::int64_t so_far = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      so_far += answers[i].second ? 1 : 0;
      if (i + 1 == answers.size() || answers[i + 1].first < answers[i].first) f(i, so_far);
    }
  }
  /// Between an answer and the next one, so that rounding does not decide.
  float below(std::size_t place) const {
    const float here = answers[place].first;
    return place + 1 == answers.size() ? here : here - (here - answers[place + 1].first) / 2;
  }
};

float best_f1(const Ranked& ranked) {
  double best = 0;
  float threshold = 0.5F;
  ranked.at_borders([&](std::size_t place, std::int64_t so_far) {
    const double f1 = 2.0 * static_cast<double>(so_far) /
                      static_cast<double>(static_cast<std::int64_t>(place) + 1 + ranked.right);
    if (f1 <= best) return;
    best = f1;
    threshold = ranked.below(place);
  });
  return threshold;
}

/// The lowest that reaches the precision; 1 if none does.
float lowest_of_precision(const Ranked& ranked, double precision, bool& reached) {
  float threshold = 1;
  reached = false;
  ranked.at_borders([&](std::size_t place, std::int64_t so_far) {
    if (static_cast<double>(so_far) < precision * static_cast<double>(place + 1)) return;
    threshold = ranked.below(place);
    reached = true;
  });
  return threshold;
}

float chosen(Ranked& ranked, double precision) {
  ranked.sort();
  bool reached = false;
  return precision > 0 ? lowest_of_precision(ranked, precision, reached) : best_f1(ranked);
}

/// log p as the score of a branch: log_sigmoid(logit(p)) is log p.
void add_row(wide::MixtureLesson& to, std::span<const float> probabilities, std::int32_t label, float cost) {
  std::vector<float>& row = to.scores.emplace_back();
  for (const float p : probabilities)
    row.push_back(static_cast<float>(logit(p)));
  to.labels.push_back(label);
  to.costs.push_back(cost);
}

}  // namespace

void cool(std::span<float> probabilities, float temperature, bool multi_label) {
  if (temperature == 1) return;
  const double t = static_cast<double>(temperature);
  if (multi_label) {
    for (float& p : probabilities)
      p = static_cast<float>(1 / (1 + std::exp(-logit(p) / t)));
    return;
  }
  double largest = -std::numeric_limits<double>::infinity(), sum = 0;
  const auto share = [&](float p) {
    return std::log(static_cast<double>(std::max(p, std::numeric_limits<float>::min()))) / t;
  };
  for (const float p : probabilities)
    largest = std::max(largest, share(p));
  for (const float p : probabilities)
    sum += std::exp(share(p) - largest);
  for (float& p : probabilities)
    p = static_cast<float>(std::exp(share(p) - largest) / sum);
}

float fitted_temperature(const AnswerLesson& lesson) {
  wide::MixtureLesson rows;
  for (std::size_t i = 0; i < lesson.probabilities.size(); ++i) {
    const std::vector<float>& of_text = lesson.probabilities[i];
    const float cost = lesson.costs.empty() ? 1.0F : lesson.costs[i];
    if (!lesson.multi_label) {
      add_row(rows, of_text, lesson.labels[i].front(), cost);
      continue;
    }
    for (std::size_t c = 0; c < of_text.size(); ++c) {
      const std::array<float, 2> both = {1 - of_text[c], of_text[c]};
      add_row(
          rows, both,
          std::binary_search(lesson.labels[i].begin(), lesson.labels[i].end(), static_cast<std::int32_t>(c))
              ? 1
              : 0,
          cost);
    }
  }
  const MixtureWeights weights = wide::fitted_weights(rows, {.network = 0, .wide = 1});
  return std::clamp(1 / std::max(weights.wide, 1e-3F), 1e-3F, 1e3F);
}

float certain_from(const AnswerLesson& lesson, double precision, bool& reached) {
  Ranked ranked;
  for (std::size_t i = 0; i < lesson.probabilities.size(); ++i) {
    const std::vector<float>& of_text = lesson.probabilities[i];
    const auto best = std::max_element(of_text.begin(), of_text.end());
    ranked.add(*best, best - of_text.begin() == lesson.labels[i].front());
  }
  ranked.sort();
  return lowest_of_precision(ranked, precision, reached);
}

std::vector<float> fitted_thresholds(const AnswerLesson& lesson, double precision) {
  const std::size_t classes = lesson.probabilities.empty() ? 0 : lesson.probabilities.front().size();
  Ranked all;
  std::vector<Ranked> of_label(classes);
  for (std::size_t i = 0; i < lesson.probabilities.size(); ++i)
    for (std::size_t c = 0; c < classes; ++c) {
      const bool right =
          std::binary_search(lesson.labels[i].begin(), lesson.labels[i].end(), static_cast<std::int32_t>(c));
      all.add(lesson.probabilities[i][c], right);
      of_label[c].add(lesson.probabilities[i][c], right);
    }
  const float common = chosen(all, precision);
  std::vector<float> thresholds;
  for (Ranked& ranked : of_label)
    thresholds.push_back(ranked.right < few_texts ? common : chosen(ranked, precision));
  return thresholds;
}

}  // namespace rondo::classify
