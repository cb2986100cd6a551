// Sequential: its parts and its properties. The files beside this one have training, predictions and files.
#include <algorithm>

#include "autograd/forms.h"
#include "base/fields.h"
#include "base/message.h"
#include "model/model_file.h"
#include "model/objective.h"
#include "model/sequential_impl.h"
#include "nn/values_of.h"

namespace rondo {

Sequential::Impl::Impl(std::vector<AnyLayer> some_layers)
    : layers(std::move(some_layers)), names(names_of(layers)), shapes(infer_shapes(layers, 0, 0)) {
  for (std::size_t i = 0; i < layers.size(); ++i)
    std::visit([&](const auto& layer) { check(layer, {names[i], ErrorKind::option}); }, layers[i]);
}

void Sequential::Impl::set_weight_type(WeightType type) {
  mark_matrices(*network->store(), type);
  weight_type = type;
}

LayerStack Sequential::Impl::build(std::span<const AnyLayer> of,
                                   std::shared_ptr<ParameterStore> store) const {
  return {of, encoder ? encoder->vocab().size() : 0, encoder ? encoder->bigram_count() : 0, std::move(store)};
}

const LayerStack& Sequential::Impl::live(std::string_view what) const {
  if (!network)
    fail(ErrorKind::usage, std::string(what) + " needs a model with weights; call fit or prepare first");
  return *network;
}

const CompileOptions& Sequential::Impl::learning(std::string_view what) const {
  if (!compiled) fail(ErrorKind::usage, std::string(what) + " needs a loss; call compile first");
  return *compiled;
}

Sequential::Sequential(std::initializer_list<AnyLayer> layers) : Sequential(std::vector<AnyLayer>(layers)) {}
Sequential::Sequential(std::vector<AnyLayer> layers) : impl_(std::make_unique<Impl>(std::move(layers))) {}
Sequential::Sequential(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Sequential::Sequential(Sequential&&) noexcept = default;
Sequential& Sequential::operator=(Sequential&&) noexcept = default;
Sequential::~Sequential() = default;

Sequential Sequential::clone() const {
  auto copy = std::make_unique<Impl>(impl_->layers);
  copy->before = copy->record = impl_->record;
  copy->application = impl_->application;
  copy->encoder = impl_->encoder;
  copy->classes = impl_->classes;
  copy->target = impl_->target;
  copy->threshold = impl_->threshold;
  if (impl_->network) {
    const ParameterStore& mine = *impl_->network->store();
    const auto store = std::make_shared<ParameterStore>(values_of(mine), mine.dtype());
    copy->network = copy->build(copy->layers, store);
    store->complete();
    for (const Parameter& p : mine.parameters())
      store->freeze(p.name, !p.leaf->trainable);
    copy->set_weight_type(impl_->weight_type);
  }
  Sequential twin(std::move(copy));
  if (impl_->compiled) twin.compile(*impl_->compiled);
  return twin;
}

std::span<const AnyLayer> Sequential::layers() const noexcept {
  return impl_->layers;
}
std::span<const std::string> Sequential::layer_names() const noexcept {
  return impl_->names;
}

void Sequential::compile(CompileOptions options) {
  check_loss(options, impl_->shapes.back(), final_activation(impl_->layers.back()));
  impl_->trainer.emplace(options.optimizer);
  impl_->before = impl_->record;
  impl_->compiled = std::move(options);
}

bool Sequential::prepared() const noexcept {
  return impl_->network.has_value();
}
const TrainingRecord& Sequential::record() const noexcept {
  return impl_->record;
}
const ApplicationRecord& Sequential::application() const noexcept {
  return impl_->application;
}
void Sequential::set_application(ApplicationRecord application) {
  impl_->application = checked(std::move(application));
}
const std::vector<std::string>& Sequential::class_names() const noexcept {
  return impl_->classes;
}
Target Sequential::target() const noexcept {
  return impl_->target;
}

const TextEncoder& Sequential::encoder() const {
  if (!impl_->takes_text()) fail(ErrorKind::usage, "a model of features has no text encoder");
  if (!impl_->encoder) fail(ErrorKind::usage, "the vocabulary is learned by fit or prepare; call one first");
  return *impl_->encoder;
}

float Sequential::threshold() const noexcept {
  return impl_->threshold;
}

void Sequential::set_threshold(float threshold) {
  if (!(threshold >= 0 && threshold <= 1))
    fail(ErrorKind::option, "threshold must be between 0 and 1, got " + std::to_string(threshold));
  impl_->threshold = threshold;
}

void Sequential::quantize(WeightType type) {
  refuse_in_inference_mode("quantize()");
  round_matrices(*impl_->live("quantize()").store(), type);
  impl_->set_weight_type(type);
}
WeightType Sequential::weight_type() const noexcept {
  return impl_->weight_type;
}

ParameterStore& Sequential::weights() {
  impl_->live("weights()");
  return *impl_->network->store();
}
const ParameterStore& Sequential::weights() const {
  return *impl_->live("weights()").store();
}

}  // namespace rondo
