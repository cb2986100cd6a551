#include "train/metrics.h"

#include <algorithm>
#include <cmath>
#include <ostream>

#include <rondo/error.h>

#include "base/message.h"
#include "base/shown.h"

namespace rondo {
namespace {

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::size_t index(int row, int column, int width) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column);
}

/// The sums behind a metric.
enum class Sums { loss, right, confusion, errors };
Sums sums_for(Metric metric) {
  switch (metric) {
    case Metric::loss:
    case Metric::perplexity:
      return Sums::loss;
    case Metric::accuracy:
    case Metric::micro_f1:
      return Sums::right;
    case Metric::precision:
    case Metric::recall:
    case Metric::f1:
      return Sums::confusion;
    case Metric::mae:
    case Metric::mse:
      return Sums::errors;
  }
  throw Bug("sums_for: no such metric");
}

bool counts_classes(Metric metric) {
  return sums_for(metric) == Sums::right || sums_for(metric) == Sums::confusion;
}

/// With more classes, a matrix of all pairs takes too much memory.
constexpr int most_confusion_classes = 4096;

/// The mean of a function's values over the batches, weighted by their examples.
class MeanOfBatches final : public MetricSum {
 public:
  explicit MeanOfBatches(AnyMetric::Function function) : function_(std::move(function)) {}
  void add(const Tensor& outputs, const data::Batch& batch) override {
    mean_.add(function_(outputs, batch), static_cast<double>(batch.examples.size()));
  }
  double value() const override { return mean_.value(); }
  std::string save() const override { return dump_json(to_json(mean_)); }
  void restore(std::string_view saved) override {
    mean_ = mean_from(parse_json(saved, {.name = "the sum of a metric"}), "the sum of a metric");
  }

 private:
  AnyMetric::Function function_;
  Mean mean_;
};

/// Empty for a metric that is known by name.
std::unique_ptr<MetricSum> sum_of(const AnyMetric& metric) {
  if (metric.known()) return nullptr;
  if (metric.sum()) return metric.sum()();
  return std::make_unique<MeanOfBatches>(metric.function());
}

}  // namespace

Json to_json(const Mean& mean) {
  return Json{json_number(mean.sum), json_number(mean.weight)};
}

Mean mean_from(const Json& json, std::string_view where) {
  if (!json.is_array() || json.size() != 2)
    fail(ErrorKind::format,
         std::string(where) + ": wanted a sum and its weight, got " + std::string(type_in_words(json)));
  return {number_from(json[0], where), number_from(json[1], where)};
}

Metric metric_of(std::string_view name) {
  std::vector<std::string> known;
  for (const std::string_view each : names_of(Metric{})) {
    if (each == name) return static_cast<Metric>(known.size());
    known.emplace_back(each);
  }
  fail(ErrorKind::option, "no metric is called " + quote(name) + "; known: " + enumerate(known, "and") +
                              suggestion(name, known));
}

Better better_of(Metric metric) {
  switch (metric) {
    case Metric::loss:
    case Metric::perplexity:
    case Metric::mae:
    case Metric::mse:
      return Better::lower;
    case Metric::accuracy:
    case Metric::precision:
    case Metric::recall:
    case Metric::f1:
    case Metric::micro_f1:
      return Better::higher;
  }
  throw Bug("better_of: no such metric");
}

std::ostream& operator<<(std::ostream& out, const Scores& scores) {
  const char* between = "";
  for (const auto& score : scores) {
    out << between << score.first << ' ' << fixed(static_cast<double>(score.second), 4);
    between = "  ";
  }
  return out;
}

Confusion::Confusion(int classes)
    : classes_(classes), counts_(static_cast<std::size_t>(classes) * static_cast<std::size_t>(classes), 0) {}

Confusion::Confusion(int classes, std::vector<std::int64_t> counts) : Confusion(classes) {
  if (counts.size() != counts_.size())
    fail(ErrorKind::format, "a confusion matrix of " + std::to_string(classes) + " classes has " +
                                std::to_string(counts.size()) + " counts");
  counts_ = std::move(counts);
}

void Confusion::add(std::int32_t truth, std::int32_t predicted) {
  if (truth < 0 || truth >= classes_ || predicted < 0 || predicted >= classes_)
    throw Bug("Confusion: class " + std::to_string(std::max(truth, predicted)) + " of " +
              std::to_string(classes_));
  ++counts_[index(truth, predicted, classes_)];
}

std::int64_t Confusion::count(int truth, int predicted) const {
  return counts_.at(index(truth, predicted, classes_));
}

std::int64_t Confusion::total() const noexcept {
  std::int64_t sum = 0;
  for (const std::int64_t count : counts_)
    sum += count;
  return sum;
}

std::int64_t Confusion::support(int truth) const {
  std::int64_t sum = 0;
  for (int i = 0; i < classes_; ++i)
    sum += count(truth, i);
  return sum;
}

std::int64_t Confusion::predicted(int as) const {
  std::int64_t sum = 0;
  for (int i = 0; i < classes_; ++i)
    sum += count(i, as);
  return sum;
}

double Confusion::accuracy() const {
  std::int64_t right = 0;
  for (int i = 0; i < classes_; ++i)
    right += count(i, i);
  return share(right, total());
}

double Confusion::precision(int of) const {
  return share(count(of, of), predicted(of));
}
double Confusion::recall(int of) const {
  return share(count(of, of), support(of));
}
double Confusion::f1(int of) const {
  return share(2 * count(of, of), support(of) + predicted(of));
}

template <class F>
double Confusion::mean_over_classes(F&& score) const {
  Mean mean;
  for (int i = 0; i < classes_; ++i)
    if (support(i) + predicted(i) > 0) mean.add(score(i));
  return mean.value();
}

double Confusion::macro_precision() const {
  return mean_over_classes([this](int i) { return precision(i); });
}
double Confusion::macro_recall() const {
  return mean_over_classes([this](int i) { return recall(i); });
}
double Confusion::macro_f1() const {
  return mean_over_classes([this](int i) { return f1(i); });
}
double Confusion::micro_f1() const {
  return accuracy();
}

std::vector<std::int32_t> predicted_classes(const Tensor& outputs, float threshold) {
  const std::int64_t rows = outputs.rows(), columns = outputs.columns();
  std::vector<std::int32_t> classes(static_cast<std::size_t>(rows), 0);
  for (std::int64_t row = 0; row < rows; ++row) {
    std::int32_t& best = classes[static_cast<std::size_t>(row)];
    if (columns == 1) best = outputs.at(row) >= static_cast<double>(threshold) ? 1 : 0;
    for (std::int64_t c = 1; c < columns; ++c)
      if (outputs.at(row * columns + c) > outputs.at(row * columns + best))
        best = static_cast<std::int32_t>(c);
  }
  return classes;
}

MetricSums::MetricSums(std::vector<AnyMetric> metrics, bool binary, float threshold)
    : metrics_(std::move(metrics)), binary_(binary), threshold_(threshold) {
  for (const AnyMetric& metric : metrics_) {
    own_.push_back(sum_of(metric));
    if (!metric.known()) continue;
    needs_confusion_ |= sums_for(*metric.known()) == Sums::confusion;
    needs_classes_ |= counts_classes(*metric.known());
    needs_errors_ |= sums_for(*metric.known()) == Sums::errors;
  }
}

void MetricSums::decide(std::int32_t truth, std::int32_t said) {
  right_.add(truth == said ? 1 : 0);
  if (needs_confusion_) confusion_.add(truth, said);
}

void MetricSums::add_classes(std::span<const std::int32_t> said, int classes, const Tensor& labels) {
  classes = std::max(2, classes);
  if (needs_confusion_ && classes > most_confusion_classes)
    fail(ErrorKind::usage, "precision, recall and f1 are for up to " +
                               std::to_string(most_confusion_classes) + " classes, the model has " +
                               std::to_string(classes) + "; use accuracy or perplexity");
  if (needs_confusion_ && confusion_.classes() == 0) confusion_ = Confusion(classes);
  const std::span<const std::int32_t> truth = labels.data<std::int32_t>();
  if (truth.size() != said.size()) throw Bug("MetricSums: outputs and labels of different numbers of rows");
  for (std::size_t i = 0; i < said.size(); ++i)
    decide(truth[i], said[i]);
}

void MetricSums::add_values(const Tensor& outputs, const Tensor& values) {
  if (outputs.size() != values.size()) throw Bug("MetricSums: outputs and values of different sizes");
  if (needs_confusion_ && confusion_.classes() == 0) confusion_ = Confusion(2);
  for (std::int64_t i = 0; i < values.size(); ++i) {
    const double error = outputs.at(i) - values.at(i);
    absolute_.add(std::abs(error));
    squared_.add(error * error);
    if (needs_classes_)
      decide(values.at(i) > 0.5 ? 1 : 0, outputs.at(i) >= static_cast<double>(threshold_) ? 1 : 0);
  }
}

void MetricSums::check_targets(bool labelled) const {
  for (const AnyMetric& metric : metrics_) {
    if (!metric.known()) continue;
    if (sums_for(*metric.known()) == Sums::errors && labelled)
      fail(ErrorKind::usage, "metric " + quote(metric.name()) +
                                 " compares numbers, but the data have labels; use accuracy or f1");
    if (counts_classes(*metric.known()) && !labelled && !binary_)
      fail(ErrorKind::usage,
           "metric " + quote(metric.name()) + " counts classes, but the data have numbers; use mae or mse");
  }
}

void MetricSums::add(const Tensor& outputs, const data::Batch& batch, double loss, double weight) {
  const bool labelled = !batch.labels.empty();
  check_targets(labelled);
  loss_.add(loss, weight);
  if (labelled && needs_classes_)
    add_classes(predicted_classes(outputs, threshold_), static_cast<int>(outputs.columns()), batch.labels);
  if (!labelled && (needs_errors_ || needs_classes_)) add_values(outputs, batch.values);
  for (const auto& own : own_)
    if (own) own->add(outputs, batch);
}

bool MetricSums::needs_outputs() const noexcept {
  return needs_errors_ ||
         std::any_of(own_.begin(), own_.end(), [](const auto& own) { return own != nullptr; });
}

void MetricSums::add(std::span<const std::int32_t> said, int classes, const data::Batch& batch, double loss,
                     double weight) {
  check_targets(true);
  loss_.add(loss, weight);
  if (needs_classes_) add_classes(said, classes, batch.labels);
}

double MetricSums::value(Metric metric) const {
  switch (metric) {
    case Metric::loss:
      return loss_.value();
    case Metric::accuracy:
    case Metric::micro_f1:
      return right_.value();
    case Metric::precision:
      return second() ? confusion_.precision(1) : confusion_.macro_precision();
    case Metric::recall:
      return second() ? confusion_.recall(1) : confusion_.macro_recall();
    case Metric::f1:
      return second() ? confusion_.f1(1) : confusion_.macro_f1();
    case Metric::perplexity:
      return std::exp(loss_.value());
    case Metric::mae:
      return absolute_.value();
    case Metric::mse:
      return squared_.value();
  }
  throw Bug("MetricSums: no such metric");
}

Scores MetricSums::scores() const {
  Scores scores;
  scores["loss"] = static_cast<float>(loss_.value());
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    const AnyMetric& metric = metrics_[i];
    scores[metric.name()] = static_cast<float>(metric.known() ? value(*metric.known()) : own_[i]->value());
  }
  return scores;
}

std::string MetricSums::save() const {
  Json means = Json::array(), own = Json::array();
  for (const Mean* const mean : {&loss_, &right_, &absolute_, &squared_})
    means.push_back(to_json(*mean));
  for (const auto& sum : own_)
    own.push_back(sum ? sum->save() : std::string());
  return dump_json(Json{{"classes", confusion_.classes()},
                        {"counts", confusion_.counts()},
                        {"means", std::move(means)},
                        {"own", std::move(own)}});
}

void MetricSums::restore(std::string_view saved) {
  const Json json = parse_json(saved, {.name = "the sums of the metrics"});
  try {
    const auto counts = json.at("counts").get<std::vector<std::int64_t>>();
    const auto own = json.at("own").get<std::vector<std::string>>();
    const Json& means = json.at("means");
    if (own.size() != own_.size())
      fail(ErrorKind::format, "the sums of the metrics are those of other metrics");
    confusion_ = Confusion(json.at("classes").get<int>(), counts);
    std::size_t place = 0;
    for (Mean* const mean : {&loss_, &right_, &absolute_, &squared_})
      *mean = mean_from(means.at(place++), "the sums of the metrics");
    for (std::size_t i = 0; i < own.size(); ++i)
      if (own_[i]) own_[i]->restore(own[i]);
  } catch (const Json::exception& error) {
    fail(ErrorKind::format, std::string("the sums of the metrics are damaged: ") + error.what());
  }
}

}  // namespace rondo
