// Parameters in a file without a model around them.
#include <fstream>

#include <gtest/gtest.h>

#include <rondo/nn.h>

#include "base/safetensors.h"
#include "support/checks.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace rondo::testing_support {
namespace {

using test::expect_error;

struct Net {
  nn::GRU read;
  nn::Dense sum;
  explicit Net(const Scope& in, int units = 4)
      : read(in / "read", 3, {.units = units}), sum(in / "sum", units, {.units = 2}) {}
};

class ParameterFileTest : public testing::Test {
 protected:
  /// Of a store with such a network.
  void save(std::uint64_t seed = 7, DType type = DType::f32) {
    store_ = std::make_shared<ParameterStore>(seed, type);
    const Net net{Scope(store_)};
    save_parameters(*store_, file_);
  }
  test::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "net.safetensors";
  std::shared_ptr<ParameterStore> store_;
};

TEST_F(ParameterFileTest, ComesBackAsItWas) {
  for (const DType type : {DType::f32, DType::f64}) {
    save(7, type);
    const auto again = [&] {  // the file is read by who outlives it
      const ParameterFile file(file_);
      const auto read = std::make_shared<ParameterStore>(file, type);
      const Net net{Scope(read)};
      file.check_all_read();
      return read;
    }();
    ASSERT_EQ(again->parameters().size(), store_->parameters().size());
    for (const Parameter& p : store_->parameters())
      expect_same_bits(again->get(p.name), p.leaf->value, p.name);
  }
}

TEST_F(ParameterFileTest, ASourceOutlivesItsFileObject) {
  save();
  const auto store = std::make_shared<ParameterStore>(ParameterFile(file_));
  const Net net{Scope(store)};
  expect_same_bits(store->get("sum.weight"), store_->get("sum.weight"), "sum.weight");
}

TEST_F(ParameterFileTest, AnyReaderOpensIt) {
  save();
  const safetensors::Reader reader(file_);
  EXPECT_TRUE(reader.metadata().empty());
  EXPECT_EQ(reader.entries().size(), store_->parameters().size());
  const safetensors::Entry* const weight = reader.find("read.weight_ih_l0");
  ASSERT_NE(weight, nullptr);
  EXPECT_EQ(weight->type_name, "F32");
  EXPECT_EQ(weight->shape, (Shape{12, 3}));
}

TEST_F(ParameterFileTest, ConvertsToTheStoresType) {
  save(7, DType::f32);
  const auto store = std::make_shared<ParameterStore>(ParameterFile(file_), DType::f64);
  const Net net{Scope(store)};
  expect_same_bits(store->get("sum.weight").to(DType::f32), store_->get("sum.weight"), "sum.weight");
}

TEST_F(ParameterFileTest, NamesWhatIsMissingMisshapenOrLeftOver) {
  save();
  const ParameterFile file(file_);
  const auto store = std::make_shared<ParameterStore>(file);
  const std::string name = "net.safetensors: parameter '";
  expect_error(
      ErrorKind::format, [&] { nn::Dense(Scope(store) / "other", 4, {.units = 2}); },
      name + "other.weight' is missing");
  expect_error(
      ErrorKind::format, [&] { nn::Dense(Scope(store) / "sum", 5, {.units = 2}); },
      name + "sum.weight' should be [2, 5], got [2, 4]");
  EXPECT_TRUE(store->parameters().empty());
  const nn::GRU read(Scope(store) / "read", 3, {.units = 4});
  expect_error(
      ErrorKind::format, [&] { file.check_all_read(); }, name + "sum.", "belongs to no module");
}

TEST_F(ParameterFileTest, RefusesWhatHoldsNoParameters) {
  expect_error(
      ErrorKind::io, [&] { ParameterFile file(file_); }, "net.safetensors");
  std::ofstream(file_) << "not a file of tensors";
  expect_error(
      ErrorKind::format, [&] { ParameterFile file(file_); }, "net.safetensors");
  const std::vector<std::int32_t> numbers = {1, 2};
  safetensors::write(file_, {}, {safetensors::item("w", {2}, std::span<const std::int32_t>(numbers))});
  const auto store = std::make_shared<ParameterStore>(ParameterFile(file_));
  expect_error(
      ErrorKind::format, [&] { Scope(store).parameter("w", {2}); }, "'w' should be F16", "got I32");
}

TEST_F(ParameterFileTest, IsNotThereWhenItCannotBeWritten) {
  const auto store = std::make_shared<ParameterStore>();
  const Net net{Scope(store)};
  const auto nowhere = folder_ / "none" / "net.safetensors";
  expect_error(
      ErrorKind::io, [&] { save_parameters(*store, nowhere); }, "none");
  EXPECT_FALSE(std::filesystem::exists(nowhere));
}

}  // namespace
}  // namespace rondo::testing_support
