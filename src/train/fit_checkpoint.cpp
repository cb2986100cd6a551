/// What a checkpoint of a fit holds, and how a fit resumes from it.
#include <algorithm>
#include <set>
#include <utility>

#include "base/fields.h"
#include "base/message.h"
#include "base/random.h"
#include "base/utf8.h"
#include "runtime/parallel.h"
#include "train/fit.h"

namespace rondo {
namespace {

constexpr int state_version = 4;

/// The header of a model as JSON, without what no fit depends on.
Json compared(const std::string& header) {
  Json json = Json::parse(header, nullptr, false);
  if (!json.is_object()) return {};
  for (const char* const key : {"library", "format", "training"})
    json.erase(key);
  return json;
}

/// "layers/1/units 64, now it is 32", the first setting in which two headers differ; empty if it is not
/// known. What was learned from the data, such as the vocabulary, is no setting.
std::string difference(const std::string& before, const std::string& now) {
  const Json old_header = compared(before), new_header = compared(now);
  if (old_header.is_null() || new_header.is_null()) return {};
  for (const Json& step : Json::diff(old_header, new_header)) {
    const auto path = step.at("path").get<std::string>();
    if (path.starts_with("/text_encoder") || path.starts_with("/classes")) continue;
    const Json::json_pointer at(path);
    const auto shown = [&](const Json& in) {
      return in.contains(at) ? truncate_to_width(dump_json(in.at(at)), 80) : std::string("missing");
    };
    return quote(path.substr(1)) + " is " + shown(old_header) + ", now it is " + shown(new_header);
  }
  return {};
}

/// Parameter groups of an older version, with the usual values of the fields that it had not.
Json completed(Json groups) {
  if (!groups.is_array()) return groups;
  for (Json& group : groups) {
    if (!group.is_object()) return groups;
    Json all = to_json(ParameterGroup{});
    all.update(group);
    group = std::move(all);
  }
  return groups;
}

Json json_of(const std::map<std::string, float>& values) {
  Json json = Json::object();
  for (const auto& value : values)
    json[value.first] = json_number(value.second);
  return json;
}

std::map<std::string, float> values_from(const Json& json) {
  std::map<std::string, float> values;
  for (const auto& value : json.items())
    values[value.key()] = static_cast<float>(number_from(value.value(), value.key()));
  return values;
}

Json json_of(const History& history) {
  Json columns = Json::object();
  for (const std::string& name : history.names()) {
    Json column = Json::array();
    for (const float value : history[name])
      column.push_back(json_number(value));
    columns[name] = {{"better", name_of(history.better(name))}, {"values", std::move(column)}};
  }
  return Json{{"epochs", history.epochs()},
              {"kept", history.kept_epoch()},
              {"kept_values", json_of(history.kept_values())},
              {"columns", std::move(columns)}};
}

History history_from(const Json& json) {
  History history;
  const Json& columns = json.at("columns");
  const auto better = [&](std::string_view name) {
    return columns.at(std::string(name)).at("better") == name_of(Better::lower) ? Better::lower
                                                                                : Better::higher;
  };
  const auto epochs = json.at("epochs").get<std::size_t>();
  for (std::size_t epoch = 0; epoch < epochs; ++epoch) {
    std::map<std::string, float> values;
    for (const auto& column : columns.items())
      values[column.key()] = static_cast<float>(
          number_from(column.value().at("values").at(epoch), "the history's " + column.key()));
    history.add(values, better);
  }
  const int kept = json.at("kept").get<int>();
  if (kept < 0 || kept > history.epochs())
    fail(ErrorKind::format,
         "the history keeps epoch " + std::to_string(kept) + " of " + std::to_string(history.epochs()));
  history.keep(kept, values_from(json.at("kept_values")));
  return history;
}

/// If several callbacks have the same name, the names get numbers: "early_stopping", "early_stopping 2".
std::string numbered(const std::string& name, std::map<std::string, int>& seen) {
  const int count = ++seen[name];
  return count == 1 ? name : name + " " + std::to_string(count);
}

NamedTensors named_values(const ParameterStore& store) {
  NamedTensors values;
  for (const Parameter& parameter : store.parameters())
    values.emplace_back(parameter.name, parameter.leaf->value);
  return values;
}

}  // namespace

Json Fit::option_record() const {
  Json record = to_json(options_);
  record["optimizer"] = std::visit([](const auto& rule) { return to_json(rule); }, state_.optimizer);
  return record;
}

void Fit::compare_options(const Json& saved) const {
  const Json present = option_record(), usual = to_json(FitOptions{});
  for (const auto& option : present.items()) {
    const Json* const before = saved.contains(option.key()) ? &saved.at(option.key()) : nullptr;
    if (before != nullptr && (*before == option.value() || completed(*before) == option.value())) continue;
    // An older version had no such option, and did what is usual now.
    if (before == nullptr && usual.contains(option.key()) && usual.at(option.key()) == option.value())
      continue;
    refuse_resume("its " + quote(option.key()) + " is " +
                  (before == nullptr ? "missing" : dump_json(*before)) + ", now it is " +
                  dump_json(option.value()) + "; give the same options, or train anew without resuming");
  }
}

void Fit::compare_model(const CheckpointContent& content) const {
  if (content.state.at("data") == hexadecimal(model_.fingerprint())) return;
  const std::string setting = difference(content.header, model_.header());
  refuse_resume(setting.empty()
                    ? "it was made with other data; give the same files in the same order, or train anew "
                      "without resuming"
                    : "its model's " + setting + "; give the same options, or train anew without resuming");
}

void Fit::refuse_resume(const std::string& why) const {
  fail(ErrorKind::usage, "cannot resume from " + options_.resume.string() + ": " + why);
}

Json Fit::save_callbacks() const {
  Json saved = Json::object();
  std::map<std::string, int> seen;
  for (const auto& callback : callbacks_)
    if (!callback->name().empty()) saved[numbered(callback->name(), seen)] = callback->save();
  return saved;
}

void Fit::restore_callbacks(const Json& saved) {
  const auto refuse = [&](const char* made, const std::string& name) {
    refuse_resume(std::string("it was made ") + made + quote(name) +
                  "; give the same callbacks, or train anew without resuming");
  };
  std::map<std::string, int> seen;
  std::set<std::string> restored;
  for (const auto& callback : callbacks_) {
    if (callback->name().empty()) continue;
    const std::string name = numbered(callback->name(), seen);
    if (!saved.contains(name)) refuse("without ", name);
    callback->restore(saved.at(name).get<std::string>());
    restored.insert(name);
  }
  for (const auto& callback : saved.items())
    if (!restored.contains(callback.key())) refuse("with ", callback.key());
}

CheckpointContent Fit::content() const {
  const ParameterStore& store = model_.parameters();
  CheckpointContent content{.header = model_.header(),
                            .weights = named_values(store),
                            .optimizer = state_.descent->state(),
                            .kept = {},
                            .average = average_.state(),
                            .carried = progress_.batch > 0 ? model_.carried() : NamedTensors(),
                            .state = {}};
  for (const auto& slot : kept_)
    for (std::size_t i = 0; i < slot.second.weights.size(); ++i)
      content.kept.emplace_back(slot.first + "/" + store.parameters()[i].name, slot.second.weights[i]);
  content.state = Json{{"version", state_version},
                       {"isa", std::string(kernels<float>().arithmetic)},
                       {"data", hexadecimal(model_.fingerprint())},
                       {"options", option_record()},
                       {"epochs", state_.epochs},
                       {"batches", state_.batches},
                       {"steps", state_.descent->steps()},
                       {"epochs_before", progress_.epochs_before},
                       {"steps_before", progress_.steps_before},
                       {"batch", progress_.batch},
                       {"loss", to_json(progress_.loss)},
                       {"sums", progress_.batch > 0 ? model_.save_sums() : std::string()},
                       {"last_rate", json_number(last_rate_)},
                       {"validated_step", progress_.validation.step},
                       {"validation", json_of(progress_.validation.values)},
                       {"stopping", progress_.stopping},
                       {"reason", progress_.reason},
                       {"kept", kept_record()},
                       {"schedule", schedule_.save()},
                       {"callbacks", save_callbacks()},
                       {"history", json_of(state_.history)}};
  return content;
}

Json Fit::kept_record() const {
  Json record = Json::object();
  for (const auto& slot : kept_)
    record[slot.first] = {{"epoch", slot.second.epoch}, {"values", json_of(slot.second.values)}};
  return record;
}

void Fit::resume() {
  const auto say = [this](const std::string& line) { notify(line); };
  const std::optional<CheckpointContent> newest = read_newest_checkpoint(options_.resume, say);
  if (!newest)
    return notify("there is nothing to resume in " + options_.resume.string() +
                  ": it holds no checkpoint; training begins at the start");
  try {
    take_over(*newest);
  } catch (const Json::exception& error) {
    fail(ErrorKind::format, "the checkpoint in " + options_.resume.string() + " is damaged: " + error.what());
  }
  resumed_ = true;
  notify("resumed after step " + std::to_string(state_.descent->steps()) +
         (progress_.batch == 0 ? ", at the end of epoch " + std::to_string(state_.epochs)
                               : ", in epoch " + std::to_string(state_.epochs + 1) + " after batch " +
                                     std::to_string(progress_.batch)));
}

void Fit::restore_kept(const NamedTensors& kept, const Json& records) {
  kept_.clear();
  const ParameterStore& store = model_.parameters();
  for (const auto& tensor : kept) {
    const std::size_t slash = std::min(tensor.first.rfind('/'), tensor.first.size());
    const Parameter* const parameter =
        store.find(std::string_view(tensor.first).substr(std::min(slash + 1, tensor.first.size())));
    if (parameter == nullptr)
      fail(ErrorKind::format, "the checkpoint in " + options_.resume.string() + " keeps " +
                                  quote(tensor.first) + ", which the model lacks");
    const std::string slot = tensor.first.substr(0, slash);
    Kept& found = kept_[slot];
    found.epoch = records.at(slot).at("epoch").get<int>();
    found.values = values_from(records.at(slot).at("values"));
    found.weights.resize(store.parameters().size());
    found.weights[static_cast<std::size_t>(parameter - store.parameters().data())] = tensor.second;
  }
}

void Fit::check_weights(const CheckpointContent& content) const {
  const ParameterStore& store = model_.parameters();
  if (content.weights.size() != store.parameters().size())
    fail(ErrorKind::format, "the checkpoint in " + options_.resume.string() + " has " +
                                std::to_string(content.weights.size()) + " parameters, the model " +
                                std::to_string(store.parameters().size()));
  for (const auto& weight : content.weights) {
    const Parameter* const parameter = store.find(weight.first);
    if (parameter == nullptr || parameter->leaf->value.shape() != weight.second.shape())
      fail(ErrorKind::format, "the checkpoint in " + options_.resume.string() + " has " +
                                  quote(weight.first) + " of shape " + to_string(weight.second.shape()) +
                                  ", which the model lacks");
  }
}

// Everything that can fail comes before the first change of the model and the trainer.
void Fit::take_over(const CheckpointContent& content) {
  const Json& state = content.state;
  if (state.at("version") != state_version)
    fail(ErrorKind::format, "the checkpoint in " + options_.resume.string() + " has version " +
                                dump_json(state.at("version")) + ", this library reads " +
                                std::to_string(state_version) + "; train anew without resuming");
  compare_options(state.at("options"));
  compare_model(content);
  const auto begun_on = state.at("isa").get<std::string>();
  const std::string_view now = kernels<float>().arithmetic;
  if (begun_on != now)
    notify("resuming on " + std::string(now) + " a run that began on " + begun_on +
           ": the last bits of the result will differ from those of an uninterrupted run");

  check_weights(content);
  restore_kept(content.kept, state.at("kept"));
  average_.restore(content.average);
  take_over_progress(content);
  schedule_.restore(state.at("schedule"));
  restore_callbacks(state.at("callbacks"));
  History history = history_from(state.at("history"));
  const auto epochs = state.at("epochs").get<std::int64_t>(),
             batches = state.at("batches").get<std::int64_t>();
  state_.descent->restore(content.optimizer, state.at("steps").get<std::int64_t>());

  for (const auto& weight : content.weights)
    model_.parameters().set(weight.first, weight.second);
  state_.epochs = epochs;
  state_.batches = batches;
  state_.history = std::move(history);
}

void Fit::take_over_progress(const CheckpointContent& content) {
  const Json& state = content.state;
  progress_.epochs_before = state.at("epochs_before").get<std::int64_t>();
  progress_.steps_before = state.at("steps_before").get<std::int64_t>();
  progress_.batch = state.at("batch").get<std::size_t>();
  progress_.loss = mean_from(state.at("loss"), "the running loss");
  progress_.validation.step = state.at("validated_step").get<std::int64_t>();
  progress_.validation.values = values_from(state.at("validation"));
  progress_.stopping = state.at("stopping").get<bool>();
  progress_.reason = state.at("reason").get<std::string>();
  carried_ = content.carried;
  sums_ = state.at("sums").get<std::string>();
  last_rate_ = static_cast<float>(number_from(state.at("last_rate"), "the learning rate"));
}

}  // namespace rondo
