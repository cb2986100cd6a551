/// Layers as plain data: what a Sequential is built from, what its file's header holds, what the command line
/// and the documentation list. The live modules are in nn.h.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {

enum class Activation { linear, tanh, sigmoid, relu, softmax };
constexpr std::array<std::string_view, 5> names_of(Activation) {
  return {"linear", "tanh", "sigmoid", "relu", "softmax"};
}

/// How the outputs of two directions are joined.
enum class Merge { concat, sum, average, product };
constexpr std::array<std::string_view, 4> names_of(Merge) {
  return {"concat", "sum", "average", "product"};
}

enum class Tokenizer { automatic, characters, words, subwords };
constexpr std::array<std::string_view, 4> names_of(Tokenizer) {
  return {"auto", "characters", "words", "subwords"};
}

enum class Normalization { none, nfc, nfkc };
constexpr std::array<std::string_view, 3> names_of(Normalization) {
  return {"none", "nfc", "nfkc"};
}

/// Which end of a text over max_length goes; `middle` keeps half from either end.
enum class Truncate { tail, head, middle };
constexpr std::array<std::string_view, 3> names_of(Truncate) {
  return {"tail", "head", "middle"};
}

enum class Pool { last, mean, max };
constexpr std::array<std::string_view, 3> names_of(Pool) {
  return {"last", "mean", "max"};
}

/// Where the first values of a weight come from. The defaults are Keras'.
enum class Initializer { glorot_uniform, orthogonal, uniform, zeros, ones };
constexpr std::array<std::string_view, 5> names_of(Initializer) {
  return {"glorot_uniform", "orthogonal", "uniform", "zeros", "ones"};
}

namespace layers {

/// Text to token numbers. Its vocabulary is learned by the first fit and saved with the model.
struct Tokens {
  Tokenizer tokenizer = Tokenizer::automatic;
  int max_size = 50'000;
  int min_count = 1;
  int max_length = 0;
  Truncate truncate = Truncate::tail;
  Normalization normalization = Normalization::nfkc;
  bool lowercase = true;
  int bigrams = 0;
  bool whole_words = true;

  static constexpr std::string_view type = "tokens";
  static constexpr auto fields() {
    return std::tuple{
        field("tokenizer", &Tokens::tokenizer, "characters, words, subwords, or chosen by script"),
        field("max_size", &Tokens::max_size, "largest vocabulary", 2, 1 << 24),
        field("min_count", &Tokens::min_count, "rarer tokens are unknown", 1, 1 << 20),
        field("max_length", &Tokens::max_length, "longer texts are cut, in tokens; 0: never", 0, 1 << 24),
        field("truncate", &Tokens::truncate, "which part of a long text goes: tail, head or middle"),
        field("normalization", &Tokens::normalization, "Unicode normalisation"),
        field("lowercase", &Tokens::lowercase, "fold upper and lower case together"),
        field("bigrams", &Tokens::bigrams, "pairs of neighbouring tokens kept as a second channel; 0: none",
              0, 1 << 24),
        field("whole_words", &Tokens::whole_words,
              "characters: words of other scripts and numbers stay whole; off: each character and space")};
  }
};

/// Rows of numbers [T, features] instead of text.
struct Input {
  Required<int> features;

  static constexpr std::string_view type = "input";
  static constexpr auto fields() {
    return std::tuple{field("features", &Input::features, "numbers per step", 1, 1 << 20)};
  }
};

/// Token numbers to rows. With bigrams in the tokens, a second table of `bigram_dim` stands beside the first.
struct Embedding {
  Required<int> dim;
  int vocab = 0;
  int bigram_dim = 0;
  float dropout = 0;
  bool trainable = true;
  bool sparse = true;
  float init_scale = 0.05F;

  static constexpr std::string_view type = "embedding";
  static constexpr auto fields() {
    return std::tuple{
        field("dim", &Embedding::dim, "numbers per token", 1, 1 << 16),
        field("vocab", &Embedding::vocab, "rows of the table; 0: taken from the layer before", 0, 1 << 24),
        field("bigram_dim", &Embedding::bigram_dim, "numbers per bigram; 0: as dim", 0, 1 << 16),
        field("dropout", &Embedding::dropout, "share of tokens whose whole row is dropped", 0, 1),
        field("trainable", &Embedding::trainable, "whether training changes it"),
        field("sparse", &Embedding::sparse, "update only the rows of a batch"),
        field("init_scale", &Embedding::init_scale, "first values are uniform in [-init_scale, init_scale]",
              0, 10)};
  }
};

/// Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000). Its
/// equations and the order of its gates are in docs/gates.md.
struct LSTM {
  Required<int> units;
  int layers = 1;
  bool bidirectional = false;
  Merge merge = Merge::concat;
  bool return_sequences = false;
  float dropout = 0;
  float recurrent_dropout = 0;
  float weight_dropout = 0;
  bool bias = true;
  float forget_bias = 1;
  Initializer kernel_init = Initializer::glorot_uniform;
  Initializer recurrent_init = Initializer::orthogonal;

  static constexpr std::string_view type = "lstm";
  static constexpr auto fields() {
    return std::tuple{
        field("units", &LSTM::units, "size of the hidden state", 1, 1 << 20),
        field("layers", &LSTM::layers, "how many are stacked", 1, 64),
        field("bidirectional", &LSTM::bidirectional, "also read from the end"),
        field("merge", &LSTM::merge, "how the two directions are joined"),
        field("return_sequences", &LSTM::return_sequences, "every step's output, not the last one's"),
        field("dropout", &LSTM::dropout, "on the rows between stacked layers", 0, 1),
        field("recurrent_dropout", &LSTM::recurrent_dropout, "on h, one mask a sequence (variational)", 0, 1),
        field("weight_dropout", &LSTM::weight_dropout, "on the recurrent weights U (DropConnect)", 0, 1),
        field("bias", &LSTM::bias, "add bias vectors"),
        field("forget_bias", &LSTM::forget_bias, "first value of the forget gate's bias", -100, 100),
        field("kernel_init", &LSTM::kernel_init, "first values of the input weights W"),
        field("recurrent_init", &LSTM::recurrent_init,
              "first values of the recurrent weights U, gate by gate")};
  }
};

/// Gated recurrent unit (Cho et al. 2014). `reset_after` as PyTorch, Keras and cuDNN have it.
struct GRU {
  Required<int> units;
  int layers = 1;
  bool bidirectional = false;
  Merge merge = Merge::concat;
  bool return_sequences = false;
  float dropout = 0;
  float recurrent_dropout = 0;
  float weight_dropout = 0;
  bool bias = true;
  bool reset_after = true;
  Initializer kernel_init = Initializer::glorot_uniform;
  Initializer recurrent_init = Initializer::orthogonal;

  static constexpr std::string_view type = "gru";
  static constexpr auto fields() {
    return std::tuple{
        field("units", &GRU::units, "size of the hidden state", 1, 1 << 20),
        field("layers", &GRU::layers, "how many are stacked", 1, 64),
        field("bidirectional", &GRU::bidirectional, "also read from the end"),
        field("merge", &GRU::merge, "how the two directions are joined"),
        field("return_sequences", &GRU::return_sequences, "every step's output, not the last one's"),
        field("dropout", &GRU::dropout, "on the rows between stacked layers", 0, 1),
        field("recurrent_dropout", &GRU::recurrent_dropout, "on h, one mask a sequence (variational)", 0, 1),
        field("weight_dropout", &GRU::weight_dropout, "on the recurrent weights U (DropConnect)", 0, 1),
        field("bias", &GRU::bias, "add bias vectors"),
        field("reset_after", &GRU::reset_after, "reset gate after the recurrent product (else before)"),
        field("kernel_init", &GRU::kernel_init, "first values of the input weights W"),
        field("recurrent_init", &GRU::recurrent_init,
              "first values of the recurrent weights U, gate by gate")};
  }
};

/// Elman's network (1990): h = f(W x + U h + b), f = tanh or relu.
struct SimpleRNN {
  Required<int> units;
  int layers = 1;
  bool bidirectional = false;
  Merge merge = Merge::concat;
  bool return_sequences = false;
  float dropout = 0;
  float recurrent_dropout = 0;
  float weight_dropout = 0;
  bool bias = true;
  Activation activation = Activation::tanh;
  Initializer kernel_init = Initializer::glorot_uniform;
  Initializer recurrent_init = Initializer::orthogonal;

  static constexpr std::string_view type = "simple_rnn";
  static constexpr auto fields() {
    return std::tuple{
        field("units", &SimpleRNN::units, "size of the hidden state", 1, 1 << 20),
        field("layers", &SimpleRNN::layers, "how many are stacked", 1, 64),
        field("bidirectional", &SimpleRNN::bidirectional, "also read from the end"),
        field("merge", &SimpleRNN::merge, "how the two directions are joined"),
        field("return_sequences", &SimpleRNN::return_sequences, "every step's output, not the last one's"),
        field("dropout", &SimpleRNN::dropout, "on the rows between stacked layers", 0, 1),
        field("recurrent_dropout", &SimpleRNN::recurrent_dropout, "on h, one mask a sequence (variational)",
              0, 1),
        field("weight_dropout", &SimpleRNN::weight_dropout, "on the recurrent weights U (DropConnect)", 0, 1),
        field("bias", &SimpleRNN::bias, "add bias vectors"),
        field("activation", &SimpleRNN::activation, "tanh or relu"),
        field("kernel_init", &SimpleRNN::kernel_init, "first values of the input weights W"),
        field("recurrent_init", &SimpleRNN::recurrent_init,
              "first values of the recurrent weights U, gate by gate")};
  }
};

/// Sequences to one row each: over time, each sequence's own steps. Several side by side are concatenated.
struct Pooling {
  std::vector<Pool> over_time = {Pool::max};

  static constexpr std::string_view type = "pooling";
  static constexpr auto fields() {
    return std::tuple{field("over_time", &Pooling::over_time, "last, mean, max; several stand side by side")};
  }
};

/// y = f(x W^T + b), on every row.
struct Dense {
  Required<int> units;
  Activation activation = Activation::linear;
  bool bias = true;
  Initializer kernel_init = Initializer::glorot_uniform;

  static constexpr std::string_view type = "dense";
  static constexpr auto fields() {
    return std::tuple{field("units", &Dense::units, "outputs", 1, 1 << 24),
                      field("activation", &Dense::activation, "applied to the outputs"),
                      field("bias", &Dense::bias, "add one number per output"),
                      field("kernel_init", &Dense::kernel_init, "first values of the weights")};
  }
};

/// Inverted dropout (Srivastava et al. 2014): nothing outside training.
struct Dropout {
  Required<float> rate;

  static constexpr std::string_view type = "dropout";
  static constexpr auto fields() { return std::tuple{field("rate", &Dropout::rate, "share dropped", 0, 1)}; }
};

/// Layer normalisation of each row (Ba, Kiros & Hinton 2016) with a learned gain and bias.
struct LayerNorm {
  float epsilon = 1e-5F;

  static constexpr std::string_view type = "layer_norm";
  static constexpr auto fields() {
    return std::tuple{field("epsilon", &LayerNorm::epsilon, "added to the variance", 1e-12, 1)};
  }
};

/// An activation as a layer of its own.
struct Activate {
  Required<Activation> activation;

  static constexpr std::string_view type = "activate";
  static constexpr auto fields() {
    return std::tuple{field("activation", &Activate::activation, "the function applied to every number")};
  }
};

static_assert(all_fields_listed<Tokens> && all_fields_listed<Input> && all_fields_listed<Embedding>);
static_assert(all_fields_listed<LSTM> && all_fields_listed<GRU> && all_fields_listed<SimpleRNN>);
static_assert(all_fields_listed<Pooling> && all_fields_listed<Dense> && all_fields_listed<Dropout>);
static_assert(all_fields_listed<LayerNorm> && all_fields_listed<Activate>);

}  // namespace layers
}  // namespace rondo
