/// A small network on made-up data for the tests of training: a sparse embedding, an LSTM, dropout and a
/// linear layer that tell sequences of three classes apart.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/ops.h>
#include <rondo/train.h>

#include "base/random.h"
#include "train/metrics.h"

namespace rondo::test {

class TinyModel final : public Trainable {
 public:
  static constexpr int classes = 3, words = 12, width = 4, units = 5;

  explicit TinyModel(int batches = 4, int batch_size = 6, std::uint64_t data_seed = 5)
      : batches_(batches), batch_size_(batch_size), data_seed_(data_seed) {
    const Scope root(store_);
    table_ = (root / "embedding").parameter("weight", {words, width}, {.kind = Initializer::uniform}, true);
    const Scope lstm = root / "lstm";
    weights_.weight_ih = lstm.parameter("weight_ih_l0", {4 * units, width}, {.blocks = 4});
    weights_.weight_hh =
        lstm.parameter("weight_hh_l0", {4 * units, units}, {.kind = Initializer::orthogonal, .blocks = 4});
    weights_.bias_ih = lstm.parameter("bias_ih_l0", {4 * units}, {.kind = Initializer::zeros});
    weights_.bias_hh = lstm.parameter("bias_hh_l0", {4 * units}, {.kind = Initializer::zeros});
    weight_ = (root / "dense").parameter("weight", {classes, units});
    bias_ = (root / "dense").parameter("bias", {classes}, {.kind = Initializer::zeros});
  }

  ParameterStore& parameters() override { return *store_; }
  std::uint64_t fingerprint() const override { return mix(data_seed_, static_cast<std::uint64_t>(batches_)); }
  std::size_t begin_epoch(std::int64_t epoch, std::size_t first) override {
    epoch_ = epoch;
    next_ = first;
    sums_ = MetricSums(metrics, false);
    return static_cast<std::size_t>(batches_);
  }
  BatchLoss next() override {
    const std::uint64_t order = random_block(data_seed_, 1, static_cast<std::uint64_t>(epoch_))[0];
    const std::uint64_t number = (next_++ + order) % static_cast<std::uint64_t>(batches_);
    if (number == poison) {
      store_->find("dense.weight")->leaf->value.data<float>()[0] = std::numeric_limits<float>::infinity();
    }
    return loss_of(number);
  }
  Scores scores() override {
    Scores scores = sums_.scores();
    scores.erase("loss");
    return scores;
  }
  std::string save_sums() const override { return sums_.save(); }
  void restore_sums(std::string_view saved) override { sums_.restore(saved); }
  bool has_validation() const override { return validation; }
  std::optional<Scores> validate(const std::function<bool()>& stop) override {
    if (score) return score(static_cast<int>(epoch_));
    MetricSums sums(metrics, false);
    for (std::uint64_t number = 100; number < 102; ++number) {
      add(sums, number);
      if (stop && stop()) return std::nullopt;
    }
    return sums.scores();
  }
  Better better(std::string_view name) const override {
    for (const AnyMetric& metric : metrics)
      if (metric.name() == name) return metric.better();
    return Trainable::better(name);
  }
  std::optional<std::vector<std::string>> score_names() const override { return names; }
  std::string header() const override { return "tiny"; }

  /// All weights as bytes.
  std::string bytes() const {
    std::string all;
    for (const Parameter& parameter : store_->parameters()) {
      const auto values = std::as_const(parameter.leaf->value).data<float>();
      all.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    }
    return all;
  }

  std::vector<AnyMetric> metrics{Metric::accuracy};
  std::optional<std::vector<std::string>> names;  // what score_names() says
  bool validation = false;
  std::function<Scores(int epoch)> score;    // instead of the real validation
  std::uint64_t poison = ~std::uint64_t{0};  // this batch breaks a weight

 private:
  struct Made {
    Ids ids;
    Tensor labels;
  };
  Made make(std::uint64_t number) const {
    Random random(data_seed_, 100 + number);
    std::vector<std::vector<std::int32_t>> texts;
    std::vector<std::int32_t> labels;
    for (int i = 0; i < batch_size_; ++i) {
      const auto label = static_cast<std::int32_t>(random.below(classes));
      std::vector<std::int32_t> text(1 + random.below(5));
      for (std::int32_t& word : text)
        word = static_cast<std::int32_t>(random.below(8)) + (random.below(2) == 0 ? label : 0);
      texts.push_back(std::move(text));
      labels.push_back(label);
    }
    Made made{Ids::pack(texts), {}};
    std::vector<std::int32_t> packed;
    for (const std::int32_t from : made.ids.layout()->order())
      packed.push_back(labels[static_cast<std::size_t>(from)]);
    made.labels = Tensor::of<std::int32_t>({static_cast<std::int64_t>(packed.size())}, packed);
    return made;
  }
  Var logits(const Ids& ids) const {
    const Sequences x(dropout(embedding(table_, ids.tokens()), 0.2F, 11), ids.layout());
    const RecurrentResult result = recurrent(Cell::lstm, x, std::span(&weights_, 1));
    return linear(dropout(result.h, 0.3F, 12), weight_, bias_);
  }
  BatchLoss loss_of(std::uint64_t number) {
    const Made made = make(number);
    const Var out = logits(made.ids);
    const Var loss = cross_entropy(out, made.labels);
    data::Batch batch;
    batch.labels = made.labels;
    batch.examples.resize(static_cast<std::size_t>(batch_size_));
    sums_.add(out.value(), batch, loss.value().at(0), batch_size_);
    return {.loss = loss, .weight = static_cast<double>(batch_size_), .rows = made.ids.rows()};
  }
  void add(MetricSums& sums, std::uint64_t number) const {
    const Made made = make(number);
    const Var out = logits(made.ids);
    data::Batch batch;
    batch.labels = made.labels;
    sums.add(out.value(), batch, cross_entropy(out, made.labels).value().at(0), batch_size_);
  }

  std::shared_ptr<ParameterStore> store_ = std::make_shared<ParameterStore>(3);
  Var table_, weight_, bias_;
  RecurrentWeights weights_;
  int batches_, batch_size_;
  std::uint64_t data_seed_;
  std::int64_t epoch_ = 0;
  std::size_t next_ = 0;
  MetricSums sums_{{Metric::accuracy}, false};
};

/// Options with a bit of everything whose state must survive a resumed fit.
inline FitOptions eventful(int epochs = 3) {
  return {.epochs = epochs,
          .schedule = schedule::ReduceOnPlateau{.monitor = "loss", .min_delta = 0.05F, .warmup_steps = 3},
          .clip_norm = 1,
          .groups = {{.prefix = "dense", .learning_rate = 2}},
          .seed = 9};
}

}  // namespace rondo::test
