// Checkpoints in a folder of the user's: what is not a checkpoint stays, and what is lost is said.
#include "train/checkpoint.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/tiny_model.h"

namespace rondo {
namespace {

using test::expect_error;
using test::TemporaryFolder;
using test::TinyModel;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
namespace fs = std::filesystem;

CheckpointContent content() {
  return {.weights = {{"w", Tensor::full({2}, 1.0)}}, .state = {{"version", 4}, {"options", Json::object()}}};
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  return names;
}

fs::path put(const fs::path& file) {
  fs::create_directories(file.parent_path());
  write_file_atomically(file, "mine");
  return file;
}

class Checkpoints : public testing::Test {
 protected:
  std::optional<CheckpointContent> read() {
    notices_.clear();
    return read_newest_checkpoint(folder_.path(),
                                  [this](const std::string& line) { notices_.push_back(line); });
  }
  TemporaryFolder folder_;
  std::vector<std::string> notices_;
};

TEST_F(Checkpoints, FoldersOfTheUserStay) {
  put(folder_ / "20240101" / "thesis.txt");
  put(folder_ / "unfinished-000001" / "thesis.txt");
  put(folder_ / "unfinished-symphony" / "score.txt");
  put(folder_ / "000007" / "state.json");  // no state of ours
  put(folder_ / "000008" / "notes");
  write_file_atomically(folder_ / "000008" / "state.json", "{\"version\": \"mine\"}");
  for (int i = 0; i < 5; ++i)
    write_checkpoint(folder_.path(), 1, content());
  EXPECT_THAT(names_in(folder_.path()),
              UnorderedElementsAre("20240101", "unfinished-000001", "unfinished-symphony", "000007", "000008",
                                   "000006"));
  EXPECT_EQ(read_file(folder_ / "20240101" / "thesis.txt"), "mine");
  EXPECT_EQ(read_file(folder_ / "unfinished-000001" / "thesis.txt"), "mine");
  EXPECT_EQ(newest_checkpoint(folder_.path()), folder_ / "000006");
}

TEST_F(Checkpoints, AFileOfTheUserInACheckpointStays) {
  write_checkpoint(folder_.path(), 1, content());
  put(folder_ / "000001" / "notes.txt");
  write_checkpoint(folder_.path(), 1, content());
  EXPECT_EQ(read_file(folder_ / "unfinished-000001" / "notes.txt"), "mine");
  EXPECT_THAT(names_in(folder_ / "unfinished-000001"), ElementsAre("notes.txt"));
}

TEST_F(Checkpoints, LeftoversOfAKilledProcessGo) {
  put(folder_ / "unfinished-000001" / "weights.safetensors");
  put(folder_ / "unfinished-000001" / ".kept.safetensors.partial-12-3");
  write_checkpoint(folder_.path(), 1, content());
  EXPECT_THAT(names_in(folder_.path()), ElementsAre("000001"));
}

TEST_F(Checkpoints, ADamagedOneIsSaidAndTheOneBeforeRead) {
  for (int i = 0; i < 3; ++i)
    write_checkpoint(folder_.path(), 3, content());
  write_file_atomically(folder_ / "000003" / "state.json", "");
  write_file_atomically(folder_ / "000002" / "weights.safetensors", "rubbish");
  ASSERT_TRUE(read().has_value());
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("000003 is damaged and is passed over"),
                                    HasSubstr("000002 is damaged and is passed over")));
  write_file_atomically(folder_ / "000001" / "optimizer.safetensors", "rubbish");
  expect_error(
      ErrorKind::format, [&] { read(); }, "no checkpoint there is whole", "000003", "train anew");
}

TEST_F(Checkpoints, NothingIsNoError) {
  EXPECT_FALSE(read().has_value());
  put(folder_ / "20240101" / "thesis.txt");
  EXPECT_FALSE(read().has_value());
  EXPECT_TRUE(notices_.empty());
}

/// Looks into a folder at the first step.
struct LookAtStep {
  fs::path folder;
  std::vector<std::string>* seen;
  struct Observer final : Callback {
    Observer(fs::path where, std::vector<std::string>* names) : folder(std::move(where)), seen(names) {}
    void on_step(const StepReport& report) override {
      if (report.step == 1) *seen = names_in(folder);
    }
    fs::path folder;
    std::vector<std::string>* seen;
  };
  std::unique_ptr<Callback> start() const { return std::make_unique<Observer>(folder, seen); }
};

TEST_F(Checkpoints, OldOnesGoWhenTheFirstNewOneIsSafe) {
  for (int i = 0; i < 2; ++i)
    write_checkpoint(folder_.path(), 2, content());
  std::vector<std::string> at_first_step;
  TinyModel model;
  FitOptions options{.epochs = 1};
  options.callbacks = {LookAtStep{folder_.path(), &at_first_step},
                       callbacks::Checkpoint{.folder = folder_.path(), .every_steps = 2}};
  Trainer trainer(optim::SGD{});
  trainer.fit(model, options);
  EXPECT_THAT(at_first_step, UnorderedElementsAre("000001", "000002"));
  for (const std::string& name : names_in(folder_.path()))
    EXPECT_GT(name, "000002");
  EXPECT_FALSE(names_in(folder_.path()).empty());
}

TEST_F(Checkpoints, ARefusedResumeLeavesTheModelAsItWas) {
  FitOptions options{.epochs = 1};
  options.callbacks = {callbacks::Checkpoint{.folder = folder_.path()}};
  TinyModel first;
  Trainer(optim::SGD{}).fit(first, options);
  // The state is whole but for its last part.
  const fs::path file = newest_checkpoint(folder_.path()).value() / "state.json";
  Json state = read_json(file);
  state["history"]["kept"] = 99;
  write_file_atomically(file, dump_json(state));
  options.resume = folder_.path();
  TinyModel second;
  const std::string before = second.bytes();
  ASSERT_NE(before, first.bytes());
  Trainer trainer(optim::SGD{});
  expect_error(ErrorKind::format, [&] { trainer.fit(second, options); });
  EXPECT_EQ(second.bytes(), before);
  EXPECT_EQ(trainer.steps(), 0);
}

}  // namespace
}  // namespace rondo
