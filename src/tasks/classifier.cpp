#include <utility>
#include <variant>

#include <rondo/tasks.h>

#include "base/message.h"
#include "tasks/evaluation.h"

namespace rondo {
namespace {

Optimizer optimizer_of(const ClassifierOptions& o) {
  switch (o.optimizer) {
    case OptimizerKind::adam:
      return optim::Adam{.learning_rate = o.learning_rate, .weight_decay = o.weight_decay};
    case OptimizerKind::adamw:
      return optim::AdamW{.learning_rate = o.learning_rate, .weight_decay = o.weight_decay};
    case OptimizerKind::sgd:
      return optim::SGD{
          .learning_rate = o.learning_rate, .momentum = o.momentum, .weight_decay = o.weight_decay};
    case OptimizerKind::adagrad:
      return optim::Adagrad{.learning_rate = o.learning_rate, .weight_decay = o.weight_decay};
    case OptimizerKind::rmsprop:
      return optim::RMSprop{
          .learning_rate = o.learning_rate, .momentum = o.momentum, .weight_decay = o.weight_decay};
  }
  throw Bug("optimizer_of: unknown kind");
}

Schedule schedule_of(const ClassifierOptions& o) {
  switch (o.schedule) {
    case ScheduleKind::linear:
      return schedule::Linear{.warmup_steps = o.warmup_steps};
    case ScheduleKind::cosine:
      return schedule::Cosine{.warmup_steps = o.warmup_steps};
    case ScheduleKind::constant:
      return schedule::Constant{.warmup_steps = o.warmup_steps};
    case ScheduleKind::step:
      return schedule::Step{.warmup_steps = o.warmup_steps};
    case ScheduleKind::exponential:
      return schedule::Exponential{.warmup_steps = o.warmup_steps};
    case ScheduleKind::reduce_on_plateau:
      return schedule::ReduceOnPlateau{.warmup_steps = o.warmup_steps};
  }
  throw Bug("schedule_of: unknown kind");
}

Dataset sampled(const Dataset& train, const ClassifierOptions& o) {
  switch (o.sampling) {
    case Sampling::none:
      return train;
    case Sampling::over:
      return train.over_sample(o.seed);
    case Sampling::under:
      return train.under_sample(o.seed);
  }
  throw Bug("sampled: unknown kind");
}

FitOptions fit_options(const ClassifierOptions& o, const Dataset& valid, ClassifierRun run) {
  FitOptions fit{.epochs = o.epochs,
                 .batch_size = o.batch_size,
                 .schedule = schedule_of(o),
                 .clip_norm = o.clip_norm,
                 .clip_value = o.clip_value,
                 .class_weights = o.class_weights,
                 .balance_classes = o.balance_classes,
                 .accumulate = o.accumulate,
                 .seed = o.seed,
                 .stop = std::move(run.stop),
                 .callbacks = std::move(run.callbacks)};
  if (!valid.empty()) {
    fit.validation = valid;
    const int patience = o.patience > 0 ? o.patience : o.epochs;
    fit.callbacks.emplace_back(
        callbacks::EarlyStopping{.monitor = std::string(name_of(o.monitor)), .patience = patience});
  }
  if (!run.folder.empty()) {
    const std::filesystem::path checkpoints = run.folder / "checkpoints";
    fit.callbacks.emplace_back(callbacks::HistoryFile{.folder = run.folder});
    fit.callbacks.emplace_back(
        callbacks::Checkpoint{.folder = checkpoints, .every_seconds = run.checkpoint_seconds});
    if (run.resume) fit.resume = checkpoints;
  }
  return fit;
}

/// "dense.weight and dense.bias have other shapes; ...": why weights were not taken; empty if all were.
std::string left_alone(const Transfer& transfer) {
  std::string text;
  const auto add = [&](const std::vector<std::string>& names, std::string_view why) {
    if (!names.empty())
      text += (text.empty() ? "" : "; ") + std::string(why) + ": " + enumerate(names, "and");
  };
  add(transfer.misshapen, "of another shape there");
  add(transfer.missing, "not there");
  return text;
}

/// Word vectors and another model's weights, with a line to `notice` on what they gave.
void take_weights(Sequential& model, const ClassifierOptions& o,
                  const std::function<void(const std::string&)>& notice) {
  const auto say = [&](const std::string& line) {
    if (notice) notice(line);
  };
  if (!o.vectors.empty()) {
    const Vocab& vocab = model.encoder().vocab();
    const WordVectors vectors = read_word_vectors(o.vectors, vocab);
    if (vectors.dim != o.embedding)
      fail(ErrorKind::option, "embedding must be " + std::to_string(vectors.dim) + " (--embedding " +
                                  std::to_string(vectors.dim) + "), the width of the vectors in " +
                                  quote(o.vectors.string()) + ", got " + std::to_string(o.embedding));
    model.set_embeddings(vectors);
    say("vectors: " + std::to_string(vectors.exact + vectors.folded) + " of " +
        std::to_string(vocab.size() - 1) + " tokens found in " + o.vectors.string());
  }
  if (!o.init.empty()) {
    const Transfer transfer = model.init_from(o.init);
    const std::string rest = left_alone(transfer);
    say("init: " + std::to_string(transfer.taken.size()) + " of " +
        std::to_string(model.weights().parameters().size()) + " weights taken from " + o.init.string() +
        (rest.empty() ? "" : " (" + rest + ")"));
  }
}

}  // namespace

TextClassifier::TextClassifier(Sequential model, ClassifierOptions options, History history)
    : model_(std::move(model)), options_(std::move(options)), history_(std::move(history)) {}

TextClassifier TextClassifier::train(const Dataset& train, const Dataset& valid, ClassifierOptions options,
                                     ClassifierRun run) {
  options = plan(train, valid, std::move(options));
  Sequential model = build(options, static_cast<std::int64_t>(train.class_names().size()));
  model.compile({.optimizer = optimizer_of(options),
                 .loss = Loss::categorical_cross_entropy,
                 .metrics = {Metric::accuracy, Metric::f1},
                 .label_smoothing = options.label_smoothing});
  const Dataset examples = sampled(train, options);
  model.prepare(examples, options.seed);
  take_weights(model, options, run.notice);
  History history = model.fit(examples, fit_options(options, valid, std::move(run)));
  return {std::move(model), std::move(options), std::move(history)};
}

Evaluation TextClassifier::evaluate(const Dataset& test, int worst) const {
  const std::vector<std::string>& names = class_names();
  const Dataset known = test.class_names() == names ? test : test.with_classes(names);
  std::vector<std::string> texts;
  texts.reserve(known.size());
  for (const std::string_view text : known.texts())
    texts.emplace_back(text);
  return evaluate_predictions(known, model_.predict(texts), names, worst);
}

Prediction TextClassifier::predict(std::string_view text) const {
  return model_.predict(text);
}

std::vector<Prediction> TextClassifier::predict(std::span<const std::string> texts) const {
  return model_.predict(texts);
}

const std::vector<std::string>& TextClassifier::class_names() const noexcept {
  return model_.class_names();
}

void TextClassifier::save(const std::filesystem::path& file) const {
  model_.save(file);
}

TextClassifier TextClassifier::load(const std::filesystem::path& file) {
  Sequential model = rondo::load(file);
  const bool of_text =
      !model.layers().empty() && std::holds_alternative<layers::Tokens>(model.layers().front());
  if (!of_text || model.target() != Target::labels)
    fail(ErrorKind::format, "'" + file.string() +
                                "' holds another kind of model, not a text classifier; make one with "
                                "'rondo train classify'");
  return {std::move(model), ClassifierOptions{}, History{}};
}

}  // namespace rondo
