#include "train/fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>
#include <variant>

#include <rondo/ops.h>

#include "autograd/forms.h"
#include "base/message.h"
#include "base/shown.h"
#include "runtime/flush_denormals.h"

namespace rondo {
namespace {

float learning_rate_of(const Optimizer& optimizer) {
  return std::visit([](const auto& rule) { return rule.learning_rate; }, optimizer);
}

/// Whether a group's prefix names the parameter or a part that holds it.
bool holds(const std::string& prefix, const std::string& name) {
  return name == prefix || prefix.empty() || name.rfind(prefix + ".", 0) == 0;
}

const ParameterGroup* group_of(const std::vector<ParameterGroup>& groups, const std::string& name) {
  const ParameterGroup* found = nullptr;
  for (const ParameterGroup& group : groups)
    if (holds(group.prefix, name) && (found == nullptr || group.prefix.size() > found->prefix.size()))
      found = &group;
  return found;
}

void check_groups(const std::vector<ParameterGroup>& groups, const ParameterStore& store) {
  std::vector<std::string> names;
  for (const Parameter& parameter : store.parameters())
    names.push_back(parameter.name);
  for (const ParameterGroup& group : groups) {
    const auto held = [&](const std::string& name) { return holds(group.prefix, name); };
    if (std::none_of(names.begin(), names.end(), held))
      fail(ErrorKind::option, "groups: there is no parameter " + quote(group.prefix) +
                                  ", nor any below it; the model has " + enumerate(names, "and") +
                                  suggestion(group.prefix, names));
  }
}

}  // namespace

Fit::Fit(TrainState& state, Trainable& model, const FitOptions& options)
    : state_(state),
      model_(model),
      options_(options),
      schedule_(options.schedule),
      average_(model.parameters()) {
  for (const AnyCallback& callback : options.callbacks)
    callbacks_.push_back(callback.start());
  bind_store();
  apply_groups();
  progress_.epochs_before = state.epochs;
  progress_.steps_before = state.descent->steps();
}

Fit::~Fit() {
  const auto parameters = model_.parameters().parameters();
  for (std::size_t i = 0; i < was_trainable_.size(); ++i)
    parameters[i].leaf->trainable = was_trainable_[i] != 0;
}

void Fit::bind_store() {
  ParameterStore& store = model_.parameters();
  if (state_.store == nullptr) {
    std::vector<NamedLeaf> leaves;
    for (const Parameter& parameter : store.parameters())
      leaves.push_back({parameter.name, parameter.leaf});
    state_.store = &store;
    state_.descent = std::make_unique<Descent>(state_.optimizer, std::move(leaves));
  }
  if (state_.store != &store)
    fail(ErrorKind::usage,
         "a Trainer keeps the optimizer's state of one model; make another Trainer for another model");
  if (store.parameters().empty()) fail(ErrorKind::usage, "the model has no parameters to train");
}

void Fit::apply_groups() {
  const ParameterStore& store = model_.parameters();
  check_groups(options_.groups, store);
  std::vector<GroupFactors> factors;
  for (const Parameter& parameter : store.parameters()) {
    const ParameterGroup* const group = group_of(options_.groups, parameter.name);
    was_trainable_.push_back(parameter.leaf->trainable ? 1 : 0);
    frozen_epochs_.push_back(group == nullptr ? 0
                             : group->frozen  ? std::numeric_limits<std::int64_t>::max()
                                              : group->frozen_epochs);
    factors.push_back(group == nullptr ? GroupFactors{}
                                       : GroupFactors{group->learning_rate, group->weight_decay});
  }
  state_.descent->set_factors(std::move(factors));
  freeze_for_epoch();
}

void Fit::freeze_for_epoch() {
  const std::int64_t done = state_.epochs - progress_.epochs_before;
  const auto parameters = model_.parameters().parameters();
  for (std::size_t i = 0; i < frozen_epochs_.size(); ++i)
    parameters[i].leaf->trainable = was_trainable_[i] != 0 && done >= frozen_epochs_[i];
}

void Fit::run() {
  refuse_in_inference_mode("fit()");
  begin();
  while (!over())
    if (!run_epoch()) return end(true);
  end(false);
}

void Fit::begin() {
  if (options_.validate_every_steps > 0 && !has_validation())
    fail(ErrorKind::usage, "fit.validate_every_steps is " + std::to_string(options_.validate_every_steps) +
                               ", but the fit has no validation data; give FitOptions validation");
  schedule_.begin(*this);
  if (!options_.resume.empty()) resume();
  for (const auto& callback : callbacks_)
    callback->on_begin(*this);
  carry_out_requests();
}

bool Fit::over() const {
  // If a fit resumes in an epoch that a callback cut short, that epoch must still be finished.
  return (progress_.stopping && progress_.batch == 0) ||
         state_.epochs - progress_.epochs_before >= options_.epochs;
}

bool Fit::run_epoch() {
  pace_.begin_epoch();
  freeze_for_epoch();
  const std::size_t batches = model_.begin_epoch(state_.epochs, progress_.batch);
  if (batches == 0) fail(ErrorKind::usage, "there is nothing to train on: the epoch has no batches");
  if (progress_.batch > 0) take_up_epoch();
  while (true) {
    if (validation_due(batches) && !validate_within_epoch()) return false;
    if (progress_.stopping || progress_.batch >= batches) return finish_epoch();
    const StepReport now = report(step(batches), batches);
    for (const auto& callback : callbacks_)
      callback->on_step(now);
    carry_out_requests();
    if (options_.stop && options_.stop()) return false;
  }
}

void Fit::take_up_epoch() {
  model_.restore_sums(sums_);
  model_.carry(std::exchange(carried_, {}));
}

double Fit::gather(std::size_t count, double& mean_loss) {
  Mean loss;
  std::int64_t rows = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Recording recording({.seed = options_.seed,
                               .step = static_cast<std::uint64_t>(state_.batches),
                               .recompute = options_.recompute,
                               .keep = options_.keep});
    const BatchLoss part = model_.next();
    ++state_.batches;
    ++progress_.batch;
    rows += part.rows;
    if (!(part.weight >= 0) || std::isinf(part.weight))
      fail(ErrorKind::numeric,
           "the weight of a batch's loss must be a number from 0 on, got " + plain(part.weight));
    if (part.weight == 0) continue;
    const double value = part.loss.value().at(0);
    // With one batch, the gradient of its mean. With several, sums that are divided by the total weight at
    // the end.
    if (count == 1)
      part.loss.backward();
    else
      (part.loss * Var(Tensor::full({}, part.weight, part.loss.dtype()))).backward();
    if (!std::isfinite(value)) fail_not_finite("the loss", value);
    loss.add(value, part.weight);
    progress_.loss.add(value, part.weight);
  }
  pace_.add(rows, static_cast<std::int64_t>(count));
  mean_loss = loss.weight > 0 ? loss.value() : std::numeric_limits<double>::quiet_NaN();
  return count == 1 || loss.weight == 0 ? 1.0 : 1.0 / loss.weight;
}

float Fit::clip(float scale, float& norm) {
  Descent& descent = *state_.descent;
  double length = descent.gradient_norm() * static_cast<double>(scale);
  norm = static_cast<float>(length);
  if (!std::isfinite(length)) fail_not_finite("the norm of the gradient", length);
  if (options_.clip_value > 0) {
    descent.clip_value(static_cast<double>(options_.clip_value) / static_cast<double>(scale));
    if (options_.clip_norm > 0) length = descent.gradient_norm() * static_cast<double>(scale);
  }
  const auto most = static_cast<double>(options_.clip_norm);
  if (most > 0 && length > most) return static_cast<float>(static_cast<double>(scale) * (most / length));
  return scale;
}

Fit::Update Fit::step(std::size_t batches) {
  const FlushDenormals flush;
  const auto accumulate = static_cast<std::size_t>(options_.accumulate);
  const FitPosition at{.step = state_.descent->steps() - progress_.steps_before,
                       .epoch_steps = static_cast<std::int64_t>((batches + accumulate - 1) / accumulate),
                       .epochs = options_.epochs};
  Update update{};
  double loss = 0;
  model_.parameters().zero_gradients();
  const double scale = gather(std::min(accumulate, batches - progress_.batch), loss);
  const float clipped = clip(static_cast<float>(scale), update.gradient_norm);
  last_rate_ =
      static_cast<float>(static_cast<double>(learning_rate_of(state_.optimizer)) * schedule_.factor(at));
  state_.descent->step(last_rate_, clipped);
  measured_.clear();
  update.loss = static_cast<float>(loss);
  update.learning_rate = last_rate_;
  return update;
}

void Fit::fail_not_finite(std::string_view what, double value) const {
  const std::string bad = state_.descent->first_bad_gradient();
  fail(ErrorKind::numeric,
       "step " + std::to_string(state_.descent->steps() + 1) + " (epoch " +
           std::to_string(state_.epochs + 1) + ", batch " + std::to_string(progress_.batch) +
           "): " + std::string(what) + " is " + (std::isnan(value) ? "not a number" : "infinite") +
           (bad.empty() ? std::string() : "; the first parameter with a bad gradient is " + quote(bad)) +
           "; lower the learning rate, set clip_norm, or look for such values in the data");
}

StepReport Fit::report(const Update& update, std::size_t batches) {
  const std::int64_t epochs_left = progress_.epochs_before + options_.epochs - state_.epochs - 1;
  const auto left =
      static_cast<std::int64_t>(batches - progress_.batch) + epochs_left * static_cast<std::int64_t>(batches);
  return {.step = state_.descent->steps(),
          .epoch = static_cast<int>(state_.epochs) + 1,
          .last_epoch = static_cast<int>(progress_.epochs_before) + options_.epochs,
          .batch = progress_.batch,
          .batches = batches,
          .loss = update.loss,
          .mean_loss = static_cast<float>(progress_.loss.value()),
          .gradient_norm = update.gradient_norm,
          .learning_rate = update.learning_rate,
          .seconds = pace_.seconds(),
          .rows_per_second = pace_.rows_per_second(),
          .seconds_left = pace_.seconds_left(left)};
}

bool Fit::finish_epoch() {
  std::map<std::string, float> values = model_.scores();
  values["loss"] = static_cast<float>(progress_.loss.value());
  values["learning_rate"] = last_rate_;
  // A callback may have ended the epoch right after a validation.
  const bool measured = progress_.validation.step == state_.descent->steps();
  // All steps are done. A fit that is interrupted here resumes with the validation.
  if (has_validation() && !measured && !validate()) return false;
  for (const auto& value : progress_.validation.values)
    values[value.first] = value.second;
  const auto batches = static_cast<std::int64_t>(progress_.batch);
  ++state_.epochs;
  progress_.batch = 0;
  progress_.loss = {};
  state_.history.add(values, [this](std::string_view name) { return better(name); });
  measured_ = values;
  if (schedule_.epoch_done(values)) notify("the learning rate is reduced: no improvement");
  if (has_validation() && !measured) report_validation(true);
  const std::int64_t last = progress_.epochs_before + options_.epochs;
  const EpochReport report{.epoch = static_cast<int>(state_.epochs),
                           .last_epoch = static_cast<int>(last),
                           .step = state_.descent->steps(),
                           .seconds = pace_.epoch_seconds(),
                           .processor_seconds = pace_.epoch_processor_seconds(),
                           .rows_per_second = pace_.epoch_rows_per_second(),
                           .seconds_left = pace_.seconds_left(batches * (last - state_.epochs)),
                           .values = std::move(values)};
  for (const auto& callback : callbacks_)
    callback->on_epoch(report);
  carry_out_requests();
  return true;
}

bool Fit::validation_due(std::size_t batches) const {
  const std::int64_t every = options_.validate_every_steps, steps = state_.descent->steps();
  const bool within = progress_.batch > 0 && progress_.batch < batches;
  return every > 0 && within && steps % every == 0 && progress_.validation.step != steps;
}

bool Fit::validate_within_epoch() {
  if (!validate()) return false;
  measured_ = progress_.validation.values;
  report_validation(false);
  carry_out_requests();
  return true;
}

bool Fit::validate() {
  const Pace::Clock::time_point begin = Pace::Clock::now();
  std::optional<Scores> scores;
  {
    const WeightAverage::Use averaged(average_);
    scores = model_.validate(options_.stop);
  }
  pace_.pause(begin);
  if (!scores) return false;
  progress_.validation = {.step = state_.descent->steps(),
                          .seconds = std::chrono::duration<double>(Pace::Clock::now() - begin).count()};
  for (const auto& score : *scores)
    progress_.validation.values["val_" + score.first] = score.second;
  return true;
}

void Fit::report_validation(bool epoch_done) {
  const ValidationReport report{.step = state_.descent->steps(),
                                .epoch = present_epoch(),
                                .last_epoch = static_cast<int>(progress_.epochs_before) + options_.epochs,
                                .epoch_done = epoch_done,
                                .seconds = progress_.validation.seconds,
                                .values = progress_.validation.values};
  for (const auto& callback : callbacks_)
    callback->on_validation(report);
}

void Fit::end(bool interrupted) {
  const std::string reason = interrupted ? "interrupted" : progress_.reason;
  state_.history.end(interrupted, reason);
  // An interrupted fit may be resumed, so its weights stay those of the last step.
  if (!interrupted) average_.apply();
  const EndReport report{.epoch = static_cast<int>(state_.epochs),
                         .step = state_.descent->steps(),
                         .interrupted = interrupted,
                         .reason = reason,
                         .seconds = pace_.seconds(),
                         .processor_seconds = pace_.processor_seconds()};
  for (const auto& callback : callbacks_)
    callback->on_end(report);
  carry_out_requests();
}

std::optional<std::vector<std::string>> Fit::value_names() const {
  const std::optional<std::vector<std::string>> scores = model_.score_names();
  if (!scores) return {};
  std::set<std::string> names{"loss", "learning_rate"};
  names.insert(scores->begin(), scores->end());
  if (has_validation()) {
    names.insert("val_loss");
    for (const std::string& score : *scores)
      names.insert("val_" + score);
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Better Fit::better(std::string_view value_name) const {
  if (value_name.rfind("val_", 0) == 0) value_name.remove_prefix(4);
  if (value_name == "loss") return Better::lower;
  if (value_name == "learning_rate") return Better::higher;
  return model_.better(value_name);
}

int Fit::present_epoch() const {
  return static_cast<int>(state_.epochs) + (progress_.batch > 0 ? 1 : 0);
}

void Fit::stop(std::string reason) {
  progress_.stopping = true;
  progress_.reason = std::move(reason);
}

void Fit::keep_weights(const std::string& name) {
  kept_[name] = {.epoch = present_epoch(), .values = measured_, .weights = average_.weights()};
}

void Fit::restore_weights(const std::string& name) {
  const auto found = kept_.find(name);
  if (found == kept_.end()) fail(ErrorKind::usage, "no weights are kept under the name " + quote(name));
  ParameterStore& store = model_.parameters();
  const Kept& kept = found->second;
  for (std::size_t i = 0; i < kept.weights.size(); ++i)
    store.set(store.parameters()[i].name, kept.weights[i]);
  // An epoch that was interrupted is not in the history.
  state_.history.keep(std::min(kept.epoch, state_.history.epochs()), kept.values);
}

void Fit::checkpoint(const std::filesystem::path& folder, int keep) {
  const auto same = [&](const Request& request) { return request.folder == folder; };
  if (std::none_of(requests_.begin(), requests_.end(), same)) requests_.push_back({folder, keep});
}

void Fit::carry_out_requests() {
  for (const Request& request : std::exchange(requests_, {})) {
    // The checkpoints of an earlier fit go when the first of this one is safe, or a later fit could resume
    // from them.
    const bool first = !resumed_ && checkpointed_.insert(request.folder).second;
    write_checkpoint(request.folder, first ? 1 : request.keep, content());
  }
}

void Fit::notify(std::string message) {
  for (const auto& callback : callbacks_)
    callback->on_message(message);
}

}  // namespace rondo
