/// Option groups that applications share. An application's options consist of the groups that it needs and
/// its own fields. On the command line and in a configuration file they all appear side by side.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/autograd.h>
#include <rondo/description.h>
#include <rondo/layers.h>
#include <rondo/optim.h>

namespace [[gnu::visibility("default")]] rondo {

enum class RecurrentKind { lstm, gru, simple_rnn, residual, linear };
constexpr std::array<std::string_view, 5> names_of(RecurrentKind) {
  return {"lstm", "gru", "simple_rnn", "residual", "linear"};
}

enum class Sampling { none, over, under };
constexpr std::array<std::string_view, 3> names_of(Sampling) {
  return {"none", "over", "under"};
}

/// How a text becomes tokens. Where 0, -1 or `automatic` means "derived from the data", an application's plan
/// fills in the value.
struct TextOptions {
  Tokenizer tokenizer = Tokenizer::automatic;
  int max_size = 50'000;
  int min_count = 0;
  int max_length = 400;
  Truncate truncate = Truncate::middle;
  Normalization normalization = Normalization::nfkc;
  bool lowercase = true;
  int bigrams = -1;

  static constexpr auto fields() {
    using O = TextOptions;
    return std::tuple{
        field("tokenizer", &O::tokenizer, "how a text becomes tokens; auto: by its script"),
        field("max_size", &O::max_size, "largest vocabulary", 2, 1 << 24),
        field("min_count", &O::min_count,
              "tokens that occur less often are unknown; 0: by the size of the data", 0, 1 << 20),
        field("max_length", &O::max_length, "longer texts are cut to this many tokens; 0: no limit", 0,
              1 << 24),
        field("truncate", &O::truncate, "which part of a text longer than max_length is cut off"),
        field("normalization", &O::normalization, "Unicode normalisation"),
        field("lowercase", &O::lowercase, "convert to lower case (case folding)"),
        field("bigrams", &O::bigrams,
              "how many pairs of neighbouring tokens get their own vector; -1: by the tokenizer", -1,
              1 << 24)};
  }
};
static_assert(all_fields_listed<TextOptions>);

/// Token vectors and the recurrent layers that read them.
struct NetworkOptions {
  RecurrentKind cell = RecurrentKind::lstm;
  int embedding = 128;
  int bigram_embedding = 0;
  int units = 128;
  int layers = 1;
  bool bidirectional = true;
  float dropout = 0.5F;
  float token_dropout = 0.1F;
  bool dropout_per_word = true;
  float recurrent_dropout = 0;
  float weight_dropout = 0;
  float zoneout = 0;
  std::filesystem::path vectors = {};
  bool freeze_embedding = false;

  static constexpr auto fields() {
    using O = NetworkOptions;
    return std::tuple{
        field("cell", &O::cell, "kind of recurrent layer"),
        field("embedding", &O::embedding, "size of a token's vector", 1, 1 << 16),
        field("bigram_embedding", &O::bigram_embedding, "size of a bigram's vector; 0: same as embedding", 0,
              1 << 16),
        field("units", &O::units, "size of the hidden state, per direction", 1, 1 << 16),
        field("layers", &O::layers, "number of recurrent layers", 1, 64),
        field("bidirectional", &O::bidirectional, "also read from the end to the start"),
        field("dropout", &O::dropout, "dropout rate on the embeddings and on the pooled row", 0, 0.99),
        field("token_dropout", &O::token_dropout, "share of whole tokens dropped during training", 0, 0.99),
        field(
            "dropout_per_word", &O::dropout_per_word,
            "drop the same of a word's vector wherever it stands in a batch: faster (Gal & Ghahramani 2016)"),
        field("recurrent_dropout", &O::recurrent_dropout,
              "dropout rate on the hidden state, one mask per text", 0, 0.99),
        field("weight_dropout", &O::weight_dropout, "dropout rate on the recurrent weights", 0, 0.99),
        field("zoneout", &O::zoneout,
              "probability that a unit of the hidden state keeps its value of the step before", 0, 0.99),
        field("vectors", &O::vectors, "word2vec or GloVe text file with initial values for the embedding"),
        field("freeze_embedding", &O::freeze_embedding, "keep the embedding unchanged during training")};
  }
};
static_assert(all_fields_listed<NetworkOptions>);

/// How a network is trained. optim.h has the optimisers and schedules.
struct TrainingOptions {
  int epochs = 0;
  int batch_size = 32;
  int batch_rows = 0;
  Optimizer optimizer = optim::Adam{};
  /// 0: the optimiser's own rate; if that is its default, the rate that the application usually takes for it.
  float learning_rate = 0;
  Schedule schedule = schedule::Linear{};
  float clip_norm = 1;
  float clip_value = 0;
  int accumulate = 1;
  float average = 0;
  /// See RecordingOptions.
  int recompute = 0;
  Keep keep = Keep::f32;
  int validate_every_steps = 0;
  /// The value by which the best epoch is chosen: "val_loss", or a score of the application.
  std::string monitor = {};
  int patience = -1;
  std::filesystem::path init = {};
  std::uint64_t seed = 1;

  static constexpr auto fields() {
    using O = TrainingOptions;
    return std::tuple{
        field("epochs", &O::epochs, "largest number of passes over the data; 0: by its size", 0, 1 << 20),
        field("batch_size", &O::batch_size, "examples in a batch", 1, 1 << 20),
        field("batch_rows", &O::batch_rows,
              "largest number of steps (tokens) in a batch, in place of batch_size; 0: use batch_size", 0,
              1 << 30),
        field("optimizer", &O::optimizer, "algorithm that updates the weights"),
        field("learning_rate", &O::learning_rate, "size of a step; 0: the usual one for the optimiser", 0,
              1e3),
        shortcut("momentum", "optimizer.momentum",
                 "share of the previous step that is kept; for sgd and rmsprop", 0, 1),
        shortcut("weight_decay", "optimizer.weight_decay", "how strongly weights are pulled towards 0", 0,
                 1e3),
        field("schedule", &O::schedule, "how the learning rate changes"),
        shortcut("warmup_steps", "schedule.warmup_steps", "number of steps over which the rate rises from 0",
                 0, 1 << 30),
        field("clip_norm", &O::clip_norm, "scale the gradient of all parameters down to this norm; 0: never",
              0, 1e9),
        field("clip_value", &O::clip_value, "limit each number of the gradient to this magnitude; 0: never",
              0, 1e9),
        field("accumulate", &O::accumulate, "number of batches whose gradients make one step", 1, 1 << 20),
        field("average", &O::average,
              "average the weights over the steps; each step keeps this share of the average, such as 0.999; "
              "0: no averaging",
              0, 0.9999999),
        field("recompute", &O::recompute,
              "save memory: recurrent layers keep their state every so many steps and compute the rest again "
              "for the gradient, with the same bits; 0: keep all; -1: about the square root of the steps",
              -1, 1 << 30),
        field("keep", &O::keep,
              "type in which recurrent layers keep what the gradient needs; bf16: half the memory, and the "
              "gradient's low digits change"),
        field("validate_every_steps", &O::validate_every_steps,
              "also validate every so many steps within an epoch; 0: only at the ends of epochs", 0, 1 << 30),
        field(
            "monitor", &O::monitor,
            "score that picks the best epoch; the prefix val_ means validation data; default: the usual one"),
        field("patience", &O::patience,
              "epochs without improvement that end training; 0: never; -1: by the amount of validation data",
              -1, 1 << 20),
        field("init", &O::init, "start from this model's weights where names and shapes agree"),
        field("seed", &O::seed, "seed for initial values, order, dropout and splits")};
  }
};
static_assert(all_fields_listed<TrainingOptions>);

/// In which order the parts of a network that `init` filled begin to learn. none: all at once. gradual: the
/// last part first, and with each epoch the part below it, too (Howard & Ruder 2018).
enum class Unfreeze { none, gradual };
constexpr std::array<std::string_view, 2> names_of(Unfreeze) {
  return {"none", "gradual"};
}

/// How a network learns that begins with another model's weights.
struct TransferOptions {
  int freeze_epochs = 0;
  Unfreeze unfreeze = Unfreeze::none;
  float encoder_rate = 1;

  static constexpr auto fields() {
    using O = TransferOptions;
    return std::tuple{
        field("freeze_epochs", &O::freeze_epochs,
              "epochs in which the last layer alone learns, and nothing below it", 0, 1 << 20),
        field("unfreeze", &O::unfreeze,
              "what learns after them; gradual: with each epoch one more part, from the last down to the "
              "embedding; none: all"),
        field("encoder_rate", &O::encoder_rate, "factor for the learning rate of all below the last layer", 0,
              1e3)};
  }
};
static_assert(all_fields_listed<TransferOptions>);

/// The loss of a classifier. focal: easy examples count less (Lin et al. 2017), for rare classes.
enum class ClassifierLoss { cross_entropy, focal };
constexpr std::array<std::string_view, 2> names_of(ClassifierLoss) {
  return {"cross_entropy", "focal"};
}

/// The loss, how classes are weighted in it, and how often their examples are used.
struct ClassOptions {
  ClassifierLoss loss = ClassifierLoss::cross_entropy;
  double focal_gamma = 2;
  double label_smoothing = 0;
  std::map<std::string, float> class_weights = {};
  bool balance_classes = false;
  Sampling sampling = Sampling::none;

  static constexpr auto fields() {
    using O = ClassOptions;
    return std::tuple{
        field("loss", &O::loss, "what training makes small; focal: easy texts count less than hard ones"),
        field("focal_gamma", &O::focal_gamma,
              "how much less easy texts count in the focal loss; 0: as in cross entropy", 0, 100),
        field("label_smoothing", &O::label_smoothing,
              "share of the target that is spread evenly over all classes", 0, 0.99),
        field("class_weights", &O::class_weights,
              "weight of an example in the loss, by its class; default: 1", 0, 1e9),
        field("balance_classes", &O::balance_classes, "weight each class by the reciprocal of its share"),
        field("sampling", &O::sampling, "repeat examples of rare classes, or drop examples of common ones")};
  }
};
static_assert(all_fields_listed<ClassOptions>);

}  // namespace rondo
