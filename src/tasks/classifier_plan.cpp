// What a text classifier's open options become, and the layers that the options stand for. The choices and
// the figures behind them are in docs/recipes.md.
#include <algorithm>
#include <cmath>

#include <rondo/tasks.h>

#include "base/json.h"
#include "base/message.h"
#include "model/objective.h"

namespace rondo {
namespace {

/// Epochs for about this many examples seen in all, within bounds: small data needs more passes and overfits
/// within a few.
int epochs_for(std::size_t examples) {
  const double passes = 60'000.0 / static_cast<double>(std::max<std::size_t>(examples, 1));
  return std::clamp(static_cast<int>(std::lround(passes)), 4, 20);
}

/// Mean tokens of a text, from about a thousand of them.
double mean_length(const Dataset& train, const ClassifierOptions& options) {
  // Subwords are not learned yet: words stand in for them.
  const bool characters = options.tokenizer == Tokenizer::characters;
  const layers::Tokens tokens{.tokenizer = characters ? Tokenizer::characters : Tokenizer::words,
                              .normalization = options.normalization,
                              .lowercase = options.lowercase};
  const std::size_t apart = std::max<std::size_t>(1, train.size() / 1'000);
  std::size_t texts = 0, length = 0;
  for (std::size_t i = 0; i < train.size(); i += apart, ++texts)
    length += tokenize(train.text(i), tokens).size();
  return static_cast<double>(length) / static_cast<double>(texts);
}

/// Phrases of a few words: the mean would depend on how long a text is more than on what it says.
constexpr double phrase_length = 12;

/// A small validation set judges an epoch roughly: at 100 texts one standard error is 4 points of accuracy,
/// and two unlucky epochs in a row are common. The epochs of so little data are short.
int patience_for(std::size_t validation_texts) {
  return validation_texts < 500 ? 5 : 2;
}

float usual_rate(OptimizerKind kind) {
  switch (kind) {
    case OptimizerKind::adam:
    case OptimizerKind::adamw:
      return 2e-3F;
    case OptimizerKind::sgd:
      return 0.1F;
    case OptimizerKind::adagrad:
      return 1e-2F;
    case OptimizerKind::rmsprop:
      return 1e-3F;
  }
  throw Bug("usual_rate: unknown optimiser");
}

/// Labels that hardly repeat are no classes: most likely another column was taken for them.
void check_classes(const Dataset& train) {
  constexpr std::size_t few = 20;
  const std::vector<std::int64_t> counts = train.class_counts();
  const auto present = static_cast<std::size_t>(
      std::count_if(counts.begin(), counts.end(), [](std::int64_t count) { return count > 0; }));
  if (present > few && present * 2 > train.size())
    fail(ErrorKind::data, std::to_string(train.size()) + " training texts have " + std::to_string(present) +
                              " different labels, such as " + quote(train.class_names().front()) +
                              ": they hardly repeat, so there is nothing to learn; if another column holds "
                              "the labels, name it (--label NAME, ReadOptions::label)");
}

void check_data(const Dataset& train, const ClassifierOptions& options) {
  if (train.empty()) fail(ErrorKind::data, "there are no training texts");
  if (!train.is_text() || train.target() != Target::labels)
    fail(ErrorKind::data, "a text classifier takes texts with one label each");
  check_classes(train);
  class_weights({.class_weights = options.class_weights, .balance_classes = options.balance_classes}, train);
}

template <class L>
L recurrent_layer(const ClassifierOptions& o) {
  L layer{.units = o.units};
  layer.layers = o.layers;
  layer.bidirectional = o.bidirectional;
  layer.return_sequences = true;
  layer.dropout = o.layers > 1 ? o.dropout : 0;
  layer.recurrent_dropout = o.recurrent_dropout;
  layer.weight_dropout = o.weight_dropout;
  return layer;
}

AnyLayer recurrent_layer_of(const ClassifierOptions& o) {
  switch (o.cell) {
    case RecurrentKind::lstm:
      return recurrent_layer<layers::LSTM>(o);
    case RecurrentKind::gru:
      return recurrent_layer<layers::GRU>(o);
    case RecurrentKind::simple_rnn:
      return recurrent_layer<layers::SimpleRNN>(o);
  }
  throw Bug("recurrent_layer_of: unknown kind");
}

}  // namespace

ClassifierOptions TextClassifier::plan(const Dataset& train, const Dataset& valid, ClassifierOptions options,
                                       std::vector<std::string>* reasons) {
  const auto because = [&](std::string line) {
    if (reasons != nullptr) reasons->push_back(std::move(line));
  };
  check_data(train, options);
  if (options.tokenizer == Tokenizer::automatic) {
    options.tokenizer = tokenizer_for(train.texts());
    because("tokenizer = " + std::string(name_of(options.tokenizer)) + ": by the script of the texts");
  }
  if (options.min_count == 0) {
    options.min_count = train.size() < 1'000 ? 1 : 2;
    because("min_count = " + std::to_string(options.min_count) + ": for " + std::to_string(train.size()) +
            " training texts");
  }
  if (options.pooling.empty()) {
    const double length = mean_length(train, options);
    options.pooling = {Pool::max};
    if (length >= phrase_length) options.pooling.push_back(Pool::mean);
    because(std::string("pooling = ") + (length >= phrase_length ? "max, mean" : "max") + ": for texts of " +
            std::to_string(std::lround(length)) + " tokens on average");
  }
  if (options.bigrams < 0) {
    options.bigrams = options.tokenizer == Tokenizer::characters ? 100'000 : 0;
    because("bigrams = " + std::to_string(options.bigrams) + ": for " +
            std::string(name_of(options.tokenizer)));
  }
  if (options.epochs == 0) {
    options.epochs = epochs_for(train.size());
    because("epochs = " + std::to_string(options.epochs) + ": at the most, for " +
            std::to_string(train.size()) + " training texts");
  }
  if (options.patience < 0) {
    options.patience = valid.empty() ? 0 : patience_for(valid.size());
    if (valid.empty())
      because("no validation data: every epoch is run, and the last one is kept");
    else
      because("patience = " + std::to_string(options.patience) + ": for " + std::to_string(valid.size()) +
              " validation texts");
  }
  if (options.learning_rate == 0) {
    options.learning_rate = usual_rate(options.optimizer);
    because("learning_rate = " + dump_json(shortest_double(options.learning_rate)) + ": usual for " +
            std::string(name_of(options.optimizer)));
  }
  return options;
}

Sequential TextClassifier::build(const ClassifierOptions& o, std::int64_t classes) {
  if (classes < 2)
    fail(ErrorKind::data, "a classifier needs two classes or more, got " + std::to_string(classes) +
                              ": every example has the same label");
  std::vector<AnyLayer> layers;
  layers.emplace_back(layers::Tokens{.tokenizer = o.tokenizer,
                                     .max_size = o.max_size,
                                     .min_count = std::max(o.min_count, 1),
                                     .max_length = o.max_length,
                                     .truncate = o.truncate,
                                     .normalization = o.normalization,
                                     .lowercase = o.lowercase,
                                     .bigrams = std::max(o.bigrams, 0)});
  layers.emplace_back(layers::Embedding{.dim = o.embedding,
                                        .bigram_dim = o.bigram_embedding,
                                        .dropout = o.token_dropout,
                                        .trainable = !o.freeze_embedding});
  layers.emplace_back(layers::Dropout{.rate = o.dropout});
  layers.push_back(recurrent_layer_of(o));
  layers.emplace_back(layers::Pooling{.over_time = o.pooling});
  layers.emplace_back(layers::Dropout{.rate = o.dropout});
  layers.emplace_back(layers::Dense{.units = static_cast<int>(classes), .activation = Activation::softmax});
  return Sequential(std::move(layers));
}

}  // namespace rondo
