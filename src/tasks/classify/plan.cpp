// Fills in a text classifier's open options and builds its layers. docs/recipes.md explains the choices and
// gives the figures behind them.
#include <algorithm>
#include <cmath>
#include <functional>
#include <variant>

#include <rondo/tasks/classify.h>
#include <rondo/tasks/multi_task.h>

#include "base/json.h"
#include "base/message.h"
#include "model/objective.h"
#include "tasks/classify/text_classifier.h"
#include "tasks/options/network.h"
#include "tasks/options/training.h"

namespace rondo {
namespace {

/// The number of epochs that shows the model about 60 000 examples in all, within bounds: small data needs
/// more passes, but overfits within a few.
int epochs_for(std::size_t examples) {
  const double passes = 60'000.0 / static_cast<double>(std::max<std::size_t>(examples, 1));
  return std::clamp(static_cast<int>(std::lround(passes)), 4, 20);
}

/// The mean number of tokens in a text, from about a thousand texts.
double mean_length(const Dataset& train, const TextOptions& options) {
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

/// Below this length, texts are phrases. Their mean would depend more on their length than on their content.
constexpr double phrase_length = 12;

/// A small validation set is a rough measure: with 100 texts, one standard error is 4 points of accuracy, and
/// two unlucky epochs in a row are common. Epochs of so little data are short.
int patience_for(std::size_t validation_texts) {
  return validation_texts < 500 ? 5 : 2;
}

/// Short texts train well at twice Adam's default rate.
float usual_rate(const Optimizer& optimizer) {
  if (std::holds_alternative<optim::SGD>(optimizer)) return 0.1F;
  if (std::holds_alternative<optim::Adagrad>(optimizer)) return 1e-2F;
  if (std::holds_alternative<optim::RMSprop>(optimizer)) return 1e-3F;
  return 2e-3F;
}

/// So many labels may be classes even if they hardly repeat.
constexpr std::size_t few_classes = 20;

/// Labels that hardly repeat are not classes. Most likely the wrong column was taken as the labels.
void check_classes(const Dataset& train) {
  const std::vector<std::int64_t> counts =
      data::is_multi_label(train) ? data::label_counts(train) : train.class_counts();
  const auto present = static_cast<std::size_t>(
      std::count_if(counts.begin(), counts.end(), [](std::int64_t count) { return count > 0; }));
  if (present > few_classes && present * 2 > train.size())
    fail(ErrorKind::data, std::to_string(train.size()) + " training texts have " + std::to_string(present) +
                              " different labels, such as " + quote(train.class_names().front()) +
                              ": they hardly repeat, so there is nothing to learn; if another column holds "
                              "the labels, name it (--label NAME, ReadOptions::label)");
}

/// What several labels a text cannot be trained with.
void check_multi_label(const Dataset& train, const ClassifierOptions& options) {
  const auto refuse = [](const std::string& option, const std::string& why) {
    fail(ErrorKind::option, option + " is for one label a text, not for several (multi-label): " + why);
  };
  if (options.classes.sampling != Sampling::none) refuse("sampling", "a text is of no one class");
  if (options.classes.balance_classes || !options.classes.class_weights.empty())
    refuse(options.classes.balance_classes ? "balance_classes" : "class_weights",
           "each label has a threshold of its own instead");
  const std::string& monitor = options.training.monitor;
  if (!monitor.empty() && monitor != "val_loss" && monitor != "loss")
    refuse("monitor = " + monitor, "give val_loss or loss");
  if (train.class_names().size() == 2 && (options.wide == Wide::on || options.wide == Wide::only))
    refuse("wide = " + std::string(name_of(options.wide)),
           "with two labels there is no branch; give --wide off");
}

void check_focal(const ClassifierOptions& options) {
  if (options.classes.loss != ClassifierLoss::focal) return;
  if (options.classes.label_smoothing > 0)
    fail(ErrorKind::option,
         "label_smoothing is for loss = cross_entropy, not for focal; leave out one of them");
  if (options.wide == Wide::only)
    fail(ErrorKind::option,
         "loss = focal is for a network, which wide = only leaves out; leave out one of them");
}

void check_data(const Dataset& train, const ClassifierOptions& options) {
  if (!options.label_weights.empty())
    fail(ErrorKind::option,
         "label_weights is for several columns of labels (labels); leave it out, or name them");
  check_focal(options);
  check_transfer(options.transfer, !options.training.init.empty() || !options.network.vectors.empty(),
                 plain_place);
  if (train.empty()) fail(ErrorKind::data, "there are no training texts");
  const bool several = data::is_multi_label(train);
  if (!train.is_text() || (train.target() != Target::labels && !several))
    fail(ErrorKind::data, "a text classifier takes texts with labels");
  if (several) check_multi_label(train, options);
  check_classes(train);
  class_weights(
      {.class_weights = options.classes.class_weights, .balance_classes = options.classes.balance_classes},
      train);
}

/// As many numbers as columns, and something to learn in each.
void check_heads(const Dataset& train, const std::vector<data::LabelColumn>& columns) {
  if (!train.is_text() || train.target() != Target::values || columns.empty() ||
      train.value_count() != std::ssize(columns))
    fail(ErrorKind::data,
         "a classifier of several heads takes texts with a label for each; read them with "
         "data::read_label_columns");
  for (std::size_t k = 0; k < columns.size(); ++k) {
    std::vector<char> seen(columns[k].classes.size());
    std::size_t labelled = 0, present = 0;
    for (std::size_t i = 0; i < train.size(); ++i) {
      const auto label = static_cast<std::int64_t>(train.values(i).at(static_cast<std::int64_t>(k)));
      if (label >= std::ssize(seen))
        fail(ErrorKind::data, "the column " + quote(columns[k].name) + " has " + std::to_string(seen.size()) +
                                  " classes, got class " + std::to_string(label));
      if (label < 0) continue;
      ++labelled;
      present += seen[static_cast<std::size_t>(label)] == 0 ? 1 : 0;
      seen[static_cast<std::size_t>(label)] = 1;
    }
    const std::string where = "the column " + quote(columns[k].name) + " of labels ";
    if (present < 2)
      fail(ErrorKind::data, where + "has " + std::to_string(present) +
                                " different labels in the training texts, wanted two or more; leave it out");
    if (present > few_classes && present * 2 > labelled)
      fail(ErrorKind::data, where + "has " + std::to_string(present) + " different labels in " +
                                std::to_string(labelled) +
                                " training texts: they hardly repeat, so there is nothing to learn");
  }
}

/// What several heads cannot be trained with.
void check_options_of_heads(const ClassifierOptions& o, std::size_t heads) {
  const std::pair<const char*, bool> given[] = {{"wide", o.wide == Wide::on || o.wide == Wide::only},
                                                {"ensemble", o.certainty.ensemble > 1},
                                                {"calibrate", o.certainty.calibrate},
                                                {"precision", o.certainty.precision > 0},
                                                {"folds", o.certainty.folds > 0},
                                                {"learning_curve", o.certainty.learning_curve},
                                                {"class_weights", !o.classes.class_weights.empty()},
                                                {"balance_classes", o.classes.balance_classes},
                                                {"sampling", o.classes.sampling != Sampling::none},
                                                {"init", !o.training.init.empty()},
                                                {"vectors", !o.network.vectors.empty()},
                                                {"freeze_epochs", o.transfer.freeze_epochs > 0},
                                                {"unfreeze", o.transfer.unfreeze != Unfreeze::none},
                                                {"encoder_rate", o.transfer.encoder_rate != 1}};
  for (const auto& [name, is_given] : given)
    if (is_given)
      fail(ErrorKind::option,
           std::string(name) + " is for labels of one column, not for several heads (labels); leave it out");
  const std::string& monitor = o.training.monitor;
  if (monitor == "f1" || monitor == "val_f1")
    fail(ErrorKind::option, "monitor = " + monitor +
                                " is for labels of one column; of several heads give "
                                "val_accuracy or val_loss");
  if (!o.label_weights.empty() && o.label_weights.size() != heads)
    fail(ErrorKind::option, "label_weights: wanted a number for each of the " + std::to_string(heads) +
                                " columns of labels, got " + std::to_string(o.label_weights.size()));
  const auto counts = [](double weight) { return weight > 0; };
  if (!o.label_weights.empty() && std::none_of(o.label_weights.begin(), o.label_weights.end(), counts))
    fail(ErrorKind::option, "label_weights: wanted one above 0 at least; with all at 0 nothing is learned");
}

using Because = std::function<void(std::string)>;

void plan_text(TextOptions& text, const Dataset& train, const Because& because) {
  if (text.tokenizer == Tokenizer::automatic) {
    text.tokenizer = tokenizer_for(train.texts());
    because("tokenizer = " + std::string(name_of(text.tokenizer)) + ": by the script of the texts");
  }
  if (text.min_count == 0) {
    text.min_count = train.size() < 1'000 ? 1 : 2;
    because("min_count = " + std::to_string(text.min_count) + ": for " + std::to_string(train.size()) +
            " training texts");
  }
}

void plan_pooling(ClassifierOptions& options, const Dataset& train, const Because& because) {
  if (options.reader == ClassifierNetwork::cnn_lstm_attention) {
    if (!options.pooling.empty())
      fail(ErrorKind::option, "pooling: network = cnn-lstm-attention pools by attention; leave it out");
    return;
  }
  if (!options.pooling.empty()) return;
  const double length = mean_length(train, options.text);
  options.pooling = {Pool::max};
  if (length >= phrase_length) options.pooling.push_back(Pool::mean);
  because(std::string("pooling = ") + (length >= phrase_length ? "max, mean" : "max") + ": for texts of " +
          std::to_string(std::lround(length)) + " tokens on average");
}

void plan_bigrams(TextOptions& text, const Because& because) {
  if (text.bigrams >= 0) return;
  text.bigrams = text.tokenizer == Tokenizer::characters ? 100'000 : 0;
  because("bigrams = " + std::to_string(text.bigrams) + ": for " + std::string(name_of(text.tokenizer)));
}

void plan_training(TrainingOptions& training, const Dataset& train, const Dataset& valid,
                   const Because& because) {
  if (training.epochs == 0) {
    training.epochs = epochs_for(train.size());
    because("epochs = " + std::to_string(training.epochs) + ": at the most, for " +
            std::to_string(train.size()) + " training texts");
  }
  if (training.patience < 0) {
    training.patience = valid.empty() ? 0 : patience_for(valid.size());
    because(valid.empty() ? "no validation data: every epoch is run, and the last one is kept"
                          : "patience = " + std::to_string(training.patience) + ": for " +
                                std::to_string(valid.size()) + " validation texts");
  }
  const bool several = data::is_multi_label(train);
  if (training.monitor.empty()) training.monitor = several ? "val_loss" : "val_accuracy";
  if (plan_rate(training, usual_rate))
    because("learning_rate = " + dump_json(shortest_double(training.learning_rate)) + ": usual for " +
            std::string(type_of(training.optimizer)));
}

void plan_wide(ClassifierOptions& options, const Dataset& train, const Because& because) {
  if (options.wide == Wide::only) because("wide = only: without a network, whose options do not count");
  if (options.wide != Wide::automatic) return;
  const std::size_t classes = train.class_names().size();
  const bool fits = classes <= most_wide_classes && !(data::is_multi_label(train) && classes == 2);
  options.wide = fits ? Wide::on : Wide::off;
  because("wide = " + std::string(name_of(options.wide)) + ": for " + std::to_string(classes) + " classes");
}

void plan_certainty(const ClassifierOptions& options, const Dataset& train, const Dataset& valid) {
  const CertaintyOptions& c = options.certainty;
  if (c.ensemble > 1 && options.wide == Wide::only)
    fail(ErrorKind::option, "ensemble is of networks, which wide = only leaves out; leave out one of them");
  if (c.folds == 1 || (c.folds > 1 && static_cast<std::size_t>(c.folds) > train.size()))
    fail(ErrorKind::option, "folds must be 0, or from 2 to the number of training texts (" +
                                std::to_string(train.size()) + "), got " + std::to_string(c.folds));
  if (!valid.empty()) return;
  for (const auto& [name, given] :
       {std::pair("precision", c.precision > 0), std::pair("calibrate", c.calibrate)})
    if (given)
      fail(ErrorKind::option, std::string(name) +
                                  " is found on validation data, and there are none; give "
                                  "--valid FILE or a --valid-share above 0");
}

}  // namespace

ClassifierOptions TextClassifier::plan(const Dataset& train, const Dataset& valid, ClassifierOptions options,
                                       std::vector<std::string>* reasons) {
  const auto because = [&](std::string line) {
    if (reasons != nullptr) reasons->push_back(std::move(line));
  };
  check_data(train, options);
  plan_text(options.text, train, because);
  plan_pooling(options, train, because);
  plan_bigrams(options.text, because);
  plan_training(options.training, train, valid, because);
  plan_wide(options, train, because);
  plan_certainty(options, train, valid);
  return options;
}

ClassifierOptions MultiTaskClassifier::plan(const Dataset& train, const Dataset& valid,
                                            const std::vector<data::LabelColumn>& columns,
                                            ClassifierOptions options, std::vector<std::string>* reasons) {
  const auto because = [&](std::string line) {
    if (reasons != nullptr) reasons->push_back(std::move(line));
  };
  if (train.empty()) fail(ErrorKind::data, "there are no training texts");
  check_heads(train, columns);
  check_options_of_heads(options, columns.size());
  check_focal(options);
  plan_text(options.text, train, because);
  plan_pooling(options, train, because);
  plan_bigrams(options.text, because);
  plan_training(options.training, train, valid, because);
  options.wide = Wide::off;
  return options;
}

Sequential TextClassifier::build(const ClassifierOptions& o, std::int64_t classes, bool multi_label) {
  if (classes < 2)
    fail(ErrorKind::data, "a classifier needs two classes or more, got " + std::to_string(classes) +
                              ": every example has the same label");
  std::vector<AnyLayer> layers;
  layers.emplace_back(tokens_of(o.text));
  layers.emplace_back(embedding_of(o.network));
  layers.emplace_back(layers::Dropout{.rate = o.network.dropout, .per_word = o.network.dropout_per_word});
  const bool attends = o.reader == ClassifierNetwork::cnn_lstm_attention;
  if (attends)
    layers.emplace_back(layers::Conv1D{.filters = o.network.units, .activation = Activation::relu});
  layers.push_back(recurrent_layer_of(o.network));
  if (attends)
    layers.emplace_back(layers::AttentionPooling{});
  else
    layers.emplace_back(layers::Pooling{.over_time = o.pooling});
  layers.emplace_back(layers::Dropout{.rate = o.network.dropout});
  layers.emplace_back(layers::Dense{.units = static_cast<int>(classes),
                                    .activation = multi_label ? Activation::sigmoid : Activation::softmax});
  return Sequential(std::move(layers));
}

}  // namespace rondo
