// Sequential: prepare, fit and evaluate.
#include <optional>

#include "base/message.h"
#include "base/random.h"
#include "base/shown.h"
#include "model/compared.h"
#include "model/known_classes.h"
#include "model/objective.h"
#include "model/sequential_impl.h"
#include "train/metrics.h"

namespace rondo {
namespace {

/// Batches of evaluations: large enough to keep every thread busy, small enough for long texts.
constexpr data::BatchOptions evaluation_batches{.batch_size = 64};

/// A Sequential in the form that the Trainer needs, for one fit.
class Fit final : public Trainable {
 public:
  Fit(Sequential::Impl& model, const Dataset& train, const FitOptions& options)
      : model_(model),
        compiled_(*model.compiled),
        train_(train),
        class_weights_(class_weights(options, train)),
        batches_(model.batches(
            train, {.batch_size = options.batch_size, .bucket = options.bucket, .rows = options.batch_rows},
            options.seed)),
        sums_(model.metric_sums(train)) {
    if (!options.validation) return;
    validation_ = model.fitting(*options.validation);
    check_targets(compiled_, model.shapes.back(), *validation_);
    validation_batches_ = model.batches(*validation_, evaluation_batches, options.seed);
  }

  ParameterStore& parameters() override { return *model_.network->store(); }

  std::uint64_t fingerprint() const override {
    ContentHash hash;
    hash.text(compared_header(header())).number(train_.fingerprint());
    hash.number(validation_ ? validation_->fingerprint() : 0);
    for (const float weight : class_weights_)
      hash.text(fixed(static_cast<double>(weight), 6));
    return hash.digest();
  }

  std::size_t begin_epoch(std::int64_t epoch, std::size_t first) override {
    const data::Epoch plan = batches_.epoch(epoch);
    upcoming_.emplace(plan, first);
    sums_ = model_.metric_sums(train_);
    return plan.size();
  }

  BatchLoss next() override {
    const std::optional<data::Batch> batch = upcoming_->next();
    if (!batch) throw Bug("a batch was asked for after the last one of its epoch");
    const LayerStack& network = *model_.network;
    if (compiled_.metrics.empty()) return loss_of(compiled_, network, *batch, class_weights_);
    return measured(compiled_, network, *batch, class_weights_, sums_);
  }

  Scores scores() override {
    if (compiled_.metrics.empty()) return {};
    Scores scores = sums_.scores();
    scores.erase("loss");  // the Trainer knows it
    return scores;
  }
  std::string save_sums() const override { return sums_.save(); }
  void restore_sums(std::string_view saved) override { sums_.restore(saved); }

  Better better(std::string_view score) const override {
    for (const AnyMetric& metric : compiled_.metrics)
      if (metric.name() == score) return metric.better();
    return Trainable::better(score);
  }
  std::optional<std::vector<std::string>> score_names() const override {
    std::vector<std::string> names;
    for (const AnyMetric& metric : compiled_.metrics)
      names.push_back(metric.name());
    return names;
  }

  bool has_validation() const override { return validation_.has_value(); }
  std::optional<Scores> validate(const std::function<bool()>& stop) override {
    return model_.evaluate(*validation_, *validation_batches_, stop);
  }

  std::string header() const override { return to_text(model_.header()); }

 private:
  Sequential::Impl& model_;
  const CompileOptions& compiled_;
  Dataset train_;
  std::optional<Dataset> validation_;
  std::vector<float> class_weights_;
  data::Batches batches_;
  std::optional<data::Batches> validation_batches_;
  std::optional<data::Prefetch<data::Batch>> upcoming_;
  MetricSums sums_;
};

}  // namespace

Dataset Sequential::Impl::fitting(const Dataset& examples) const {
  if (examples.is_text() != takes_text())
    fail(ErrorKind::data, shapes.front().giver + " takes " + (takes_text() ? "texts" : "features") +
                              ", got data of " + (examples.is_text() ? "texts" : "features"));
  if (!takes_text() && examples.feature_count() != shapes.front().width)
    fail(ErrorKind::shape, shapes.front().giver + " takes " + std::to_string(shapes.front().width) +
                               " numbers per step, got data with " +
                               std::to_string(examples.feature_count()));
  return with_known_classes(examples, classes);
}

data::Batches Sequential::Impl::batches(const Dataset& examples, data::BatchOptions options,
                                        std::uint64_t seed) const {
  return takes_text() ? data::Batches(examples, *encoder, options, seed)
                      : data::Batches(examples, options, seed);
}

MetricSums Sequential::Impl::metric_sums(const Dataset& examples) const {
  return MetricSums(compiled->metrics, is_binary(*compiled, examples), threshold);
}

std::optional<Scores> Sequential::Impl::evaluate(const Dataset& examples, const data::Batches& batches_of,
                                                 const std::function<bool()>& stop) const {
  const InferenceMode constant;
  MetricSums sums = metric_sums(examples);
  data::Prefetch upcoming(batches_of.in_order());
  while (const std::optional<data::Batch> batch = upcoming.next()) {
    measured(*compiled, *network, *batch, {}, sums);
    if (stop && stop()) return std::nullopt;
  }
  return sums.scores();
}

void Sequential::prepare(const Dataset& train, std::uint64_t seed) {
  Impl& m = *impl_;
  if (m.network) return;
  const Dataset fitting = m.fitting(train);
  std::optional<TextEncoder> encoder;
  if (m.takes_text()) encoder = TextEncoder::learn(fitting, std::get<layers::Tokens>(m.layers.front()), seed);
  m.encoder = std::move(encoder);
  m.shapes = infer_shapes(m.layers, m.encoder ? m.encoder->vocab().size() : 0,
                          m.encoder ? m.encoder->bigram_count() : 0);
  m.network = m.build(m.layers, std::make_shared<ParameterStore>(seed));
  m.learn_to_say(fitting);
}

void Sequential::Impl::learn_to_say(const Dataset& examples) {
  if (target == examples.target()) return;
  target = examples.target();
  classes = examples.class_names();
}

History Sequential::fit(const Dataset& train, const FitOptions& options) {
  Impl& m = *impl_;
  m.learning("fit()");
  check(options);
  const Dataset fitting = m.fitting(train);
  check_targets(*m.compiled, m.shapes.back(), fitting);
  prepare(fitting, options.seed);
  m.learn_to_say(fitting);
  m.network->store()->read_all();
  m.set_weight_type(WeightType::f32);
  Fit run(m, fitting, options);
  const auto finish = [&] {
    m.record = training_record(m.before, *m.trainer);
    m.record.examples = static_cast<std::int64_t>(fitting.size());
    m.record.data = hexadecimal(fitting.fingerprint());
  };
  try {
    m.trainer->fit(run, options);
  } catch (...) {
    finish();
    throw;
  }
  finish();
  return m.trainer->history();
}

Scores Sequential::evaluate(const Dataset& test) const {
  impl_->live("evaluate()");
  impl_->learning("evaluate()");
  const Dataset fitting = impl_->fitting(test);
  check_targets(*impl_->compiled, impl_->shapes.back(), fitting);
  return *impl_->evaluate(fitting, impl_->batches(fitting, evaluation_batches, 1), {});
}

}  // namespace rondo
