#include "model/network_fit.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/json.h"
#include "base/message.h"
#include "base/random.h"
#include "model/compared.h"
#include "train/metrics.h"

namespace rondo {
namespace {

std::string state_name(std::size_t part) {
  return "state." + std::to_string(part);
}

}  // namespace

void check(const MetricRules& metrics) {
  std::set<std::string> names = {"loss", "learning_rate"};
  for (const detail::MetricRule& metric : metrics)
    if (metric.name.empty() || !names.insert(metric.name).second)
      fail(ErrorKind::option, "a metric needs a name of its own, got " + quote(metric.name) +
                                  (metric.name.empty() ? "" : ", which there is already"));
}

NetworkSums::NetworkSums(const MetricRules& metrics, bool in_training) {
  for (const detail::MetricRule& metric : metrics)
    if (metric.in_training || !in_training) metrics_.push_back(&metric);
  sums_.resize(metrics_.size());
}

void NetworkSums::add(const std::vector<std::vector<double>>& of_batch) {
  for (std::size_t m = 0; m < metrics_.size(); ++m) {
    std::vector<double>& sums = sums_[m];
    const std::vector<double>& more = of_batch.at(m);
    if (sums.empty()) sums.resize(more.size());
    if (more.size() != sums.size() || (!metrics_[m]->score && more.size() != 2))
      fail(ErrorKind::usage, "metric " + quote(metrics_[m]->name) + " gave " + std::to_string(more.size()) +
                                 " sums, wanted " + std::to_string(metrics_[m]->score ? sums.size() : 2) +
                                 (metrics_[m]->score ? " as before" : "; give it a score of its own"));
    for (std::size_t i = 0; i < more.size(); ++i)
      sums[i] += more[i];
  }
}

Scores NetworkSums::scores() const {
  Scores scores;
  for (std::size_t m = 0; m < metrics_.size(); ++m) {
    const std::vector<double>& sums = sums_[m];
    if (sums.empty()) continue;
    const double score =
        metrics_[m]->score ? metrics_[m]->score(sums) : Mean{.sum = sums[0], .weight = sums[1]}.value();
    scores[metrics_[m]->name] = static_cast<float>(score);
  }
  return scores;
}

std::string NetworkSums::save() const {
  Json all = Json::array();
  for (const std::vector<double>& sums : sums_) {
    Json numbers = Json::array();
    for (const double sum : sums)
      numbers.push_back(json_number(sum));
    all.push_back(std::move(numbers));
  }
  return dump_json(all);
}

void NetworkSums::restore(std::string_view saved) {
  const Json all = parse_json(saved, {.name = "the sums of the metrics"});
  if (!all.is_array() || all.size() != sums_.size())
    fail(ErrorKind::format, "the sums of the metrics are those of other metrics");
  for (std::size_t m = 0; m < sums_.size(); ++m) {
    sums_[m].clear();
    for (const Json& number : all[m])
      sums_[m].push_back(number_from(number, "the sums of the metrics"));
  }
}

std::optional<Scores> scores_of(detail::Pass& pass, const MetricRules& metrics,
                                const std::function<bool()>& stop) {
  const InferenceMode constant;
  NetworkSums sums(metrics, false);
  Mean loss;
  const std::size_t count = pass.begin(-1);
  for (std::size_t i = 0; i < count; ++i) {
    const BatchLoss of_batch = pass.loss(i);
    if (of_batch.weight > 0) loss.add(of_batch.loss.value().at(0), of_batch.weight);
    if (!sums.empty()) sums.add(pass.sums(false));
    if (stop && stop()) return std::nullopt;
  }
  Scores scores = sums.scores();
  scores["loss"] = static_cast<float>(loss.value());
  return scores;
}

NetworkFit::NetworkFit(ParameterStore& store, const MetricRules& metrics, std::unique_ptr<detail::Pass> train,
                       std::unique_ptr<detail::Pass> validation, std::string header)
    : store_(store),
      metrics_(metrics),
      train_(std::move(train)),
      validation_(std::move(validation)),
      header_(std::move(header)),
      sums_(metrics, true) {}

std::uint64_t NetworkFit::fingerprint() const {
  ContentHash hash;
  hash.text(compared_header(header_))
      .number(train_->fingerprint())
      .number(validation_ != nullptr ? validation_->fingerprint() : 0);
  for (const detail::MetricRule& metric : metrics_)
    if (metric.in_training) hash.text(metric.name);
  return hash.digest();
}

std::size_t NetworkFit::begin_epoch(std::int64_t epoch, std::size_t first) {
  sums_ = NetworkSums(metrics_, true);
  next_ = first;
  batches_ = train_->begin(epoch);
  return batches_;
}

BatchLoss NetworkFit::next() {
  BatchLoss loss = train_->loss(next_++);
  if (!sums_.empty()) {
    const Paused constant;
    sums_.add(train_->sums(true));
  }
  return loss;
}

void NetworkFit::restore_sums(std::string_view saved) {
  if (!sums_.empty()) sums_.restore(saved);
}

std::optional<Scores> NetworkFit::validate(const std::function<bool()>& stop) {
  return scores_of(*validation_, metrics_, stop);
}

Better NetworkFit::better(std::string_view score) const {
  const auto found = std::find_if(metrics_.begin(), metrics_.end(),
                                  [&](const detail::MetricRule& metric) { return metric.name == score; });
  return found == metrics_.end() ? Trainable::better(score) : found->better;
}

std::optional<std::vector<std::string>> NetworkFit::score_names() const {
  std::vector<std::string> names;
  for (const detail::MetricRule& metric : metrics_)
    names.push_back(metric.name);
  return names;
}

NamedTensors NetworkFit::carried() const {
  NamedTensors tensors;
  const State& state = train_->carried();
  for (std::size_t i = 0; next_ < batches_ && i < state.size(); ++i)
    tensors.emplace_back(state_name(i), state[i].value());
  return tensors;
}

void NetworkFit::carry(const NamedTensors& carried) {
  std::vector<Var> parts;
  for (std::size_t i = 0; i < carried.size(); ++i) {
    const auto found = std::find_if(carried.begin(), carried.end(),
                                    [&](const auto& tensor) { return tensor.first == state_name(i); });
    if (found == carried.end())
      fail(ErrorKind::format, "what the network carried from batch to batch has no " + quote(state_name(i)));
    parts.emplace_back(found->second);
  }
  train_->carry(State(std::move(parts)));
}

}  // namespace rondo
