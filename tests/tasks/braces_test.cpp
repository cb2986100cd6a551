// Braces that name only what differs from the defaults give no warning in a user's build with -Wextra.
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#pragma GCC diagnostic error "-Wmissing-field-initializers"

namespace rondo {
namespace {

TEST(Braces, NameOnlyWhatDiffers) {
  EXPECT_EQ((data::ReadOptions{.format = data::FileFormat::csv}).label, "");
  EXPECT_EQ((data::BatchOptions{.batch_size = 4}).bucket, 64);
  EXPECT_EQ((Examples{.texts = {"a"}, .labels = {0}}).weights.size(), 0U);
  EXPECT_EQ((RuntimeOptions{.threads = 1}).isa, "");
  EXPECT_EQ((ClassifierOptions{.training = {.epochs = 2}}).network.units, 128);
  EXPECT_EQ((TrainingOptions{.epochs = 2}).batch_size, 32);
  EXPECT_EQ((TextOptions{.min_count = 2}).max_length, 400);
  EXPECT_EQ((NetworkOptions{.units = 2}).layers, 1);
  EXPECT_FALSE((ClassOptions{.label_smoothing = 0.1F}).balance_classes);
  EXPECT_FALSE((TrainingRun{.folder = "f"}).resume);
  EXPECT_FALSE((Report{.title = "t"}).chinese);
  EXPECT_EQ((FitOptions{.epochs = 2}).batch_size, 32);
  EXPECT_TRUE((ParameterGroup{.frozen = true}).frozen);
  EXPECT_EQ((callbacks::EarlyStopping{.patience = 2}).monitor, "val_loss");
  EXPECT_EQ((callbacks::EarlyStopping{.mode = callbacks::Mode::max}).patience, 1);
  EXPECT_EQ((callbacks::WeightAveraging{.decay = 0.5F}).after_epochs, 0);
  EXPECT_EQ((FitOptions{.validate_every_steps = 9}).epochs, 1);
  EXPECT_EQ((schedule::Step{.after = 6}).every, 1);
  EXPECT_EQ((layers::Tokens{.max_length = 9}).max_length, 9);
  EXPECT_EQ(int{(layers::LSTM{.units = 3}).units}, 3);
  EXPECT_EQ(int{(layers::Embedding{.dim = 3}).dim}, 3);
  EXPECT_EQ((optim::Adam{.learning_rate = 1}).learning_rate, 1);
  EXPECT_EQ((schedule::Linear{.warmup_steps = 1}).warmup_steps, 1);
}

TEST(Braces, OfCompiling) {
  const CompileOptions options{.loss = Loss::mse};
  EXPECT_TRUE(options.metrics.empty());
}

}  // namespace
}  // namespace rondo
