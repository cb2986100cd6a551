#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/safetensors.h"
#include "support/expect_error.h"
#include "support/models.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

using namespace layers;
using test::expect_error;
using test::TemporaryFolder;
namespace support = testing_support;

Sequential forward_classifier() {
  Sequential model{Tokens{.bigrams = 30}, Embedding{.dim = 12}, LSTM{.units = 24, .layers = 2},
                   Dense{.units = 1, .activation = Activation::sigmoid}};
  model.compile({.optimizer = optim::Adam{.learning_rate = 0.02F},
                 .loss = Loss::binary_cross_entropy,
                 .metrics = {Metric::accuracy}});
  model.fit(support::small_reviews(), {.epochs = 10, .batch_size = 8});
  return model;
}

TEST(Quantize, AFileHoldsTheRoundedModelExactly) {
  const TemporaryFolder folder;
  for (const WeightType type : {WeightType::bf16, WeightType::int8, WeightType::w8a8}) {
    Sequential model = support::small_classifier();
    model.quantize(type);
    EXPECT_EQ(model.weight_type(), type);
    EXPECT_EQ(model.clone().weight_type(), type);
    model.save(folder / "small.rondo");
    Sequential loaded = load(folder / "small.rondo");
    EXPECT_EQ(loaded.weight_type(), type);
    EXPECT_EQ(support::weights_of(loaded), support::weights_of(model));
    loaded.save(folder / "again.rondo");
    const safetensors::Reader one(folder / "small.rondo"), two(folder / "again.rondo");
    ASSERT_EQ(one.entries().size(), two.entries().size());
    for (const safetensors::Entry& entry : one.entries()) {
      const safetensors::Entry* const other = two.find(entry.name);
      ASSERT_NE(other, nullptr);
      EXPECT_EQ(other->type, entry.type);
      EXPECT_EQ(two.find(entry.name)->shape, entry.shape);
    }
    EXPECT_EQ(std::filesystem::file_size(folder / "small.rondo"),
              std::filesystem::file_size(folder / "again.rondo"));
  }
}

TEST(Quantize, FilesAreAHalfAndAQuarter) {
  const TemporaryFolder folder;
  Sequential model{Input{.features = 100}, LSTM{.units = 100}, Dense{.units = 1}};
  model.prepare(support::small_signals(4, 100));
  const auto size_in = [&](WeightType type) {
    model.quantize(type);
    model.save(folder / "m.rondo");
    return static_cast<double>(std::filesystem::file_size(folder / "m.rondo"));
  };
  const double whole = size_in(WeightType::f32);
  EXPECT_LT(size_in(WeightType::bf16), 0.53 * whole);
  EXPECT_LT(size_in(WeightType::int8), 0.29 * whole);
}

TEST(Quantize, ChangesPredictionsLittle) {
  const Sequential exact = forward_classifier();
  const Dataset test = support::small_reviews(60, 2);
  const float accuracy = exact.evaluate(test).at("accuracy");
  EXPECT_GT(accuracy, 0.9F);
  const std::vector<Tensor> wanted = exact.outputs(test);
  for (const WeightType type : {WeightType::bf16, WeightType::int8, WeightType::w8a8}) {
    Sequential model = exact.clone();
    model.quantize(type);
    EXPECT_NEAR(model.evaluate(test).at("accuracy"), accuracy, 0.02F);
    const std::vector<Tensor> rounded = model.outputs(test);
    Stream stream = model.stream();
    float largest = 0;
    for (std::size_t i = 0; i < test.size(); ++i) {
      stream.reset();
      float streamed = 0;
      for (const std::string& token : tokenize(test.text(i), exact.encoder().options()))
        streamed = stream.push(token).front();
      const float whole = rounded[i].data<float>()[0];
      largest = std::max(largest, std::abs(whole - wanted[i].data<float>()[0]));
      ASSERT_EQ(streamed, whole) << "a stream has the bits of the whole sequence";
    }
    EXPECT_GT(largest, 0) << "nothing was rounded";
    EXPECT_LT(largest, 0.1F);
  }
}

/// 8-bit streams are an arithmetic of their own, the same for any number of threads and streams.
TEST(Quantize, StreamsHaveTheSameBitsInAnyCompanyAndOnAnyThreads) {
  Sequential model{Input{.features = 3}, GRU{.units = 300}, Dense{.units = 500}};
  model.prepare(support::small_signals());
  for (const WeightType type : {WeightType::bf16, WeightType::int8, WeightType::w8a8}) {
    model.quantize(type);
    for (const std::string& isa : Runtime::isas()) {
      std::vector<std::vector<float>> results;
      for (const int threads : {1, 2, 3}) {
        Runtime runtime({.threads = threads, .isa = isa});
        const Runtime::Use use(runtime);
        Stream alone = model.stream();
        StreamBatch together = model.streams(5);
        for (int step = 0; step < 3; ++step) {
          const std::vector<float> x(15, 0.1F * static_cast<float>(step + 1));
          const auto one = alone.push(std::span(x).first(3));
          const auto all = together.push(x);
          results.resize(3);
          if (threads == 1) results[static_cast<std::size_t>(step)].assign(one.begin(), one.end());
          ASSERT_TRUE(std::equal(one.begin(), one.end(), results[static_cast<std::size_t>(step)].begin()));
          for (std::size_t i = 0; i < 5; ++i)
            ASSERT_TRUE(
                std::equal(one.begin(), one.end(), all.begin() + static_cast<std::ptrdiff_t>(i * 500)));
        }
      }
    }
  }
}

bool computes_in_int8(const Sequential& model) {
  return model.weights().find("dense.weight")->leaf->weight_type == WeightType::int8;
}

TEST(Quantize, FittingEndsIt) {
  Sequential model = support::small_classifier();
  model.quantize(WeightType::int8);
  EXPECT_TRUE(computes_in_int8(model));
  model.fit(support::small_reviews(), {.epochs = 1});
  EXPECT_EQ(model.weight_type(), WeightType::f32);
  EXPECT_FALSE(computes_in_int8(model));
}

TEST(Quantize, CopiesAndFilesComputeAlike) {
  const TemporaryFolder folder;
  const Dataset test = support::small_reviews(60, 2);
  Sequential model = support::small_classifier();
  model.quantize(WeightType::int8);
  model.save(folder / "small.rondo");
  const Sequential loaded = load(folder / "small.rondo"), copy = model.clone();
  EXPECT_TRUE(computes_in_int8(loaded) && computes_in_int8(copy));
  const auto wanted = model.outputs(test), from_file = loaded.outputs(test), copied = copy.outputs(test);
  for (std::size_t i = 0; i < test.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(from_file[i].data<float>(), wanted[i].data<float>()));
    EXPECT_TRUE(std::ranges::equal(copied[i].data<float>(), wanted[i].data<float>()));
  }
  model.quantize(WeightType::w8a8);
  EXPECT_FALSE(std::ranges::equal(model.outputs(test)[0].data<float>(), wanted[0].data<float>()))
      << "the same weights in another arithmetic";
  model.quantize(WeightType::f32);
  EXPECT_FALSE(computes_in_int8(model)) << "the rounded numbers in f32";
}

/// The arrays of a file by their names, types and shapes, full of zeros.
struct ZeroArrays {
  explicit ZeroArrays(const safetensors::Reader& reader) {
    bytes.reserve(reader.entries().size());
    for (const safetensors::Entry& entry : reader.entries()) {
      bytes.emplace_back(entry.elements * safetensors::size_of(entry.type), '\0');
      items.push_back({entry.name, entry.type, entry.shape, bytes.back()});
    }
  }
  std::vector<std::string> bytes;
  std::vector<safetensors::Item> items;
};

TEST(Quantize, AnArithmeticFromTheFutureIsRefused) {
  const TemporaryFolder folder;
  Sequential model = support::small_classifier();
  model.quantize(WeightType::w8a8);
  model.save(folder / "m.rondo");
  const safetensors::Reader reader(folder / "m.rondo");
  safetensors::Metadata metadata = reader.metadata();
  std::string& header = metadata["rondo"];
  const std::size_t at = header.find("\"w8a8\"");
  ASSERT_NE(at, header.npos) << header;
  header.replace(at, 6, "\"w4a4\"");
  const ZeroArrays arrays(reader);
  safetensors::write(folder / "later.rondo", metadata, arrays.items);
  expect_error(
      ErrorKind::format, [&] { load(folder / "later.rondo"); }, "arithmetic", "w4a4");
}

TEST(Quantize, AnotherModelTakesTheWeights) {
  const TemporaryFolder folder;
  Sequential small = support::small_classifier(), other = support::small_classifier(2);
  small.quantize(WeightType::int8);
  small.save(folder / "small.rondo");
  const Transfer transfer = other.init_from(folder / "small.rondo");
  EXPECT_TRUE(transfer.unused.empty()) << transfer.unused.front();
  EXPECT_EQ(support::weights_of(other), support::weights_of(small));
}

TEST(Quantize, SaysWhatIsWrongWithScales) {
  const TemporaryFolder folder;
  Sequential model = support::small_classifier();
  model.quantize(WeightType::int8);
  model.save(folder / "small.rondo");
  const safetensors::Reader reader(folder / "small.rondo");
  for (const bool left_out : {true, false}) {
    const std::string two(2 * sizeof(float), '\0');
    ZeroArrays arrays(reader);
    const auto scale = std::ranges::find(arrays.items, "dense.weight.scale", &safetensors::Item::name);
    ASSERT_NE(scale, arrays.items.end());
    if (left_out) {
      arrays.items.erase(scale);
    } else {
      scale->shape = {2};
      scale->bytes = two;
    }
    safetensors::write(folder / "odd.rondo", reader.metadata(), arrays.items);
    expect_error(
        ErrorKind::format, [&] { load(folder / "odd.rondo"); }, "'dense.weight' is in 8 bits",
        "'dense.weight.scale'");
  }
  expect_error(
      ErrorKind::usage,
      [] {
        Sequential({Input{.features = 2}, LSTM{.units = 2}}).quantize(WeightType::int8);
      },
      "quantize()");
}

}  // namespace
}  // namespace rondo
