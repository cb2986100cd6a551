// What training can measure beside the model: cross validation and a learning curve.
#include <cmath>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/message.h"
#include "base/shown.h"
#include "tasks/classify/text_classifier.h"
#include "tasks/side_by_side.h"

namespace rondo {
namespace {

/// The scores that a study shows: shares that are headlines.
bool is_shown(const Score& score) {
  return score.headline && score.form == Form::share;
}

Evaluation evaluated(const TextClassifier& model, const Dataset& test) {
  return model.multi_label() ? model.evaluate_labels(test, 0).summary() : model.evaluate(test, 0).summary();
}

/// Options of one training of a study: nothing is measured beside it.
ClassifierOptions plain(ClassifierOptions options) {
  options.certainty.folds = 0;
  options.certainty.learning_curve = false;
  return options;
}

bool stopped(const TrainingRun& run) {
  return run.stop && run.stop();
}

/// "fold 2 of 5: accuracy 0.9123, macro_f1 0.9101"
void say(const TrainingRun& run, const std::string& what, const Evaluation& evaluation) {
  if (!run.notice) return;
  std::string line;
  for (const Score& score : evaluation.scores)
    if (is_shown(score)) line += (line.empty() ? "" : ", ") + score.name + " " + fixed(score.value, 4);
  run.notice(what + ": " + line);
}

/// The examples of `all` that are not in `part`, which is a part of it.
Dataset without(const Dataset& all, const Dataset& part) {
  std::unordered_set<std::size_t> places;
  for (std::size_t i = 0; i < part.size(); ++i)
    places.insert(part.place(i));
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!places.contains(all.place(i))) rest.push_back(i);
  return all.select(rest);
}

struct Fold {
  Dataset learn, valid, test;
};

std::vector<Fold> cut_into_folds(const Dataset& data, int count, std::uint64_t seed) {
  std::vector<Fold> folds;
  Dataset left = data;
  for (int more = count - 1; more >= 0; --more) {
    const std::array<Dataset, 3> parts = left.split(more, 0, 1, seed);
    const Dataset& test = more == 0 ? left : parts[2];
    if (test.empty())
      fail(ErrorKind::data, "fold " + std::to_string(folds.size() + 1) +
                                " has no texts; equal texts stay together, "
                                "so give fewer folds or more texts");
    const std::array<Dataset, 3> learn = without(data, test).split(0.9, 0.1, 0, seed);
    folds.push_back({learn[0], learn[1], test});
    left = parts[0];
  }
  return folds;
}

/// Columns of the shown scores behind those of a study.
void add_columns(report::Table& table, const Evaluation& evaluation) {
  for (const Score& score : evaluation.scores)
    if (is_shown(score)) table.columns.push_back({score.name, score.title, score.form});
}

void add_scores(std::vector<report::Entry>& row, const Evaluation& evaluation) {
  for (const Score& score : evaluation.scores)
    if (is_shown(score)) row.emplace_back(score.value);
}

}  // namespace

CrossValidation TextClassifier::cross_validate(const Dataset& data, int folds, ClassifierOptions options,
                                               const TrainingRun& run) {
  if (folds < 2 || folds > 100 || static_cast<std::size_t>(folds) > data.size())
    fail(ErrorKind::option, "folds must be from 2 to 100 and to the number of texts (" +
                                std::to_string(data.size()) + "), got " + std::to_string(folds));
  const std::vector<Fold> parts = cut_into_folds(data, folds, options.training.seed);
  const TrainingRun own{.stop = once_for_all(run.stop)};
  std::vector<std::optional<Evaluation>> measured(parts.size());
  std::mutex mutex;
  std::size_t said = 0;
  run_side_by_side(parts.size(), [&](std::size_t i) {
    if (own.stop()) return;
    const TextClassifier model = train(parts[i].learn, parts[i].valid, plain(options), own);
    if (model.interrupted()) return;
    Evaluation evaluation = evaluated(model, parts[i].test);
    const std::lock_guard lock(mutex);
    measured[i] = std::move(evaluation);
    for (; said < measured.size() && measured[said]; ++said)  // in order, whichever ends first
      say(run, "fold " + std::to_string(said + 1) + " of " + std::to_string(folds), *measured[said]);
  });
  CrossValidation result;
  for (std::optional<Evaluation>& fold : measured)
    if (fold) result.folds.push_back(std::move(*fold));
  return result;
}

LearningCurve TextClassifier::learning_curve(const Dataset& train, const Dataset& valid, const Dataset& test,
                                             ClassifierOptions options, const TrainingRun& run) {
  LearningCurve curve;
  for (const double share : {0.1, 0.25, 0.5}) {
    if (stopped(run)) break;
    const Dataset part = train.split(share, 1 - share, 0, options.training.seed)[0];
    const TextClassifier model = TextClassifier::train(part, valid, plain(options), {.stop = run.stop});
    if (model.interrupted()) break;
    curve.points.push_back({share, static_cast<std::int64_t>(part.size()), evaluated(model, test)});
    say(run, "on " + fixed(100 * share, 0) + " % of the training texts", curve.points.back().evaluation);
  }
  return curve;
}

std::vector<CrossValidation::Spread> CrossValidation::spreads() const {
  std::vector<Spread> all;
  if (folds.empty()) return all;
  const auto n = static_cast<double>(folds.size());
  for (const Score& score : folds.front().scores) {
    Spread& spread = all.emplace_back(Spread{.name = score.name});
    for (const Evaluation& fold : folds) {
      const Score* const found = fold.find(score.name);
      spread.mean += (found == nullptr ? 0 : found->value) / n;
    }
    for (const Evaluation& fold : folds) {
      const Score* const found = fold.find(score.name);
      const double off = (found == nullptr ? 0 : found->value) - spread.mean;
      spread.deviation += off * off / std::max(n - 1, 1.0);
    }
    spread.deviation = std::sqrt(spread.deviation);
  }
  return all;
}

report::Table CrossValidation::table() const {
  report::Table table{
      .key = "folds",
      .title = {"Cross validation on the training data", "训练数据上的交叉验证"},
      .columns = {{"fold", {"fold", "折"}, Form::text}, {"examples", {"texts", "文本数"}, Form::count}},
      .note = {"Each part was held out once; the spread is the standard deviation.",
               "每一折轮流留作测试；离散度为标准差。"},
      .headline = true};
  if (folds.empty()) return table;
  add_columns(table, folds.front());
  std::int64_t texts = 0;
  for (std::size_t i = 0; i < folds.size(); ++i) {
    table.rows.push_back({std::to_string(i + 1), folds[i].examples});
    add_scores(table.rows.back(), folds[i]);
    texts += folds[i].examples;
  }
  std::vector<report::Entry> mean = {Words{"mean", "平均"}, texts},
                             spread = {Words{"spread", "离散度"}, texts};
  const std::vector<Spread> all = spreads();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!is_shown(folds.front().scores[i])) continue;
    mean.emplace_back(all[i].mean);
    spread.emplace_back(all[i].deviation);
  }
  table.rows.push_back(std::move(mean));
  table.rows.push_back(std::move(spread));
  return table;
}

report::Table LearningCurve::table() const {
  report::Table table{.key = "learning_curve",
                      .title = {"Learning curve", "学习曲线"},
                      .columns = {{"share", {"of the training data", "训练数据占比"}, Form::share},
                                  {"examples", {"texts", "文本数"}, Form::count}},
                      .note = {"Scores on the same held-out texts.", "在同一批留出文本上的成绩。"},
                      .headline = true};
  if (points.empty()) return table;
  add_columns(table, points.front().evaluation);
  for (const Point& point : points) {
    table.rows.push_back({point.share, point.examples});
    add_scores(table.rows.back(), point.evaluation);
  }
  return table;
}

}  // namespace rondo
