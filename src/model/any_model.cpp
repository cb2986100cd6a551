#include <optional>

#include <rondo/network.h>
#include <rondo/version.h>

#include "autograd/forms.h"
#include "base/fields.h"
#include "base/message.h"
#include "base/random.h"
#include "model/gradient_check.h"
#include "model/header.h"
#include "model/model_file.h"
#include "model/network_fit.h"
#include "model/summary.h"
#include "model/transfer.h"

namespace rondo::detail {
namespace {

std::string text_member(const Json& json, const char* key, const std::string& name) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string())
    fail(ErrorKind::format, name + ": the header has no text " + quote(key));
  return found->get<std::string>();
}

}  // namespace

struct AnyModel::Impl {
  std::shared_ptr<ParameterStore> store;
  std::optional<ModelFile> file;  ///< while a model is being loaded
  std::string input;
  Json options = Json::object();
  Trainer trainer;
  MetricRules metrics;
  TrainingRecord before, record;
  ApplicationRecord application;
  WeightType weight_type = WeightType::f32;

  void set_weight_type(WeightType type) {
    mark_matrices(*store, type);
    weight_type = type;
  }

  Json header() const {
    Json json = Json::object();
    json["format"] = newest_format;
    json["library"] = std::string(version());
    json["kind"] = "network";
    json["options"] = options;
    json["input"] = input;
    json["training"] = to_json(record);
    put_application(json, application);
    return json;
  }
};

AnyModel::AnyModel(std::uint64_t seed) : impl_(std::make_unique<Impl>()) {
  impl_->store = std::make_shared<ParameterStore>(seed);
}

AnyModel::AnyModel(const std::filesystem::path& path) : impl_(std::make_unique<Impl>()) {
  Impl& m = *impl_;
  m.file.emplace(path);
  const std::string& name = m.file->name();
  Json json = m.file->header_tree(ModelKind::network);
  m.input = text_member(json, "input", name);
  m.options = json.value("options", Json());
  if (!m.options.is_object()) fail(ErrorKind::format, name + ": the header's options are not an object");
  m.record = m.before = training_of(json, name);
  m.application = take_application(json, name);
  m.weight_type = m.file->weight_type();
  m.store = std::make_shared<ParameterStore>(m.file->source());
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
void AnyModel::read_options(OptionTable& table) const {
  table.read(dump_json(impl_->options), impl_->file->name() + ": options", ErrorKind::format);
}

void AnyModel::finish_loading() {
  impl_->file->check_used(*impl_->store);
  mark_matrices(*impl_->store, impl_->weight_type);
  impl_->file.reset();
  impl_->store->complete();
}

void AnyModel::describe(std::string input, const OptionTable& options) {
  impl_->input = std::move(input);
  impl_->options = parse_json(options.to_json(), {.name = "options"});
}

void AnyModel::compile(Optimizer optimizer, std::vector<MetricRule> metrics) {
  check(metrics);
  impl_->trainer = Trainer(std::move(optimizer));
  impl_->metrics = std::move(metrics);
  impl_->before = impl_->record;
}

History AnyModel::fit(std::unique_ptr<Pass> train, std::unique_ptr<Pass> validation,
                      const FitOptions& options) {
  Impl& m = *impl_;
  check(options);
  if (!options.class_weights.empty() || options.balance_classes)
    fail(ErrorKind::option, "class weights belong into a network's own loss; leave them out of fit()");
  m.store->read_all();
  m.set_weight_type(WeightType::f32);
  const std::uint64_t data = train->fingerprint();
  const auto examples = static_cast<std::int64_t>(train->examples());
  NetworkFit run(*m.store, m.metrics, std::move(train), std::move(validation), dump_json(m.header()));
  const auto finish = [&] {
    m.record = training_record(m.before, m.trainer);
    m.record.examples = examples;
    m.record.data = hexadecimal(data);
  };
  try {
    m.trainer.fit(run, options);
  } catch (...) {
    finish();
    throw;
  }
  finish();
  return m.trainer.history();
}

Scores AnyModel::evaluate(Pass& pass) const {
  return *scores_of(pass, impl_->metrics, {});
}

std::string AnyModel::summary() const {
  return parameter_table(*impl_->store);
}

Transfer AnyModel::init_from(const std::filesystem::path& path) {
  refuse_in_inference_mode("init_from()");
  impl_->set_weight_type(WeightType::f32);
  return take_weights(ModelFile(path), *impl_->store);
}

void AnyModel::quantize(WeightType type) {
  refuse_in_inference_mode("quantize()");
  round_matrices(*impl_->store, type);
  impl_->weight_type = type;
}
WeightType AnyModel::weight_type() const noexcept {
  return impl_->weight_type;
}

std::vector<GradientCheck> AnyModel::check_gradients(const TwinLoss& twin,
                                                     const GradientCheckOptions& options) const {
  refuse_in_inference_mode("check_gradients()");
  check(options);
  const auto store = twin_store(*impl_->store);
  return compare_gradients(*store, twin(Scope(store)), options);
}

const TrainingRecord& AnyModel::record() const noexcept {
  return impl_->record;
}
const ApplicationRecord& AnyModel::application() const noexcept {
  return impl_->application;
}
void AnyModel::set_application(ApplicationRecord application) {
  impl_->application = rondo::checked(std::move(application));
}

void AnyModel::save(const std::filesystem::path& file) const {
  write_model_file(file, impl_->header(), *impl_->store, impl_->weight_type);
}

}  // namespace rondo::detail
