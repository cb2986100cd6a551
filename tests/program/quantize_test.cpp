// rondo quantize: a smaller file that says nearly the same.
#include <filesystem>

#include <gtest/gtest.h>

#include "base/json.h"
#include "program/reviews.h"
#include "program/run_program.h"
#include "support/temporary_folder.h"

namespace rondo::test {
namespace {

Json parse(const std::string& text) {
  return parse_json(text, {.name = "output"});
}

TEST(Quantize, WritesASmallerModelAndSaysHowItDoes) {
  const TemporaryFolder folder;
  const auto run = [&](const std::vector<std::string>& arguments) {
    return run_program(arguments, "", folder.path());
  };
  write(folder / "reviews.tsv", reviews_tsv());
  ASSERT_EQ(run(small({"train", "classify", "reviews.tsv", "--out", "m.rondo"})).status, 0);

  const Outcome outcome = run({"quantize", "m.rondo", "reviews.tsv", "--out", "small.rondo", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Json json = parse(outcome.out);
  EXPECT_EQ(json["before"]["weights"], "f32");
  EXPECT_EQ(json["after"]["weights"], "int8");
  EXPECT_EQ(json["before"]["bytes"], std::filesystem::file_size(folder / "m.rondo"));
  EXPECT_EQ(json["after"]["bytes"], std::filesystem::file_size(folder / "small.rondo"));
  EXPECT_LT(json["after"]["bytes"].get<double>(), json["before"]["bytes"].get<double>());
  EXPECT_NEAR(json["after"]["accuracy"].get<double>(), json["before"]["accuracy"].get<double>(), 0.03);
  const Json evaluated = parse(run({"eval", "small.rondo", "reviews.tsv", "--json"}).out);
  EXPECT_EQ(evaluated["accuracy"], json["after"]["accuracy"]);
  EXPECT_NE(run({"inspect", "small.rondo"}).out.find("matrices   in int8"), std::string::npos);
  EXPECT_EQ(parse(run({"inspect", "m.rondo", "--json"}).out)["weight_type"], "f32");

  const Outcome table = run({"quantize", "m.rondo", "--out", "half.rondo", "--weights", "bf16"});
  ASSERT_EQ(table.status, 0) << table.err;
  EXPECT_NE(table.out.find("after   bf16"), std::string::npos) << table.out;
  EXPECT_EQ(run({"predict", "half.rondo", "a lovely film"}).out.substr(0, 9), "positive\t");

  const Outcome itself = run({"quantize", "m.rondo", "--out", "./m.rondo"});
  EXPECT_EQ(itself.status, 2);
  EXPECT_NE(itself.err.find("is the model itself"), std::string::npos) << itself.err;
  const Outcome unknown = run({"quantize", "m.rondo", "--out", "x.rondo", "--weights", "int4"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_NE(unknown.err.find("--weights"), std::string::npos) << unknown.err;
  EXPECT_FALSE(std::filesystem::exists(folder / "x.rondo"));
}

}  // namespace
}  // namespace rondo::test
