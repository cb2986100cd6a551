/// A fit that was stopped anywhere and resumed by another process ends in the same file as one never stopped.
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/files.h"
#include "model/compared.h"
#include "support/checks.h"
#include "support/expect_error.h"
#include "support/models.h"
#include "support/temporary_folder.h"

namespace rondo {
namespace {

namespace support = testing_support;
using test::TemporaryFolder;

FitOptions options_for(const TemporaryFolder& folder) {
  FitOptions options{.epochs = 4, .batch_size = 8, .validation = support::small_reviews(20, 2)};
  options.schedule = schedule::Cosine{};
  options.clip_norm = 1;
  options.callbacks = {callbacks::Checkpoint{.folder = folder / "checkpoints", .every_steps = 5},
                       callbacks::EarlyStopping{.monitor = "val_loss", .patience = 4}};
  return options;
}

std::string file_of(const Sequential& model, const TemporaryFolder& folder) {
  model.save(folder / "m.rondo");
  return read_file(folder / "m.rondo");
}

TEST(Resume, EndsInTheSameFile) {
  const Dataset train = support::small_reviews();
  const TemporaryFolder whole;
  Sequential never_stopped = support::small_classifier();
  never_stopped.fit(train, options_for(whole));
  const std::string wanted = file_of(never_stopped, whole);

  for (const int stop_after : {1, 8, 21}) {
    SCOPED_TRACE("stopped after " + std::to_string(stop_after) + " steps");
    const TemporaryFolder folder;
    int steps = 0;
    FitOptions options = options_for(folder);
    options.stop = [&] { return ++steps == stop_after; };
    Sequential first = support::small_classifier();
    EXPECT_TRUE(first.fit(train, options).interrupted());

    options = options_for(folder);
    options.resume = folder / "checkpoints";
    Runtime two_threads({.threads = 2, .isa = {}});
    const Runtime::Use use(two_threads);
    Sequential second = support::small_classifier();
    second.fit(train, options);
    EXPECT_EQ(second.record().epochs, 4);
    EXPECT_TRUE(file_of(second, folder) == wanted);
  }
}

TEST(Resume, RefusesOtherDataAndOtherModels) {
  const Dataset train = support::small_reviews();
  const TemporaryFolder folder;
  Sequential first = support::small_classifier();
  first.fit(train, options_for(folder));
  FitOptions options = options_for(folder);
  options.resume = folder / "checkpoints";
  Sequential second = support::small_classifier();
  test::expect_error(
      ErrorKind::usage, [&] { second.fit(support::small_reviews(60, 5), options); }, "made with other data");
  Sequential other{layers::Tokens{.max_size = 100}, layers::Embedding{.dim = 6}, layers::GRU{.units = 5},
                   layers::Dense{.units = 1, .activation = Activation::sigmoid}};
  other.compile({.optimizer = optim::Adam{.learning_rate = 0.03F}, .loss = Loss::binary_cross_entropy});
  test::expect_error(
      ErrorKind::usage, [&] { other.fit(train, options); }, "its model's 'layers/", "now it is");
}

TEST(Resume, AnotherVersionOfTheLibraryMakesNoDifference) {
  const std::string here = R"({"format":2,"library":"0.1.0","layers":[{"units":4}],)"
                           R"("application":{"name":"classify","options":{"units":4,"init":"a.rondo"}}})";
  const std::string later = R"({"format":3,"library":"9.0.0","layers":[{"units":4}],)"
                            R"("application":{"name":"classify","options":{"units":4,"init":"b.rondo"}}})";
  EXPECT_EQ(compared_header(here), compared_header(later));
  EXPECT_NE(compared_header(here), compared_header(R"({"format":2,"library":"0.1.0","layers":[]})"));
}

}  // namespace
}  // namespace rondo
