// What the text classifier derives from its data.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/tasks.h>

namespace rondo {
namespace {

/// `size` texts of two classes.
Dataset reviews(std::size_t size) {
  std::vector<std::string> texts, labels;
  for (std::size_t i = 0; i < size; ++i) {
    texts.push_back((i % 2 == 0 ? "good film " : "bad film ") + std::to_string(i));
    labels.push_back(i % 2 == 0 ? "good" : "bad");
  }
  return data::labelled_text(texts, labels);
}

TEST(Plan, PatienceComesFromTheValidationData) {
  const auto patience = [](std::size_t validation, int asked) {
    return TextClassifier::plan(reviews(20), reviews(validation), {.patience = asked}).patience;
  };
  EXPECT_EQ(patience(499, -1), 5);
  EXPECT_EQ(patience(500, -1), 2);
  EXPECT_EQ(patience(0, -1), 0) << "nothing to wait for";
  EXPECT_EQ(patience(499, 3), 3);
  EXPECT_EQ(patience(499, 0), 0) << "0 is what was asked for: never";
}

TEST(Plan, SaysWhatItDerived) {
  std::vector<std::string> reasons;
  TextClassifier::plan(reviews(20), reviews(40), {.min_count = 3}, &reasons);
  EXPECT_THAT(reasons, testing::Contains("patience = 5: for 40 validation texts"));
  EXPECT_THAT(reasons, testing::Not(testing::Contains(testing::HasSubstr("min_count"))));
}

}  // namespace
}  // namespace rondo
