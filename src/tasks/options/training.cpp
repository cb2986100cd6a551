#include "tasks/options/training.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "base/message.h"
#include "base/shown.h"
#include "model/header.h"
#include "model/model_file.h"

namespace rondo {
namespace {

float rate_in(const Optimizer& optimizer) {
  return std::visit([](const auto& rule) { return rule.learning_rate; }, optimizer);
}

float default_rate(const Optimizer& optimizer) {
  return std::visit([](const auto& rule) { return std::remove_cvref_t<decltype(rule)>{}.learning_rate; },
                    optimizer);
}

/// Why weights were not taken: "other shape there: dense.weight; missing there: ..."; empty if all were
/// taken.
std::string left_alone(const Transfer& transfer) {
  std::string text;
  const auto add = [&](const std::vector<std::string>& names, std::string_view why) {
    if (!names.empty())
      text += (text.empty() ? "" : "; ") + std::string(why) + ": " + enumerate(names, "and");
  };
  add(transfer.misshapen, "other shape there");
  add(transfer.missing, "missing there");
  return text;
}

/// Names the classes whose weights the other model could not give.
void say_new_classes(const Sequential& model, const std::filesystem::path& init,
                     const std::function<void(const std::string&)>& say) {
  const std::vector<std::string> known = sequential_header(ModelFile(init)).classes;
  std::vector<std::string> added;
  for (const std::string& name : model.class_names())
    if (std::find(known.begin(), known.end(), name) == known.end()) added.push_back(quote(name));
  if (known.empty() || added.empty()) return;
  constexpr std::size_t most = 10;
  if (added.size() > most) {
    const std::size_t more = added.size() - most;
    added.resize(most);
    added.push_back(std::to_string(more) + " more");
  }
  say("init: new classes, which begin without weights: " + enumerate(added, "and"));
}

void take_vectors(Sequential& model, const NetworkOptions& o,
                  const std::function<void(const std::string&)>& say) {
  const Vocab& vocab = model.encoder().vocab();
  const WordVectors vectors = read_word_vectors(o.vectors, vocab);
  if (vectors.dim != o.embedding)
    fail(ErrorKind::option, "embedding must be " + std::to_string(vectors.dim) + " (--embedding " +
                                std::to_string(vectors.dim) + "), the width of the vectors in " +
                                quote(o.vectors.string()) + ", got " + std::to_string(o.embedding));
  model.set_embeddings(vectors);
  std::string odd;
  if (vectors.repeated > 0)
    odd = "; " + std::to_string(vectors.repeated) + " lines repeat one of them, whose first vector counts";
  if (vectors.words < vectors.announced)
    odd += "; its first line promises " + std::to_string(vectors.announced) + " words, and it has " +
           std::to_string(vectors.words);
  say("vectors: " + std::to_string(vectors.exact + vectors.folded) + " of " +
      std::to_string(vocab.size() - 1) + " tokens found in " + o.vectors.string() + odd);
}

/// The part of a network that holds the parameter: its layer, and in a stack the level: "lstm_l1".
std::string part_of(const std::string& parameter) {
  std::string part = parameter.substr(0, parameter.find('.'));
  const std::size_t level = parameter.rfind("_l");
  if (level == std::string::npos || level + 2 >= parameter.size() || parameter[level + 2] < '0' ||
      parameter[level + 2] > '9')
    return part;
  const std::size_t end = parameter.find('_', level + 2);
  return part + parameter.substr(level, end == std::string::npos ? end : end - level);
}

}  // namespace

std::vector<ParameterGroup> transfer_groups(const TransferOptions& options, const ParameterStore& weights,
                                            const std::function<void(const std::string&)>& notice) {
  const bool gradual = options.unfreeze == Unfreeze::gradual;
  if (options.freeze_epochs == 0 && !gradual && options.encoder_rate == 1) return {};
  std::vector<std::string> parts;
  for (const Parameter& p : weights.parameters())
    if (std::find(parts.begin(), parts.end(), part_of(p.name)) == parts.end())
      parts.push_back(part_of(p.name));
  const auto epochs_before = [&](std::size_t part) {
    const auto above = static_cast<int>(parts.size() - 1 - part);  // the last part counts as 0
    return gradual ? std::max(options.freeze_epochs, 1) + above - 1 : options.freeze_epochs;
  };
  std::vector<ParameterGroup> groups;
  for (const Parameter& p : weights.parameters()) {
    const auto part = std::find(parts.begin(), parts.end(), part_of(p.name));
    if (part + 1 == parts.end()) continue;
    groups.push_back({.prefix = p.name,
                      .learning_rate = options.encoder_rate,
                      .frozen_epochs = epochs_before(static_cast<std::size_t>(part - parts.begin()))});
  }
  std::string when;
  for (std::size_t i = parts.size(); i-- > 1;)
    when += ", " + parts[i - 1] + " from epoch " + std::to_string(epochs_before(i - 1) + 1) + " on";
  if (notice && (gradual || options.freeze_epochs > 0)) notice(parts.back() + " learns at once" + when);
  return groups;
}

void check_transfer(const TransferOptions& options, bool has_first_weights, const PlaceOf& place) {
  if (has_first_weights) return;
  for (const auto& [name, given] : {std::pair("freeze_epochs", options.freeze_epochs > 0),
                                    std::pair("unfreeze", options.unfreeze != Unfreeze::none)})
    if (given)
      fail(ErrorKind::option, place(name) +
                                  " keeps first weights from changing, and there are none but random "
                                  "ones; give " +
                                  place("init") + " or " + place("vectors"));
}

std::string plain_place(std::string_view option) {
  return std::string(option);
}

Optimizer optimizer_of(const TrainingOptions& options) {
  Optimizer optimizer = options.optimizer;
  if (options.learning_rate > 0)
    std::visit([&](auto& rule) { rule.learning_rate = options.learning_rate; }, optimizer);
  return optimizer;
}

bool plan_rate(TrainingOptions& options, const std::function<float(const Optimizer&)>& usual_rate) {
  const float said = rate_in(options.optimizer);
  const bool open = options.learning_rate == 0 && said == default_rate(options.optimizer);
  if (open) options.learning_rate = usual_rate(options.optimizer);
  if (options.learning_rate == 0) options.learning_rate = said;
  options.optimizer = optimizer_of(options);
  return open;
}

void plan_average(TrainingOptions& options, float usual, double steps,
                  const std::function<void(const std::string&)>& because) {
  if (options.average != usual || 10 / steps <= 1 - static_cast<double>(usual)) return;
  options.average = static_cast<float>(std::max(0.0, std::floor((1 - 10 / steps) * 1000) / 1000));
  because("average = " + plain(options.average) + ": for " + grouped(static_cast<std::int64_t>(steps)) +
          " steps of training");
}

std::vector<std::string> plan_training(TrainingOptions& options, const TrainingDefaults& defaults) {
  std::vector<std::string> reasons;
  if (options.epochs == 0) {
    options.epochs = defaults.epochs;
    reasons.push_back("epochs = " + std::to_string(options.epochs) + ": usual");
  }
  if (options.patience < 0) options.patience = defaults.patience;
  if (options.monitor.empty()) options.monitor = defaults.monitor;
  plan_rate(options, [&](const Optimizer&) { return defaults.learning_rate; });
  return reasons;
}

FitOptions fit_options(const TrainingOptions& o, const Dataset& valid, TrainingRun run) {
  FitOptions fit{.epochs = o.epochs,
                 .batch_size = o.batch_size,
                 .batch_rows = o.batch_rows,
                 .schedule = o.schedule,
                 .clip_norm = o.clip_norm,
                 .clip_value = o.clip_value,
                 .accumulate = o.accumulate,
                 .seed = o.seed,
                 .recompute = o.recompute,
                 .keep = o.keep,
                 .stop = std::move(run.stop),
                 .callbacks = std::move(run.callbacks)};
  if (o.average > 0) fit.callbacks.emplace_back(callbacks::WeightAveraging{.decay = o.average});
  if (!valid.empty()) {
    fit.validation = valid;
    fit.validate_every_steps = o.validate_every_steps;
    const int patience = o.patience > 0 ? o.patience : o.epochs;
    fit.callbacks.emplace_back(callbacks::EarlyStopping{.monitor = o.monitor, .patience = patience});
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

void check_monitor(const TrainingOptions& options, const std::vector<std::string>& scores,
                   const PlaceOf& place) {
  if (options.monitor.empty()) return;
  std::vector<std::string> known;
  for (const char* prefix : {"val_", ""})
    for (const std::string& score : scores)
      known.push_back(prefix + score);
  if (std::find(known.begin(), known.end(), options.monitor) == known.end())
    fail(ErrorKind::option, place("monitor") + " must be " + enumerate(known) + ", got " +
                                quote(options.monitor) + suggestion(options.monitor, known));
}

void take_weights(Sequential& model, const NetworkOptions& network, const TrainingOptions& training,
                  const std::function<void(const std::string&)>& notice) {
  const auto say = [&](const std::string& line) {
    if (notice) notice(line);
  };
  if (!network.vectors.empty()) take_vectors(model, network, say);
  if (training.init.empty()) return;
  const Transfer transfer = model.init_from(training.init);
  const std::string rest = left_alone(transfer);
  say("init: " + std::to_string(transfer.taken.size()) + " of " +
      std::to_string(model.weights().parameters().size()) + " weights taken from " + training.init.string() +
      (rest.empty() ? "" : " (" + rest + ")"));
  if (!model.class_names().empty()) say_new_classes(model, training.init, say);
}

}  // namespace rondo
