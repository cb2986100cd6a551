// Models whose weights are read when they are first used: what is damaged is found before any answer depends
// on it, what is not needed is not read, and what others do to the file does no harm.
#include <array>
#include <fstream>
#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/network.h>
#include <rondo/rondo.h>

#include "base/files.h"
#include "base/safetensors.h"
#include "model/model_file.h"
#include "support/checks.h"
#include "support/expect_error.h"
#include "support/models.h"
#include "support/networks.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

using namespace layers;
using test::expect_error;
using test::TemporaryFolder;
using testing::HasSubstr;
namespace support = testing_support;

constexpr int words = 12000, dim = 64;  // a table of 47 blocks

/// Texts of the words w0, w1, ...: words that are as frequent come in the order of their bytes.
Dataset many_words() {
  std::vector<std::string> texts, labels;
  for (int word = 0; word < words; word += 20) {
    std::string text;
    for (int i = word; i < word + 20; ++i)
      text += "w" + std::to_string(10 * words + i) + " ";
    texts.push_back(text);
    labels.emplace_back(word / 20 % 2 == 0 ? "even" : "odd");
  }
  return data::labelled_text(texts, labels);
}

/// A model of a large table, prepared but not trained.
const Sequential& large_model() {
  static const Sequential model = [] {
    Sequential made{Tokens{}, Embedding{.dim = dim}, LSTM{.units = 8},
                    Dense{.units = 1, .activation = Activation::sigmoid}};
    made.compile({.loss = Loss::binary_cross_entropy, .metrics = {Metric::accuracy}});
    made.prepare(many_words());
    return made;
  }();
  return model;
}

/// A file with a byte of a tensor changed.
void damage(const std::filesystem::path& file, const std::string& tensor, std::uint64_t place) {
  std::uint64_t at = 0;
  {
    const safetensors::Reader reader(file);
    at = std::filesystem::file_size(file) - reader.entries().back().end + reader.find(tensor)->begin + place;
  }
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekg(static_cast<std::streamoff>(at));
  const int byte = bytes.get();
  bytes.seekp(static_cast<std::streamoff>(at));
  bytes.put(static_cast<char>(byte ^ 1));
}

template <class Call>
void expect_damaged(const std::string& tensor, Call&& call) {
  expect_error(ErrorKind::format, call, "m.rondo: tensor '" + tensor + "' is damaged",
               "differs from its checksum");
}

class Loading : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "m.rondo";
};

/// A word by its number in the vocabulary.
std::string word(std::int32_t number) {
  return std::string(large_model().encoder().vocab().token(number));
}

TEST_F(Loading, GivesTheSameAnswersHoweverTheWeightsAreRead) {
  for (const WeightType type : {WeightType::f32, WeightType::bf16, WeightType::int8, WeightType::w8a8}) {
    Sequential model = large_model().clone();
    model.quantize(type);
    model.save(file_);
    const Sequential later = load(file_), at_once = load(file_);
    at_once.weights().read_all();
    const std::string text = word(3) + " " + word(7000) + " nothing " + word(11999);
    const std::vector<float> wanted = model.predict(text).probabilities;
    EXPECT_EQ(later.predict(text).probabilities, wanted);
    EXPECT_EQ(at_once.predict(text).probabilities, wanted);
    EXPECT_EQ(support::weights_of(later), support::weights_of(model));
    Stream stream = load(file_).stream(), same = model.stream();
    EXPECT_EQ(stream.push(word(9000))[0], same.push(word(9000))[0]);
  }
}

TEST_F(Loading, ReadsWhatIsUsed) {
  const auto bytes_read = [] {
    std::ifstream io("/proc/self/io");
    std::string name;
    long count = -1;
    io >> name >> count;
    return name == "rchar:" ? count : -1;
  };
  if (bytes_read() < 0) GTEST_SKIP() << "this system does not count what is read";
  large_model().save(file_);
  const long header =
      static_cast<long>(std::filesystem::file_size(file_)) - 4 * large_model().weights().count();
  const long start = bytes_read();
  const Sequential model = load(file_);
  const long loaded = bytes_read() - start;
  EXPECT_LT(loaded, header + 10'000) << "no weight";
  model.predict(word(1));
  const long first = bytes_read() - start - loaded;
  EXPECT_GT(first, 1 << 16);
  EXPECT_LT(first, (1 << 16) + 20'000) << "of the table, one block of 64 KB";
  model.predict(word(2));
  EXPECT_LT(bytes_read() - start - loaded - first, 1000) << "nothing twice";
}

TEST_F(Loading, ADamagedWeightIsFoundByWhateverUsesIt) {
  large_model().save(file_);
  damage(file_, "lstm.weight_hh_l0", 100);
  Sequential model = load(file_);
  EXPECT_THAT(model.summary(), HasSubstr("lstm"));
  EXPECT_EQ(model.class_names().size(), 2u);
  const Dataset data = many_words().take(4);
  for (int i = 0; i < 2; ++i)
    expect_damaged("lstm.weight_hh_l0", [&] { model.predict(word(1)); });
  expect_damaged("lstm.weight_hh_l0", [&] { model.predict(std::vector<std::string>{word(1), word(2)}); });
  expect_damaged("lstm.weight_hh_l0", [&] { model.evaluate(data); });
  expect_damaged("lstm.weight_hh_l0", [&] { model.outputs(data); });
  expect_damaged("lstm.weight_hh_l0", [&] { model.stream(); });
  expect_damaged("lstm.weight_hh_l0", [&] { model.clone(); });
  expect_damaged("lstm.weight_hh_l0", [&] { model.check_gradients(data, {.elements = 1}); });
  expect_damaged("lstm.weight_hh_l0", [&] { model.save(folder_ / "again.rondo"); });
  EXPECT_FALSE(std::filesystem::exists(folder_ / "again.rondo"));
  expect_damaged("lstm.weight_hh_l0", [&] { model.weights().get("lstm.weight_hh_l0"); });
  expect_damaged("lstm.weight_hh_l0", [&] { model.weights().read_all(); });
  expect_damaged("lstm.weight_hh_l0", [&] { model.quantize(WeightType::int8); });
  expect_damaged("lstm.weight_hh_l0", [&] { model.fit(data); });
  Sequential other = large_model().clone();
  other.weights().set("embedding.weight", Tensor::zeros(other.weights().get("embedding.weight").shape()));
  expect_damaged("lstm.weight_hh_l0", [&] { other.init_from(file_); });
  EXPECT_EQ(other.weights().get("embedding.weight").at(100), 0) << "nothing was taken";
  EXPECT_EQ(model.weights().get("dense.bias").size(), 1) << "other weights are whole";
}

TEST_F(Loading, RowsOfATableAreCheckedWhereTheyAreLookedUp) {
  large_model().save(file_);
  damage(file_, "embedding.weight", (2u << 20) + 5);  // in the block of the words from 8192 on
  const Sequential model = load(file_);
  const std::vector<float> wanted = large_model().predict(word(1) + " " + word(8191)).probabilities;
  EXPECT_EQ(model.predict(word(1) + " " + word(8191)).probabilities, wanted);
  expect_damaged("embedding.weight", [&] { model.predict(word(1) + " " + word(8192)); });
  EXPECT_EQ(model.predict(word(1) + " " + word(8191)).probabilities, wanted);
}

TEST_F(Loading, LongTextsOfTheHeaderAreArraysWithChecksums) {
  const std::string table = "header/text_encoder/vocabulary/table";
  large_model().save(file_);
  {
    const ModelFile file(file_);
    EXPECT_LT(dump_json(file.header()).size(), 4000u);
    const safetensors::Entry* const entry = file.arrays().find(table);
    ASSERT_NE(entry, nullptr);
    EXPECT_FALSE(file.is_weight(*entry));
    EXPECT_GE(entry->elements, (6u + 12) * words);
  }
  EXPECT_EQ(load(file_).encoder().to_json(), large_model().encoder().to_json());
  damage(file_, table, 50'000);
  expect_damaged(table, [&] { load(file_); });
  EXPECT_EQ(model_info(file_).kind, ModelKind::sequential) << "for which nobody reads the vocabulary";

  const safetensors::Item extra{"header/extra", safetensors::Type::u8, {1}, "x"};
  Sequential small = support::small_classifier();
  small.save(file_);
  const safetensors::Reader reader = safetensors::Reader::from_memory(read_file(file_), "m");
  safetensors::write(file_, reader.metadata(), {extra});
  expect_error(
      ErrorKind::format, [&] { load(file_); }, "the header has no place for 'header/extra'");
}

TEST_F(Loading, DamagedNumbersOfFewBitsAndTheirScalesAreFound) {
  for (const WeightType type : {WeightType::bf16, WeightType::int8, WeightType::w8a8}) {
    Sequential model = large_model().clone();
    model.quantize(type);
    model.save(file_);
    damage(file_, "lstm.weight_ih_l0", 3);
    expect_damaged("lstm.weight_ih_l0", [&] { load(file_).predict(word(1)); });
  }
  large_model().clone().save(file_);
  Sequential model = large_model().clone();
  model.quantize(WeightType::int8);
  model.save(file_);
  damage(file_, "dense.weight.scale", 2);
  expect_damaged("dense.weight.scale", [&] { load(file_).predict(word(1)); });
}

TEST_F(Loading, NumbersThatAreNotFiniteAreRefused) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    const std::string what = std::isnan(bad) ? "is not a number" : "is infinite";
    Sequential model = large_model().clone();
    Tensor weight = model.weights().get("lstm.weight_ih_l0");
    weight.data<float>()[1003] = bad;
    model.weights().set("lstm.weight_ih_l0", weight);
    for (const WeightType type : {WeightType::f32, WeightType::bf16}) {
      if (type != WeightType::f32) model.quantize(type);
      model.save(file_);  // with the checksum of just these numbers
      const Sequential loaded = load(file_);
      expect_error(
          ErrorKind::format, [&] { loaded.predict(word(1)); }, "m.rondo: weight 'lstm.weight_ih_l0'", what,
          "at place 1003 of [32, 64]");
    }
  }
}

/// The same file as a version without checksums wrote it.
void without_checksums(const std::filesystem::path& file) {
  const std::string bytes = read_file(file);
  const safetensors::Reader reader = safetensors::Reader::from_memory(bytes, "m");
  std::vector<safetensors::Item> items;
  const std::size_t data = bytes.size() - reader.entries().back().end;
  for (const safetensors::Entry& entry : reader.entries())
    items.push_back({entry.name, entry.type, entry.shape,
                     std::string_view(bytes).substr(data + entry.begin, entry.end - entry.begin)});
  safetensors::write(file, reader.metadata(), items);
}

TEST_F(Loading, FilesWithoutChecksumsAreReadWholeAndMustBeFinite) {
  Sequential model = large_model().clone();
  model.save(file_);
  without_checksums(file_);
  const Sequential loaded = load(file_);
  std::filesystem::resize_file(file_, 1000);
  EXPECT_EQ(loaded.predict(word(5)).probabilities, model.predict(word(5)).probabilities);

  Tensor weight = model.weights().get("dense.weight");
  weight.data<float>()[7] = std::numeric_limits<float>::quiet_NaN();
  model.weights().set("dense.weight", weight);
  model.save(file_);
  without_checksums(file_);
  expect_error(
      ErrorKind::format, [&] { load(file_); },
      "m.rondo: weight 'dense.weight' is not a number at place 7 of [1, 8]");
}

TEST_F(Loading, NetworksOfOnesOwnAreReadAlike) {
  const Dataset data = support::small_step_signals();
  Model<support::Tagger> model(data::Features::learn(data), {.units = 6});
  model.save(file_);
  const Model<support::Tagger> whole = Model<support::Tagger>::load(file_);
  damage(file_, "cell.weight_hh", 0);
  const Model<support::Tagger> damaged = Model<support::Tagger>::load(file_);
  expect_damaged("cell.weight_hh", [&] { damaged.evaluate(data); });
  expect_damaged("cell.weight_hh", [&] { whole.evaluate(data); });  // the file was changed where it lies
  model.save(file_);
  EXPECT_EQ(Model<support::Tagger>::load(file_).evaluate(data), model.evaluate(data));
}

TEST_F(Loading, VerifyReadsAll) {
  large_model().save(file_);
  const Verified whole = verify(ModelFile(file_));
  EXPECT_TRUE(whole.checksums);
  EXPECT_EQ(whole.blocks,
            47u + 4 + 2 + 5);  // the table; the LSTM's arrays; the Dense's; the vocabulary's
  damage(file_, "embedding.weight", 2u << 20);
  damage(file_, "dense.bias", 1);
  expect_error(
      ErrorKind::format, [&] { verify(ModelFile(file_)); }, "m.rondo: damaged are 2 of 9 tensors",
      "'dense.bias'", "'embedding.weight'");
  large_model().save(file_);
  without_checksums(file_);
  EXPECT_FALSE(verify(ModelFile(file_)).checksums);
}

TEST_F(Loading, AFileReplacedOrDeletedChangesNothing) {
  large_model().save(file_);
  const std::string text = word(1) + " " + word(11000);
  const std::vector<float> wanted = large_model().predict(text).probabilities;
  const Sequential replaced = load(file_);
  Sequential other = large_model().clone();
  other.weights().set("dense.bias", Tensor::full({1}, 3));
  other.save(file_);
  EXPECT_EQ(replaced.predict(text).probabilities, wanted);
  EXPECT_NE(load(file_).predict(text).probabilities, wanted);

  large_model().save(file_);
  const Sequential deleted = load(file_);
  std::filesystem::remove(file_);
  EXPECT_EQ(deleted.predict(text).probabilities, wanted);
}

TEST_F(Loading, AFileCutOrOverwrittenGivesAnErrorOrTheSameAnswer) {
  const std::string text = word(1);
  const std::vector<float> wanted = large_model().predict(text).probabilities;
  large_model().save(file_);
  const Sequential used = load(file_), unused = load(file_), whole = load(file_);
  EXPECT_EQ(used.predict(text).probabilities, wanted);
  whole.weights().read_all();
  std::filesystem::resize_file(file_, 3000);
  EXPECT_EQ(used.predict(text).probabilities, wanted) << "it has what it needs";
  EXPECT_EQ(whole.predict(word(11000)).probabilities, large_model().predict(word(11000)).probabilities);
  expect_error(
      ErrorKind::io, [&] { unused.predict(text); }, "m.rondo: was cut short since it was opened");

  large_model().save(file_);
  const Sequential overwritten = load(file_);
  const auto size = std::filesystem::file_size(file_);
  std::ofstream(file_, std::ios::binary) << std::string(size, 'x');  // into the same file, as cp does
  EXPECT_THROW(overwritten.predict(text), Error);
}

TEST_F(Loading, ClonesAndNetworksShareNothingWithWhatTheyAreFrom) {
  large_model().save(file_);
  std::optional<Sequential> model = load(file_);
  const Sequential copy = model->clone();
  const std::vector<float> wanted = model->predict(word(4)).probabilities;
  model.reset();
  std::filesystem::remove(file_);
  EXPECT_EQ(copy.predict(word(4)).probabilities, wanted);
}

TEST_F(Loading, ALoadedModelTrainsAsTheOneThatWasSaved) {
  Sequential model = support::small_classifier();
  model.fit(support::small_reviews(), {.epochs = 1});
  model.save(file_);
  Sequential loaded = load(file_), same = load(file_);
  same.weights().read_all();
  std::filesystem::remove(file_);
  loaded.fit(support::small_reviews(), {.epochs = 2});
  same.fit(support::small_reviews(), {.epochs = 2});
  EXPECT_EQ(support::weights_of(loaded), support::weights_of(same));
}

TEST_F(Loading, WeightsCanBeSetBeforeTheyAreRead) {
  large_model().save(file_);
  Sequential model = load(file_);
  const Tensor fresh = Tensor::full({1}, 2.5);
  model.weights().set("dense.bias", fresh);
  support::expect_same_bits(model.weights().get("dense.bias"), fresh, "dense.bias");
}

TEST(LoadingThreads, ManyPredictWhileWeightsAreRead) {
  const TemporaryFolder folder;
  large_model().save(folder / "m.rondo");
  std::vector<std::string> texts;
  std::vector<std::vector<float>> wanted;
  for (int i = 1; i < words; i += 1500) {
    texts.push_back(word(i) + " " + word(i + 700));
    wanted.push_back(large_model().predict(texts.back()).probabilities);
  }
  const Sequential model = load(folder / "m.rondo");
  std::vector<std::thread> threads;
  std::array<bool, 4> same = {};
  for (std::size_t t = 0; t < same.size(); ++t)
    threads.emplace_back([&, t] {
      same[t] = true;
      for (std::size_t i = 0; i < texts.size(); ++i) {
        const std::size_t at = (i + 2 * t) % texts.size();
        same[t] = same[t] && model.predict(texts[at]).probabilities == wanted[at];
      }
    });
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_THAT(same, testing::Each(true));
}

}  // namespace
}  // namespace rondo
