#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/error.h>
#include <rondo/tensor.h>

namespace rondo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <class F>
std::string refusal(const F& f) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::shape);
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Tensor, HoldsWhatItWasGiven) {
  const Tensor x = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(x.rows(), 2);
  EXPECT_EQ(x.columns(), 3);
  EXPECT_EQ(x.size(), 6);
  EXPECT_EQ(x.at(4), 5);
  EXPECT_THAT(x.data<float>(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THROW((void)x.data<double>(), Bug);
}

TEST(Tensor, OfNoElementsIsNotEmpty) {
  EXPECT_TRUE(Tensor().empty());
  const Tensor none = Tensor::zeros({0, 5});
  EXPECT_FALSE(none.empty());
  EXPECT_EQ(none.size(), 0);
  EXPECT_EQ(none.rows(), 0);
  EXPECT_EQ(none.columns(), 0);
}

TEST(Tensor, ASingleNumberHasNoDimensions) {
  const Tensor number = Tensor::full({}, 2.5, DType::f64);
  EXPECT_EQ(number.size(), 1);
  EXPECT_EQ(number.rows(), 1);
  EXPECT_EQ(number.at(0), 2.5);
  EXPECT_EQ(to_string(number.shape()), "[]");
}

TEST(Tensor, CopiesAliasAndClonesDoNot) {
  Tensor x = Tensor::zeros({4});
  Tensor alias = x;
  const Tensor clone = x.clone();
  alias.data<float>()[1] = 7;
  EXPECT_EQ(x.at(1), 7);
  EXPECT_EQ(clone.at(1), 0);
}

TEST(Tensor, SlicesAndShapesAreTheSameMemory) {
  Tensor x = Tensor::of<std::int32_t>({3, 2}, {1, 2, 3, 4, 5, 6});
  Tensor middle = x.slice_rows(1, 2);
  middle.data<std::int32_t>()[0] = 30;
  EXPECT_EQ(x.at(2), 30);
  EXPECT_EQ(x.reshape({6}).at(2), 30);
  EXPECT_EQ(x.slice_rows(3, 3).size(), 0);
}

TEST(Tensor, ConvertsBetweenTypes) {
  const Tensor x = Tensor::of<double>({2}, {1.5, -2.0});
  EXPECT_THAT(x.to(DType::f32).data<float>(), ElementsAre(1.5F, -2.0F));
  EXPECT_EQ(x.to(DType::f64).data<double>().data(), x.data<double>().data()) << "no copy for the same type";
}

TEST(Tensor, RefusesWhatDoesNotFit) {
  EXPECT_THAT(refusal([] { Tensor::of<float>({2, 2}, {1, 2, 3}); }), HasSubstr("takes 4 values, got 3"));
  EXPECT_THAT(refusal([] { Tensor::zeros({2, -1}); }), HasSubstr("[2, -1]"));
  EXPECT_THAT(refusal([] { (void)Tensor::zeros({2, 3}).reshape({7}); }), HasSubstr("[7]"));
  EXPECT_THAT(refusal([] { (void)Tensor::zeros({2, 3}).slice_rows(1, 3); }), HasSubstr("[1, 3)"));
  EXPECT_THAT(refusal([] { (void)Tensor::zeros({2}).at(2); }), HasSubstr("element 2"));
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max() / 2;
  EXPECT_THAT(refusal([&] { Tensor::zeros({huge, 3}); }), HasSubstr("more elements"));
}

TEST(Layout, PacksLongestFirstAndKeepsTheOrderOfEquals) {
  const auto layout = Layout::of(std::vector<std::int32_t>{2, 4, 1, 4});
  EXPECT_THAT(layout->order(), ElementsAre(1, 3, 0, 2));
  EXPECT_THAT(layout->lengths(), ElementsAre(4, 4, 2, 1));
  EXPECT_EQ(layout->steps(), 4);
  EXPECT_EQ(layout->rows(), 11);
  EXPECT_EQ(layout->rows_at(0), 4);
  EXPECT_EQ(layout->rows_at(1), 3);
  EXPECT_EQ(layout->rows_at(3), 2);
  EXPECT_EQ(layout->row(2, 1), 6);
  EXPECT_EQ(*layout, *Layout::of(std::vector<std::int32_t>{2, 4, 1, 4}));
  EXPECT_FALSE(*layout == *Layout::of(std::vector<std::int32_t>{4, 4, 2, 1}));
  EXPECT_EQ(Layout::uniform(3, 5)->rows(), 15);
}

TEST(Layout, RefusesEmptyBatchesAndSequences) {
  EXPECT_THAT(refusal([] { (void)Layout::of({}); }), HasSubstr("at least one sequence"));
  EXPECT_THAT(refusal([] { (void)Layout::of(std::vector<std::int32_t>{3, 0}); }), HasSubstr("sequence 1"));
  EXPECT_THAT(refusal([] { (void)Layout::uniform(0, 2); }), HasSubstr("at least one sequence"));
}

TEST(Ids, PackTimeMajor) {
  const std::vector<std::vector<std::int32_t>> tokens = {{7}, {1, 2, 3}, {4, 5}};
  const Ids ids = Ids::pack(tokens, tokens);
  EXPECT_EQ(ids.count(), 3);
  EXPECT_THAT(ids.tokens().data<std::int32_t>(), ElementsAre(1, 4, 7, 2, 5, 3));
  EXPECT_THAT(ids.bigrams().data<std::int32_t>(), ElementsAre(1, 4, 7, 2, 5, 3));
  EXPECT_THAT(refusal([&] {
                Ids::pack(tokens, std::vector<std::vector<std::int32_t>>{{7}, {1, 2}, {4, 5}});
              }),
              HasSubstr("as long as tokens"));
  EXPECT_THAT(refusal([&] { Ids(Tensor::zeros({6}), ids.layout()); }), HasSubstr("i32"));
}

}  // namespace
}  // namespace rondo
