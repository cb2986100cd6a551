// Memory of models with many classes: what a metric asks for must not bring the logits of all rows into
// being.
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/random.h"
#include "runtime/buffers.h"

namespace rondo::test {
namespace {

constexpr std::int64_t steps = 120;
constexpr int sequences = 4, classes = 4000, units = 8;
/// Bytes of the logits of all rows of a batch.
constexpr std::size_t logits = std::size_t{4} * steps * sequences * classes;

/// Sequences of a class a step, of which each is the class of some step.
Dataset many_classes() {
  Random random(1);
  Examples examples;
  for (int i = 0; i < classes; ++i)
    examples.class_names.push_back("c" + std::to_string(10 * classes + i));
  for (int i = 0; i < sequences; ++i) {
    examples.features.push_back(Tensor::full({steps, 3}, 0.1 * i));
    Tensor labels = Tensor::zeros({steps}, DType::i32);
    for (std::int32_t& label : labels.data<std::int32_t>())
      label = static_cast<std::int32_t>(random.below(classes));
    examples.step_labels.push_back(labels);
  }
  return Dataset(std::move(examples));
}

Sequential tagger(std::vector<AnyMetric> metrics) {
  Sequential model{layers::Input{.features = 3}, layers::GRU{.units = units, .return_sequences = true},
                   layers::Dense{.units = classes, .activation = Activation::softmax}};
  model.compile({.optimizer = optim::SGD{.learning_rate = 0.1F},
                 .loss = Loss::categorical_cross_entropy,
                 .metrics = std::move(metrics)});
  model.prepare(many_classes());
  return model;
}

/// The most that `call` has in buffers at once.
template <class Call>
std::size_t peak_of(const Call& call) {
  const std::size_t before = buffer_statistics().in_use;
  restart_buffer_peak();
  call();
  return buffer_statistics().peak - before;
}

TEST(ManyClasses, AnEvaluationKeepsNoLogits) {
  const Dataset data = many_classes();
  for (const std::vector<AnyMetric>& metrics : {std::vector<AnyMetric>{},
                                                {Metric::accuracy},
                                                {Metric::accuracy, Metric::perplexity, Metric::micro_f1}}) {
    const Sequential model = tagger(metrics);
    EXPECT_LT(peak_of([&] { model.evaluate(data); }), logits / 3);
  }
}

TEST(ManyClasses, TrainingWithAMetricKeepsWhatItKeepsWithout) {
  // Each thread that takes part has a piece of the logits of its own, and a busy machine may keep it from
  // that.
  Runtime runtime({.threads = 1, .isa = {}});
  const Runtime::Use use(runtime);
  const Dataset data = many_classes();
  Sequential without = tagger({}), with = tagger({Metric::accuracy});
  const auto fit = [&](Sequential& model) {
    return peak_of([&] { model.fit(data, {.epochs = 2, .batch_size = sequences}); });
  };
  const std::size_t wanted = fit(without), got = fit(with);
  EXPECT_GT(wanted, logits) << "of the logits one matrix is kept for the gradient";
  EXPECT_EQ(got, wanted);
}

}  // namespace
}  // namespace rondo::test
