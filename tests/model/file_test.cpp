#include <algorithm>
#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/files.h"
#include "base/random.h"
#include "base/safetensors.h"
#include "model/model_file.h"
#include "support/checks.h"
#include "support/expect_error.h"
#include "support/models.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

using test::expect_error;
using test::TemporaryFolder;
using testing::ElementsAre;
namespace support = testing_support;

Sequential trained() {
  Sequential model = support::small_classifier();
  model.fit(support::small_reviews(), {.epochs = 1, .validation = support::small_reviews(20, 2)});
  model.set_threshold(0.4F);
  return model;
}

TEST(ModelFile, BringsBackEverything) {
  const TemporaryFolder folder;
  const Sequential model = trained();
  model.save(folder / "m.rondo");
  const Sequential again = load(folder / "m.rondo");
  EXPECT_EQ(again.predict("a lovely film").probabilities, model.predict("a lovely film").probabilities);
  EXPECT_EQ(again.class_names(), model.class_names());
  EXPECT_EQ(again.target(), Target::labels);
  EXPECT_EQ(again.threshold(), 0.4F);
  EXPECT_EQ(again.summary(), model.summary());
  EXPECT_EQ(again.record().epochs, 1);
  EXPECT_EQ(again.record().examples, 60);
  EXPECT_EQ(again.record().data, model.record().data);
  EXPECT_EQ(again.record().scores, model.record().scores);
  EXPECT_EQ(again.evaluate(support::small_reviews()), model.evaluate(support::small_reviews()));
  EXPECT_EQ(support::weights_of(again), support::weights_of(model));
  again.save(folder / "again.rondo");
  EXPECT_EQ(read_file(folder / "again.rondo"), read_file(folder / "m.rondo"));
}

TEST(ModelFile, IsTheSameBytesForTheSameTrainingOnAnyThreads) {
  const TemporaryFolder folder;
  std::vector<std::string> files;
  support::for_each_thread_count([&] {
    trained().save(folder / "m.rondo");
    files.push_back(read_file(folder / "m.rondo"));
  });
  EXPECT_EQ(files[0], files[1]);
  EXPECT_EQ(files[0], files[2]);
}

TEST(ModelFile, ALoadedModelTrainsOn) {
  const TemporaryFolder folder;
  trained().save(folder / "m.rondo");
  Sequential model = load(folder / "m.rondo");
  model.fit(support::small_reviews(), {.epochs = 2});
  EXPECT_EQ(model.record().epochs, 3);
}

TEST(ModelFile, ALossOfOnesOwnMustBeGivenAgain) {
  const TemporaryFolder folder;
  Sequential model{layers::Input{.features = 3}, layers::GRU{.units = 2}, layers::Dense{.units = 1}};
  model.compile({.loss = AnyLoss([](const Var& y, const data::Batch& b) { return mse(y, b.values); })});
  model.fit(support::small_regression());
  model.save(folder / "m.rondo");
  const Sequential again = load(folder / "m.rondo");
  EXPECT_EQ(again.outputs(support::small_regression()).size(), 60u);
  expect_error(
      ErrorKind::usage, [&] { again.evaluate(support::small_regression()); }, "call compile first");
}

TEST(ModelFile, FormatOneKeepsLoading) {
  const Sequential model = load(std::filesystem::path(RONDO_TEST_DATA) / "model/data/format-1.rondo");
  EXPECT_EQ(model.class_names(), (std::vector<std::string>{"bad", "good"}));
  EXPECT_EQ(model.record().epochs, 12);
  EXPECT_EQ(model.predict("a lovely film").label, "good");
  EXPECT_NEAR(model.predict("a lovely film").probability, 0.998139F, 1e-5F);
  EXPECT_EQ(model.predict("an awful film").label, "bad");
}

// Its vocabulary is text in an array of its own, and its blocks are of 1 MB.
TEST(ModelFile, FormatTwoKeepsLoading) {
  const std::filesystem::path file = std::filesystem::path(RONDO_TEST_DATA) / "model/data/format-2.rondo";
  const Sequential model = load(file);
  EXPECT_EQ(model.encoder().vocab().size(), 211);
  EXPECT_EQ(model.encoder().vocab().token(1), "fine");
  EXPECT_NEAR(model.predict("a lovely scene and warm music").probability, 0.915122F, 1e-5F);
  EXPECT_EQ(model.predict("an awful plot, dull voices").label, "bad");
  const TemporaryFolder folder;
  model.save(folder / "new.rondo");
  EXPECT_EQ(load(folder / "new.rondo").encoder().to_json(), model.encoder().to_json());
  EXPECT_EQ(load(folder / "new.rondo").predict("a lovely scene").probabilities,
            model.predict("a lovely scene").probabilities);
}

/// The small model's file with its header changed.
void write_changed(const std::filesystem::path& to, const std::string& from, const std::string& what,
                   const std::string& by) {
  const safetensors::Reader reader = safetensors::Reader::from_memory(from, "model");
  safetensors::Metadata metadata = reader.metadata();
  std::string& header = metadata.at("rondo");
  const std::size_t place = header.find(what);
  ASSERT_NE(place, std::string::npos) << what;
  header.replace(place, what.size(), by);
  std::vector<std::vector<float>> values;
  std::vector<safetensors::Item> items;
  values.reserve(reader.entries().size());
  for (const safetensors::Entry& entry : reader.entries()) {
    reader.read(entry, std::span(values.emplace_back(entry.elements)));
    items.push_back(safetensors::item(entry.name, entry.shape, std::span<const float>(values.back())));
  }
  safetensors::write(to, metadata, items);
}

TEST(ModelFile, SaysWhatIsWrongWithAHeader) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder / "m.rondo", changed = folder / "changed.rondo";
  trained().save(file);
  const std::string bytes = read_file(file);
  const auto refused = [&](const std::string& what, const std::string& by, const std::string& message) {
    SCOPED_TRACE(by);
    write_changed(changed, bytes, what, by);
    expect_error(
        ErrorKind::format, [&] { load(changed); }, "changed.rondo", message);
  };
  refused(R"("format":5)", R"("format":99)", "reads formats 1, 2 and 5, got format 99");
  refused(R"("format":5)", R"("format":"1")", "got format");
  refused(R"("kind":"sequential")", R"("kind":"network")", "not 'sequential'");
  refused(R"("type":"lstm")", R"("type":"lstn")", "lstn");
  refused(R"("units":5)", R"("units":6)", "weight 'lstm.weight_ih_l0' should be [24, 6], got [20, 6]");
  refused(R"("units":5)", R"("units":1000000)", "should be");
  refused(R"("units":5)", R"("units":-5)", "units");
  refused(R"("units":5)", R"("unit":5)", "unit");
  refused(R"("bias":true)", R"("bias":false)", "the model has no weight");
  refused(R"(["bad","good"])", R"([])", "class names");
  refused(R"(["bad","good"])", R"(["bad","good","ugly"])", "1 outputs do not fit 3 classes");
  refused(R"(["bad","good"])", R"(["bad","bad"])", "a class name appears twice");
  refused(R"("loss":"binary_cross_entropy")", R"("loss":"categorical_cross_entropy")", "softmax");
  refused(R"("loss":"binary_cross_entropy")", R"("loss":"hinge")", "unknown loss 'hinge'");
  refused(R"("metrics":["accuracy"])", R"("metrics":["accurracy"])", "accurracy");
  refused(R"("text_encoder":{)", R"("text_encoder":"x{)", "line 1");
  refused(R"("text_encoder":{"unicode")", R"("text_encoder":{"unicorn")", "text encoder: has no 'unicode'");
  refused(R"("text_encoder":{)", R"("text_encoder":null,"x":{)", "x is not known");
  refused(R"("tokens":")", R"("tokens":{"/array":"header/none"},"x":")",
          "\"header/none\" is no array of its own");
  refused(R"("tokens":")", R"("tokens":{"/array":"lstm.bias_hh_l0"},"x":")", "is no array of its own");
  refused(R"("text_encoder")", R"("text_encoders")", "the header has no 'text_encoder'");
}

TEST(ModelFile, RefusesOtherFiles) {
  const TemporaryFolder folder;
  expect_error(
      ErrorKind::io, [&] { load(folder / "none.rondo"); }, "none.rondo");
  expect_error(
      ErrorKind::io, [&] { load(folder.path()); }, "folder");
  std::ofstream(folder / "text.rondo") << "This is no model.";
  expect_error(
      ErrorKind::format, [&] { load(folder / "text.rondo"); }, "text.rondo");
  safetensors::write(folder / "other.rondo", {}, {});
  expect_error(
      ErrorKind::format, [&] { load(folder / "other.rondo"); }, "not a model of rondo");
}

TEST(ModelFile, AFailedSaveLeavesTheOldOne) {
  const TemporaryFolder folder;
  const Sequential model = support::small_classifier();
  expect_error(
      ErrorKind::io, [&] { model.save(folder / "missing" / "m.rondo"); }, "missing");
}

/// Loads bytes that may be anything: an Error(format) or a model that predicts.
void try_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
  try {
    const Sequential model = load(file);
    if (!model.class_names().empty()) model.predict("a lovely film");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::format) << error.what();
  }
}

TEST(ModelFile, TruncatedAtAnyPlaceIsRefused) {
  const TemporaryFolder folder;
  trained().save(folder / "m.rondo");
  const std::string bytes = read_file(folder / "m.rondo");
  for (std::size_t size = 0; size < bytes.size(); size += std::max<std::size_t>(1, bytes.size() / 97)) {
    std::ofstream(folder / "cut.rondo", std::ios::binary) << bytes.substr(0, size);
    expect_error(
        ErrorKind::format, [&] { load(folder / "cut.rondo"); }, "cut.rondo");
  }
}

TEST(ModelFile, MutatedBytesNeverCrash) {
  const TemporaryFolder folder;
  trained().save(folder / "m.rondo");
  const std::string bytes = read_file(folder / "m.rondo");
  const std::size_t header = bytes.find("\"embedding.weight\"");
  constexpr std::string_view likely = "0123456789-.{}[]\",:\\eE \n\xff";
  Random random(5);
  for (int round = 0; round < 600; ++round) {
    std::string changed = bytes;
    for (std::uint64_t edits = 1 + random.below(3); edits > 0; --edits) {
      const std::size_t place = random.below(std::min(changed.size(), header + 2000));
      const char byte = likely[random.below(likely.size())];
      if (const std::uint64_t kind = random.below(3); kind == 0)
        changed[place] = byte;
      else if (kind == 1)
        changed.insert(place, 1, byte);
      else
        changed.erase(place, 1 + random.below(4));
    }
    try_bytes(folder / "changed.rondo", changed);
  }
}

TEST(Transfer, TakesWhatFitsAndReportsTheRest) {
  const TemporaryFolder folder;
  const Sequential source = trained();
  source.save(folder / "m.rondo");

  Sequential same = support::small_classifier(9);
  const Transfer all = same.init_from(folder / "m.rondo");
  EXPECT_EQ(support::weights_of(same), support::weights_of(source));
  EXPECT_TRUE(all.missing.empty() && all.misshapen.empty() && all.unused.empty());

  Sequential other{layers::Tokens{.max_size = 8}, layers::Embedding{.dim = 6},
                   layers::LSTM{.units = 5, .bidirectional = true},
                   layers::Dense{.units = 2, .activation = Activation::softmax}, layers::LayerNorm{}};
  expect_error(
      ErrorKind::usage, [&] { other.init_from(folder / "m.rondo"); }, "prepare");
  other.prepare(support::small_reviews());
  const Transfer some = other.init_from(folder / "m.rondo");
  EXPECT_THAT(some.misshapen, ElementsAre("dense.weight", "dense.bias"));
  EXPECT_THAT(some.missing, ElementsAre("layer_norm.weight", "layer_norm.bias"));
  EXPECT_TRUE(some.unused.empty());
  EXPECT_EQ(some.tokens, 8);
  const auto row = [](const Sequential& m, std::string_view token) {
    const Tensor table = m.weights().get("embedding.weight");
    return table.at(m.encoder().vocab().find(token) * 6 + 2);
  };
  const std::string token(other.encoder().vocab().token(7));
  EXPECT_EQ(row(other, token), row(source, token)) << token;
}

TEST(Transfer, WordVectorsReachTheirRows) {
  Sequential model = support::small_classifier();
  const Vocab& vocab = model.encoder().vocab();
  WordVectors vectors{.dim = 6};
  vectors.values.assign(static_cast<std::size_t>(vocab.size()) * 6, 0.25F);
  vectors.found.assign(static_cast<std::size_t>(vocab.size()), 0);
  vectors.found[3] = 1;
  const Tensor before = model.weights().get("embedding.weight");
  model.set_embeddings(vectors);
  const Tensor after = model.weights().get("embedding.weight");
  for (std::int64_t i = 0; i < after.size(); ++i)
    EXPECT_EQ(after.at(i), i / 6 == 3 ? 0.25 : before.at(i)) << i;
  vectors.dim = 5;
  expect_error(
      ErrorKind::shape, [&] { model.set_embeddings(vectors); }, "takes vectors of 6 numbers");
}

}  // namespace
}  // namespace rondo
