#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/files.h"
#include "support/checks.h"
#include "support/expect_error.h"
#include "support/models.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

using test::expect_error;
namespace support = testing_support;

enum class Reading { forward, both };
constexpr std::array<std::string_view, 2> names_of(Reading) {
  return {"forward", "both"};
}

/// Every kind of option once, though it needs few.
struct Net {
  using Input = data::Texts;
  struct Options {
    Required<int> dim;
    float scale = 0.1F;
    bool bias = true;
    Reading reading = Reading::forward;
    std::string note = "none";
    static constexpr auto fields() {
      return std::tuple{field("dim", &Options::dim, "numbers per token", 1, 64),
                        field("scale", &Options::scale, "of first values", 0, 1),
                        field("bias", &Options::bias, "add one"), field("reading", &Options::reading, "how"),
                        field("note", &Options::note, "anything")};
    }
  };

  Options options;
  nn::Embedding embed;
  nn::LSTM read;
  nn::Dense label;

  Net(const Scope& in, const Input& input, const Options& o)
      : options(o),
        embed(in / "embed", {.dim = o.dim, .vocab = input.encoder.vocab().size(), .init_scale = o.scale}),
        read(in / "read", o.dim, {.units = 4, .bidirectional = o.reading == Reading::both, .bias = o.bias}),
        label(in / "label", read.features(), {.units = static_cast<int>(input.classes.size())}) {}
  Var operator()(const Ids& ids) const { return label(read.last(embed(ids))); }
  Var loss(const data::Batch& batch) const { return cross_entropy((*this)(batch.ids), batch.labels); }
};

static_assert(all_fields_listed<Net::Options>);

Model<Net> small_net(const Dataset& train) {
  Model<Net> model(data::Texts::learn(train),
                   {.dim = 5, .scale = 0.2F, .reading = Reading::both, .note = "x"});
  model.compile(optim::Adam{.learning_rate = 0.02F});
  return model;
}

TEST(Model, TrainsANetworkOfOnesOwn) {
  const Dataset train = support::small_reviews();
  Model<Net> model = small_net(train);
  const History history = model.fit(train, {.epochs = 10, .batch_size = 8, .validation = train});
  EXPECT_LT(history["loss"].back(), 0.3F * history["loss"].front());
  EXPECT_FLOAT_EQ(model.evaluate(train).at("loss"), history["val_loss"].back());
}

/// What each step of a fit reported.
struct StepLog {
  std::vector<StepReport>* steps;
  struct Observer final : Callback {
    explicit Observer(std::vector<StepReport>* to) : steps(to) {}
    void on_step(const StepReport& report) override { steps->push_back(report); }
    std::vector<StepReport>* steps;
  };
  std::unique_ptr<Callback> start() const { return std::make_unique<Observer>(steps); }
};

TEST(Model, ReportsItsProgress) {
  const Dataset train = support::small_reviews();
  std::vector<StepReport> steps;
  small_net(train).fit(train, {.epochs = 2, .batch_size = 16, .callbacks = {StepLog{&steps}}});
  ASSERT_EQ(steps.size(), 8U);
  EXPECT_EQ(steps.back().batches, 4U);
  for (const StepReport& step : steps)
    EXPECT_GT(step.rows_per_second, 0);
}

TEST(Model, StopsWithinAValidation) {
  const Dataset train = support::small_reviews();
  Model<Net> model = small_net(train);
  int asked = 0;
  const FitOptions options{
      .epochs = 2, .batch_size = 16, .validation = train, .stop = [&] { return ++asked == 6; }};
  EXPECT_EQ(model.fit(train, options).epochs(), 0) << "4 steps, then the second batch of validation";
  EXPECT_EQ(asked, 6);
}

TEST(Model, SaveAndLoadBringAllBack) {
  const test::TemporaryFolder folder;
  const Dataset train = support::small_reviews();
  Model<Net> model = small_net(train);
  model.fit(train, {.epochs = 1});
  model.save(folder / "m.rondo");
  const Model<Net> again = Model<Net>::load(folder / "m.rondo");
  EXPECT_EQ(again->options.dim, 5);
  EXPECT_EQ(again->options.scale, 0.2F);
  EXPECT_EQ(again->options.reading, Reading::both);
  EXPECT_EQ(again->options.note, "x");
  EXPECT_EQ(again.input().classes, train.class_names());
  EXPECT_EQ(again.evaluate(train), model.evaluate(train));
  again.save(folder / "again.rondo");
  EXPECT_EQ(read_file(folder / "again.rondo"), read_file(folder / "m.rondo"));
}

TEST(Model, RefusesWhatIsNotItsFile) {
  const test::TemporaryFolder folder;
  support::small_classifier().save(folder / "s.rondo");
  expect_error(
      ErrorKind::format, [&] { Model<Net>::load(folder / "s.rondo"); }, "not 'network'");
  const Dataset train = support::small_reviews();
  small_net(train).save(folder / "m.rondo");
  expect_error(
      ErrorKind::format, [&] { load(folder / "m.rondo"); }, "not 'sequential'");
}

/// The same with another set of options: what a changed program makes of an old file.
struct Narrowed : Net {
  struct Options {
    int dim = 1;
    static constexpr auto fields() { return std::tuple{field("dim", &Options::dim, "")}; }
  };
  Narrowed(const Scope& in, const Input& input, const Options& o) : Net(in, input, {.dim = o.dim}) {}
};

struct Widened : Net {
  struct Options {
    Net::Options old;
    int extra = 7;
    static constexpr auto fields() {
      return std::tuple{group(&Options::old, "Net"), field("extra", &Options::extra, "")};
    }
  };
  Widened(const Scope& in, const Input& input, const Options& o) : Net(in, input, o.old), extra(o.extra) {}
  int extra;
};

TEST(Model, NamesAnOptionOfTheFileThatItDoesNotKnow) {
  const test::TemporaryFolder folder;
  small_net(support::small_reviews()).save(folder / "m.rondo");
  expect_error(
      ErrorKind::format, [&] { Model<Narrowed>::load(folder / "m.rondo"); }, "m.rondo", "scale is not known");
}

TEST(Model, AnOptionThatTheFileLacksHasItsDefault) {
  const test::TemporaryFolder folder;
  small_net(support::small_reviews()).save(folder / "m.rondo");
  const Model<Widened> model = Model<Widened>::load(folder / "m.rondo");
  EXPECT_EQ(model->extra, 7);
  EXPECT_EQ(model->options.note, "x");
}

TEST(Model, TrainingIsTheSameBitsOnAnyThreads) {
  const Dataset train = support::small_reviews();
  std::vector<float> losses;
  support::for_each_thread_count([&] {
    Model<Net> model = small_net(train);
    model.fit(train, {.epochs = 2});
    losses.push_back(model.evaluate(train).at("loss"));
  });
  EXPECT_EQ(losses[0], losses[1]);
  EXPECT_EQ(losses[0], losses[2]);
}

TEST(Model, ClassWeightsAreTheNetworksAffair) {
  const Dataset train = support::small_reviews();
  Model<Net> model = small_net(train);
  expect_error(
      ErrorKind::option, [&] { model.fit(train, {.balance_classes = true}); }, "own loss");
}

}  // namespace
}  // namespace rondo
