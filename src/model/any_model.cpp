#include <rondo/network.h>
#include <rondo/version.h>

#include "base/fields.h"
#include "base/message.h"
#include "base/random.h"
#include "model/header.h"
#include "model/model_file.h"

namespace rondo::detail {
namespace {

Json options_json(const OptionValues& options) {
  Json json = Json::object();
  for (const auto& [name, value] : options)
    json[name] = std::visit([](const auto& v) { return Json(v); }, value);
  return json;
}

OptionValues options_from(const Json& json, const std::string& name) {
  if (!json.is_object()) fail(ErrorKind::format, name + ": the header's options are no object");
  OptionValues options;
  for (const auto& item : json.items()) {
    const Json& value = item.value();
    if (value.is_boolean())
      options.emplace_back(item.key(), value.get<bool>());
    else if (value.is_number_integer())
      options.emplace_back(item.key(), value.get<std::int64_t>());
    else if (value.is_number())
      options.emplace_back(item.key(), value.get<double>());
    else if (value.is_string())
      options.emplace_back(item.key(), value.get<std::string>());
    else
      fail(ErrorKind::format, name + ": option " + quote(item.key()) + " is " +
                                  std::string(type_in_words(value)) + ", not a number or text");
  }
  return options;
}

std::string text_member(const Json& json, const char* key, const std::string& name) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string())
    fail(ErrorKind::format, name + ": the header has no text " + quote(key));
  return found->get<std::string>();
}

/// The mean loss over all batches of a pass; nothing when `stop`, asked after each, said so.
std::optional<Scores> mean_loss(const BatchLosses& batches, const std::function<bool()>& stop) {
  const InferenceMode constant;
  const std::size_t count = batches.begin(-1);
  double sum = 0, weight = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const BatchLoss loss = batches.loss(i);
    sum += loss.loss.value().at(0) * loss.weight;
    weight += loss.weight;
    if (stop && stop()) return std::nullopt;
  }
  return Scores{{"loss", static_cast<float>(weight > 0 ? sum / weight : 0)}};
}

class Fit final : public Trainable {
 public:
  Fit(ParameterStore& store, BatchLosses train, std::optional<BatchLosses> validation, std::string header)
      : store_(store),
        train_(std::move(train)),
        validation_(std::move(validation)),
        header_(std::move(header)) {}

  ParameterStore& parameters() override { return store_; }
  std::uint64_t fingerprint() const override {
    ContentHash hash;
    hash.text(header_).number(train_.fingerprint).number(validation_ ? validation_->fingerprint : 0);
    return hash.digest();
  }
  std::size_t begin_epoch(std::int64_t epoch, std::size_t first) override {
    next_ = first;
    return train_.begin(epoch);
  }
  BatchLoss next() override { return train_.loss(next_++); }
  bool has_validation() const override { return validation_.has_value(); }
  std::optional<Scores> validate(const std::function<bool()>& stop) override {
    return mean_loss(*validation_, stop);
  }
  std::string header() const override { return header_; }

 private:
  ParameterStore& store_;
  BatchLosses train_;
  std::optional<BatchLosses> validation_;
  std::string header_;
  std::size_t next_ = 0;
};

}  // namespace

struct AnyModel::Impl {
  std::shared_ptr<ParameterStore> store;
  std::shared_ptr<const ModelFile> file;
  std::string input;
  OptionValues options;
  Trainer trainer;
  TrainingRecord before, record;

  std::string header() const {
    Json json = Json::object();
    json["format"] = newest_format;
    json["library"] = std::string(version());
    json["kind"] = "network";
    json["options"] = options_json(options);
    json["input"] = input;
    json["training"] = to_json(record);
    return dump_json(json);
  }
};

AnyModel::AnyModel(std::uint64_t seed) : impl_(std::make_unique<Impl>()) {
  impl_->store = std::make_shared<ParameterStore>(seed);
}

AnyModel::AnyModel(const std::filesystem::path& path) : impl_(std::make_unique<Impl>()) {
  Impl& m = *impl_;
  m.file = std::make_shared<const ModelFile>(path);
  const std::string& name = m.file->name();
  const Json json = header_json(m.file->header(), "network", name);
  m.input = text_member(json, "input", name);
  m.options = options_from(json.value("options", Json()), name);
  m.record = m.before = from_json<TrainingRecord>(json.value("training", Json::object()),
                                                  {name + ": training", ErrorKind::format});
  m.store =
      std::make_shared<ParameterStore>([file = m.file](const std::string& parameter, const Shape& shape) {
        return file->source()(parameter, shape);
      });
}

AnyModel::AnyModel(AnyModel&&) noexcept = default;
AnyModel& AnyModel::operator=(AnyModel&&) noexcept = default;
AnyModel::~AnyModel() = default;

Scope AnyModel::root() const {
  return Scope(impl_->store);
}
ParameterStore& AnyModel::weights() const {
  return *impl_->store;
}
const std::string& AnyModel::input() const {
  return impl_->input;
}
const OptionValues& AnyModel::options() const {
  return impl_->options;
}

void AnyModel::finish_loading() {
  impl_->file->check_used(*impl_->store);
  impl_->file.reset();
}

void AnyModel::describe(std::string input, OptionValues options) {
  impl_->input = std::move(input);
  impl_->options = std::move(options);
}

void AnyModel::compile(Optimizer optimizer) {
  impl_->trainer = Trainer(std::move(optimizer));
  impl_->before = impl_->record;
}

History AnyModel::fit(BatchLosses train, std::optional<BatchLosses> validation, const FitOptions& options) {
  Impl& m = *impl_;
  check(options);
  if (!options.class_weights.empty() || options.balance_classes)
    fail(ErrorKind::option, "class weights belong into a network's own loss; leave them out of fit()");
  const std::uint64_t data = train.fingerprint;
  Fit run(*m.store, std::move(train), std::move(validation), m.header());
  m.trainer.fit(run, options);
  m.record = training_record(m.before, m.trainer);
  m.record.data = hexadecimal(data);
  return m.trainer.history();
}

Scores AnyModel::evaluate(const BatchLosses& batches) const {
  return *mean_loss(batches, {});
}

void AnyModel::save(const std::filesystem::path& file) const {
  write_model_file(file, impl_->header(), *impl_->store);
}

void refuse_option(std::string_view name) {
  fail(ErrorKind::format, "the file's option " + quote(name) + " is missing or not what it should be");
}

}  // namespace rondo::detail
