/// A network of one's own as a model: its table, file, weights, application and gradients.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/files.h"
#include "base/safetensors.h"
#include "support/checks.h"
#include "support/expect_error.h"
#include "support/models.h"
#include "support/networks.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

namespace support = testing_support;
using support::Letters;
using support::Tagger;
using test::expect_error;
using test::TemporaryFolder;

Model<Tagger> tagger(const Tagger::Options& options = {}) {
  return Model<Tagger>(data::Features::learn(support::small_step_signals()), options);
}

TEST(NetworkModel, SummaryListsEveryParameterByModule) {
  Model<Tagger> model = tagger({.units = 40});
  model.weights().freeze("label");
  EXPECT_EQ(model.summary(),
            "module  parameter  shape       parameters\n"
            "-----------------------------------------\n"
            "cell    weight_ih  [120, 3]           360\n"
            "        weight_hh  [120, 40]        4 800\n"
            "        bias_ih    [120]              120\n"
            "        bias_hh    [120]              120\n"
            "label   weight     [2, 40]    80 (frozen)\n"
            "        bias       [2]         2 (frozen)\n"
            "parameters: 5 482 (0.0 MB), frozen: 82\n");
}

TEST(NetworkModel, KeepsARecordOfItsTraining) {
  const TemporaryFolder folder;
  const Dataset data = support::small_step_signals();
  Model<Tagger> model = tagger();
  EXPECT_EQ(model.record().epochs, 0);
  model.fit(data, {.epochs = 2, .batch_size = 10});
  EXPECT_EQ(model.record().epochs, 2);
  EXPECT_EQ(model.record().steps, 8);
  EXPECT_EQ(model.record().examples, static_cast<std::int64_t>(data.size()));
  EXPECT_FALSE(model.record().data.empty());
  model.save(folder / "m.rondo");
  EXPECT_EQ(Model<Tagger>::load(folder / "m.rondo").record().examples, model.record().examples);
}

TEST(NetworkModel, TakesWeightsOfTheSameNameAndShape) {
  const TemporaryFolder folder;
  Model<Tagger> other = tagger({.units = 6});
  other.fit(support::small_step_signals());
  other.save(folder / "other.rondo");
  Model<Tagger> model = tagger({.units = 6});
  const Transfer all = model.init_from(folder / "other.rondo");
  EXPECT_EQ(all.taken.size(), 6U);
  EXPECT_EQ(model.evaluate(support::small_step_signals()), other.evaluate(support::small_step_signals()));

  Model<Tagger> wider = tagger({.units = 7});
  const Transfer some = wider.init_from(folder / "other.rondo");
  EXPECT_THAT(some.taken, testing::ElementsAre("label.bias"));
  EXPECT_EQ(some.misshapen.size(), 5U);
  support::small_classifier().save(folder / "s.rondo");
  EXPECT_FALSE(wider.init_from(folder / "s.rondo").unused.empty());
  const InferenceMode constant;
  expect_error(ErrorKind::usage, [&] { wider.init_from(folder / "other.rondo"); });
}

TEST(NetworkModel, AFileHoldsTheRoundedModelExactly) {
  const TemporaryFolder folder;
  const Dataset data = support::small_step_signals();
  for (const WeightType type : {WeightType::bf16, WeightType::int8}) {
    Model<Tagger> model = tagger({.units = 20});
    const Scores before = model.evaluate(data);
    model.quantize(type);
    EXPECT_EQ(model.weight_type(), type);
    EXPECT_NE(model.evaluate(data), before);
    model.save(folder / "m.rondo");
    const safetensors::Reader file(folder / "m.rondo");
    EXPECT_EQ(file.find("cell.weight_hh")->type,
              type == WeightType::bf16 ? safetensors::Type::bf16 : safetensors::Type::i8);
    Model<Tagger> again = Model<Tagger>::load(folder / "m.rondo");
    EXPECT_EQ(again.weight_type(), type);
    EXPECT_EQ(again.evaluate(data), model.evaluate(data));
    again.fit(data);
    EXPECT_EQ(again.weight_type(), WeightType::f32);
  }
}

TEST(NetworkModel, GradientsAreRightWithoutDropout) {
  const Dataset data = support::small_step_signals();
  Model<Tagger> model = tagger({.dropout = 0.5F});
  model.weights().freeze("label");
  const std::vector<GradientCheck> checks = model.check_gradients(data, {.elements = 0});
  ASSERT_EQ(checks.size(), model.weights().parameters().size());
  for (const GradientCheck& check : checks) {
    EXPECT_TRUE(check.good()) << check.parameter << ' ' << check.largest_error;
    EXPECT_GT(check.largest_gradient, 0) << check.parameter;
  }
  EXPECT_FALSE(model.weights().find("label.bias")->leaf->trainable) << "the model itself stays as it was";

  const Dataset text = support::small_text();
  const Model<Letters> letters(support::RunningText::learn(text));
  for (const GradientCheck& check : letters.check_gradients(text))
    EXPECT_TRUE(check.good()) << check.parameter << ' ' << check.largest_error;
}

/// Squares whose gradient stops half-way: a constant in the middle.
struct Wrong : Tagger {
  using Tagger::Tagger;
  Var loss(const data::Batch& batch) const {
    const Var scores = outputs(batch).rows();
    return mean(scores * Var(scores.value()));
  }
};

TEST(NetworkModel, WrongGradientsAreSeen) {
  const Dataset data = support::small_step_signals();
  const Model<Wrong> model(data::Features::learn(data));
  std::int64_t wrong = 0;
  for (const GradientCheck& check : model.check_gradients(data))
    wrong += check.wrong;
  EXPECT_GT(wrong, 0);
  expect_error(
      ErrorKind::data, [&] { model.check_gradients(data.take(0)); }, "at least one example");
  expect_error(ErrorKind::option, [&] { model.check_gradients(data, {.elements = -1}); });
}

// -- Which application, which kind

TEST(Application, TravelsInTheFileOfEitherKind) {
  const TemporaryFolder folder;
  const ApplicationRecord tag{"tag", R"({"scheme": "bio", "rates": [0.1, 2]})"};
  Model<Tagger> network = tagger();
  network.set_application(tag);
  network.save(folder / "n.rondo");
  const Model<Tagger> again = Model<Tagger>::load(folder / "n.rondo");
  EXPECT_EQ(again.application().name, "tag");
  EXPECT_EQ(again.application(), network.application());
  again.save(folder / "n2.rondo");
  EXPECT_EQ(read_file(folder / "n2.rondo"), read_file(folder / "n.rondo"));

  Sequential layers = support::small_classifier();
  layers.prepare(support::small_reviews());
  layers.save(folder / "without.rondo");
  EXPECT_EQ(read_file(folder / "without.rondo").find("application"), std::string::npos);
  EXPECT_EQ(load(folder / "without.rondo").application(), ApplicationRecord{});
  layers.set_application({"classify", ""});
  layers.save(folder / "s.rondo");
  EXPECT_EQ(load(folder / "s.rondo").application(), (ApplicationRecord{"classify", "{}"}));
  EXPECT_EQ(layers.clone().application(), layers.application());
}

TEST(Application, IsRefusedWithoutANameOrAnObject) {
  Model<Tagger> model = tagger();
  expect_error(
      ErrorKind::option,
      [&] {
        model.set_application({"", "{}"});
      },
      "name");
  expect_error(
      ErrorKind::option,
      [&] {
        model.set_application({"tag", "[1]"});
      },
      "object");
  expect_error(ErrorKind::option, [&] { model.set_application({"tag", "{"}); });
  EXPECT_EQ(model.application(), ApplicationRecord{});
}

TEST(ModelInfo, SaysWhatAFileHolds) {
  const TemporaryFolder folder;
  Model<Tagger> network = tagger();
  network.set_application({"tag", R"({"a":1})"});
  network.fit(support::small_step_signals());
  network.quantize(WeightType::int8);
  network.save(folder / "n.rondo");
  const ModelInfo info = model_info(folder / "n.rondo");
  EXPECT_EQ(info.kind, ModelKind::network);
  EXPECT_EQ(info.application, network.application());
  EXPECT_EQ(info.library, version());
  EXPECT_EQ(info.training.epochs, 1);
  EXPECT_EQ(info.weight_type, WeightType::int8);

  const ModelInfo old = model_info(std::string(RONDO_TEST_DATA) + "/model/data/format-1.rondo");
  EXPECT_EQ(old.kind, ModelKind::sequential);
  EXPECT_EQ(old.application, ApplicationRecord{});
  EXPECT_EQ(old.weight_type, WeightType::f32);
}

TEST(ModelInfo, RefusesDamagedHeaders) {
  const TemporaryFolder folder;
  const std::vector<float> weight = {1};
  const auto refused = [&](const std::string& header, const std::string& why) {
    SCOPED_TRACE(header);
    safetensors::write(folder / "m.rondo", {{"rondo", header}},
                       {safetensors::item("a", {1}, std::span<const float>(weight))});
    expect_error(
        ErrorKind::format, [&] { model_info(folder / "m.rondo"); }, "m.rondo", why);
  };
  refused(R"({"format":1})", "'kind'");
  refused(R"({"format":3,"kind":"network"})", "format 3");
  refused(R"({"format":1,"kind":"forest"})", "kind");
  for (const char* const application : {"1", "{}", R"({"name":"a"})", R"({"name":"","options":{}})",
                                        R"({"name":"a","options":[]})", R"({"name":1,"options":{}})"})
    refused(R"({"format":1,"kind":"network","application":)" + std::string(application) + "}", "application");
  refused(R"({"format":1,"kind":"network","training":{"epochs":"many"}})", "epochs");
}

}  // namespace
}  // namespace rondo
