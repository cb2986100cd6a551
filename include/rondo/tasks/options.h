/// Groups of options that applications share. An application's options hold the groups that it takes, and
/// fields of its own; on a command line and in a configuration file all of them stand side by side.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/description.h>
#include <rondo/layers.h>
#include <rondo/optim.h>

namespace [[gnu::visibility("default")]] rondo {

enum class RecurrentKind { lstm, gru, simple_rnn };
constexpr std::array<std::string_view, 3> names_of(RecurrentKind) {
  return {"lstm", "gru", "simple_rnn"};
}

enum class Sampling { none, over, under };
constexpr std::array<std::string_view, 3> names_of(Sampling) {
  return {"none", "over", "under"};
}

/// How a text becomes tokens. Where 0, -1 or `automatic` stands for "derived from the data", an application's
/// plan fills it in.
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
        field("min_count", &O::min_count, "rarer tokens are unknown; 0: by the size of the data", 0, 1 << 20),
        field("max_length", &O::max_length, "longer texts are cut, in tokens; 0: never", 0, 1 << 24),
        field("truncate", &O::truncate, "which part of a long text goes"),
        field("normalization", &O::normalization, "Unicode normalisation"),
        field("lowercase", &O::lowercase, "fold upper and lower case together"),
        field("bigrams", &O::bigrams, "pairs of tokens with vectors of their own; -1: by the tokenizer", -1,
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
  float recurrent_dropout = 0;
  float weight_dropout = 0;
  std::filesystem::path vectors = {};
  bool freeze_embedding = false;

  static constexpr auto fields() {
    using O = NetworkOptions;
    return std::tuple{
        field("cell", &O::cell, "kind of recurrent layer"),
        field("embedding", &O::embedding, "numbers per token", 1, 1 << 16),
        field("bigram_embedding", &O::bigram_embedding, "numbers per bigram; 0: as embedding", 0, 1 << 16),
        field("units", &O::units, "size of the hidden state of a direction", 1, 1 << 16),
        field("layers", &O::layers, "recurrent layers", 1, 64),
        field("bidirectional", &O::bidirectional, "also read from the end"),
        field("dropout", &O::dropout, "share dropped of embeddings and of the pooled row", 0, 0.99),
        field("token_dropout", &O::token_dropout, "share of tokens dropped while training", 0, 0.99),
        field("recurrent_dropout", &O::recurrent_dropout,
              "share dropped of the hidden state, one mask a text", 0, 0.99),
        field("weight_dropout", &O::weight_dropout, "share dropped of the recurrent weights", 0, 0.99),
        field("vectors", &O::vectors, "word2vec or GloVe text file for the first values of the embedding"),
        field("freeze_embedding", &O::freeze_embedding, "keep the embedding as it is")};
  }
};
static_assert(all_fields_listed<NetworkOptions>);

/// How a network learns. `optimizer` and `schedule` are those of optim.h.
struct TrainingOptions {
  int epochs = 0;
  int batch_size = 32;
  int batch_rows = 0;
  Optimizer optimizer = optim::Adam{};
  /// 0: the optimiser's, or what is usual for it in the application if that is the optimiser's default.
  float learning_rate = 0;
  Schedule schedule = schedule::Linear{};
  float clip_norm = 1;
  float clip_value = 0;
  int accumulate = 1;
  float average = 0;
  int validate_every_steps = 0;
  /// Value of an epoch by which the best one is chosen: "val_loss", or a score of the application.
  std::string monitor = {};
  int patience = -1;
  std::filesystem::path init = {};
  std::uint64_t seed = 1;

  static constexpr auto fields() {
    using O = TrainingOptions;
    return std::tuple{
        field("epochs", &O::epochs, "passes over the data; 0: by its size", 0, 1 << 20),
        field("batch_size", &O::batch_size, "examples in a batch", 1, 1 << 20),
        field("batch_rows", &O::batch_rows,
              "steps (tokens) of all examples of a batch, at most, in place of batch_size; 0: by batch_size",
              0, 1 << 30),
        field("optimizer", &O::optimizer, "rule by which the weights are changed"),
        field("learning_rate", &O::learning_rate, "size of a step; 0: the optimiser's usual one", 0, 1e3),
        shortcut("momentum", "optimizer.momentum", "how much of the last step goes on; for sgd and rmsprop",
                 0, 1),
        shortcut("weight_decay", "optimizer.weight_decay", "pulls weights towards 0", 0, 1e3),
        field("schedule", &O::schedule, "how the learning rate changes"),
        shortcut("warmup_steps", "schedule.warmup_steps", "steps over which the rate rises from 0", 0,
                 1 << 30),
        field("clip_norm", &O::clip_norm, "longest gradient, all parameters together; 0: any", 0, 1e9),
        field("clip_value", &O::clip_value, "largest number in a gradient; 0: any", 0, 1e9),
        field("accumulate", &O::accumulate, "batches whose gradients make one step", 1, 1 << 20),
        field("average", &O::average,
              "average the weights over the steps, each leaving this share of the average (0.999); 0: do not",
              0, 0.9999999),
        field("validate_every_steps", &O::validate_every_steps,
              "steps between two validations, beside those at the ends of epochs; 0: only these", 0, 1 << 30),
        field("monitor", &O::monitor,
              "value that picks the best epoch; val_...: of the validation part; else the usual one"),
        field("patience", &O::patience,
              "epochs without improvement that end training; 0: never; -1: by the validation data", -1,
              1 << 20),
        field("init", &O::init, "start from the weights of this model where names and shapes agree"),
        field("seed", &O::seed, "what first values, order, dropout and splits are drawn by")};
  }
};
static_assert(all_fields_listed<TrainingOptions>);

/// What classes count in the loss, and how often their examples are seen.
struct ClassOptions {
  double label_smoothing = 0;
  std::map<std::string, float> class_weights = {};
  bool balance_classes = false;
  Sampling sampling = Sampling::none;

  static constexpr auto fields() {
    using O = ClassOptions;
    return std::tuple{
        field("label_smoothing", &O::label_smoothing, "share of the target spread over all classes", 0, 0.99),
        field("class_weights", &O::class_weights, "what an example counts in the loss, by its class", 0, 1e9),
        field("balance_classes", &O::balance_classes, "weigh each class by the reciprocal of its share"),
        field("sampling", &O::sampling, "repeat rare classes or thin out common ones")};
  }
};
static_assert(all_fields_listed<ClassOptions>);

}  // namespace rondo
