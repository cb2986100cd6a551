// Tensors whose numbers come when they are first asked for.
#include "tensor/deferred.h"

#include <array>
#include <numeric>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/autograd.h>
#include <rondo/ops.h>
#include <rondo/tensor.h>

namespace rondo {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A table [5, 4] of 0, 1, 2, ... in blocks of 6 numbers, and how often each block was filled.
class DeferredTensor : public testing::Test {
 protected:
  static constexpr std::size_t block = 6 * sizeof(float);

  DeferredTensor() : table_(make()) {}

  Tensor make() {
    return Tensor::deferred(
        {5, 4}, DType::f32,
        std::make_shared<Deferred>(20 * sizeof(float), block,
                                   [this, held = alive_](std::size_t at, std::byte* to, std::size_t bytes) {
                                     if (broken_) throw std::runtime_error("broken");
                                     ++filled_.at(at);
                                     auto* const numbers = reinterpret_cast<float*>(to);
                                     std::iota(numbers, numbers + bytes / sizeof(float),
                                               static_cast<float>(6 * at));
                                   }));
  }

  std::array<int, 4> filled_ = {};
  bool broken_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  Tensor table_;
};

TEST_F(DeferredTensor, IsFilledOnceAndWhole) {
  EXPECT_TRUE(table_.is_deferred());
  EXPECT_FALSE(table_.empty());
  EXPECT_THAT(filled_, ElementsAre(0, 0, 0, 0)) << "not before it is asked for";
  const Tensor copy = table_;
  for (std::int64_t i = 0; i < 20; ++i)
    EXPECT_EQ(copy.at(i), i);
  EXPECT_EQ(std::as_const(table_).data<float>()[19], 19);
  EXPECT_THAT(filled_, ElementsAre(1, 1, 1, 1));
  EXPECT_EQ(alive_.use_count(), 1) << "what fills it is let go of";
}

TEST_F(DeferredTensor, RowsFillTheirBlocksOnly) {
  const std::vector<std::int32_t> rows = {4, 4};  // numbers 16 to 19
  EXPECT_EQ(table_.data_of_rows<float>(rows)[17], 17);
  EXPECT_THAT(filled_, ElementsAre(0, 0, 1, 1));
  const std::vector<std::int32_t> first = {0};
  EXPECT_EQ(table_.data_of_rows<float>(first)[3], 3);
  EXPECT_THAT(filled_, ElementsAre(1, 0, 1, 1));
  EXPECT_EQ(alive_.use_count(), 2);
}

TEST_F(DeferredTensor, PartsAndOtherShapesFillWhatTheyShow) {
  EXPECT_EQ(table_.slice_rows(1, 2).at(0), 4);  // numbers 4 to 7
  EXPECT_THAT(filled_, ElementsAre(1, 1, 0, 0));
  EXPECT_EQ(table_.reshape({20}).slice_rows(19, 20).at(0), 19);
  EXPECT_THAT(filled_, ElementsAre(1, 1, 0, 1));
  Tensor copy = table_.clone();
  EXPECT_THAT(filled_, ElementsAre(1, 1, 1, 1));
  EXPECT_FALSE(copy.is_deferred());
  copy.data<float>()[0] = 7;
  EXPECT_EQ(table_.at(0), 0);
}

TEST_F(DeferredTensor, AnEmbeddingLooksAtItsRows) {
  const Tensor ids = Tensor::of<std::int32_t>({3}, std::vector<std::int32_t>{1, 1, 0});
  const Tensor rows = embedding(Var(table_), ids).value();
  EXPECT_EQ(rows.at(0), 4);
  EXPECT_EQ(rows.at(11), 3);
  EXPECT_THAT(filled_, ElementsAre(1, 1, 0, 0));
}

TEST_F(DeferredTensor, WhatFailsThrowsAndIsTriedAgain) {
  broken_ = true;
  for (int i = 0; i < 2; ++i)
    EXPECT_THROW(std::as_const(table_).data<float>(), std::runtime_error);
  EXPECT_THROW(table_.clone(), std::runtime_error);
  broken_ = false;
  EXPECT_EQ(table_.at(19), 19);
}

TEST_F(DeferredTensor, ThreadsFillEachBlockOnce) {
  std::vector<std::thread> threads;
  std::array<double, 4> sums = {};
  for (std::size_t t = 0; t < sums.size(); ++t)
    threads.emplace_back([&, t] {
      for (std::int64_t i = 0; i < 20; ++i)
        sums[t] += table_.at(i);
    });
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_THAT(sums, testing::Each(190.0));
  EXPECT_THAT(filled_, ElementsAre(1, 1, 1, 1));
}

TEST(Deferred, NothingNeedsNoFilling) {
  const Tensor none = Tensor::deferred({0, 3}, DType::f64, std::make_shared<Deferred>(0, 64, nullptr));
  EXPECT_FALSE(none.empty());
  EXPECT_THAT(none.data<double>(), IsEmpty());
}

}  // namespace
}  // namespace rondo
