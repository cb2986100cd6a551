// Saves and loads a Sequential: what the header holds, and how a model is made from it. The format itself is
// in model_file.cpp (weights) and header.cpp (everything else).
#include <algorithm>
#include <set>

#include <rondo/version.h>

#include "base/message.h"
#include "data/dataset.h"
#include "model/model_file.h"
#include "model/objective.h"
#include "model/sequential_impl.h"

namespace rondo {
namespace {

CompileHeader compile_header(const CompileOptions& options) {
  CompileHeader h{.optimizer = options.optimizer};
  const AnyLoss& loss = options.loss;
  h.loss = loss.known() ? loss.name() : std::string(custom);
  for (const AnyMetric& metric : options.metrics)
    h.metrics.push_back(metric.known() ? metric.name() : std::string(custom));
  h.label_smoothing = options.label_smoothing;
  h.huber_delta = options.huber_delta;
  h.focal_gamma = options.focal_gamma;
  return h;
}

/// Nothing if the loss was a function, which a file cannot hold. Metrics that were functions are left out.
std::optional<CompileOptions> compile_options(const CompileHeader& h, const std::string& name) {
  if (h.loss == custom) return {};
  const auto names = names_of(Loss{});
  const auto found = std::find(names.begin(), names.end(), h.loss);
  if (found == names.end()) fail(ErrorKind::format, name + ": unknown loss " + quote(h.loss));
  CompileOptions options{.optimizer = h.optimizer, .loss = static_cast<Loss>(found - names.begin())};
  for (const std::string& metric : h.metrics)
    if (metric != custom) options.metrics.emplace_back(metric_of(metric));
  options.label_smoothing = h.label_smoothing;
  options.huber_delta = h.huber_delta;
  options.focal_gamma = h.focal_gamma;
  return options;
}

/// What the parts of a header say of each other. Its layers have been checked one by one.
void check_parts(const Sequential::Impl& m, bool has_encoder, const std::string& name) {
  const auto refuse = [&](const std::string& what) { fail(ErrorKind::format, name + ": " + what); };
  if (m.takes_text() != has_encoder)
    refuse(has_encoder ? "a model of features has a text encoder" : "a model of texts has no text encoder");
  const bool may_have_classes = has_classes(m.target) || m.target == Target::values;  // several a text
  if (m.classes.empty() ? has_classes(m.target) : !may_have_classes)
    refuse("a model for " + std::string(name_of(m.target)) + " has " + std::to_string(m.classes.size()) +
           " class names");
  const auto classes = static_cast<int>(m.classes.size());
  const int width = m.shapes.back().width;
  const bool one_for_two = width == 1 && classes == 2 && has_classes(m.target);
  if (classes > 0 && width != classes && !one_for_two)
    refuse(std::to_string(width) + " outputs do not fit " + std::to_string(classes) + " classes");
  if (std::set<std::string>(m.classes.begin(), m.classes.end()).size() != m.classes.size())
    refuse("a class name appears twice");
}

}  // namespace

SequentialHeader Sequential::Impl::header() const {
  SequentialHeader h;
  h.library = std::string(version());
  h.task = target;
  h.layers = layers;
  if (compiled) h.compiled = compile_header(*compiled);
  h.classes = classes;
  h.threshold = threshold;
  h.encoder = encoder;
  h.training = record;
  h.application = application;
  return h;
}

std::unique_ptr<Sequential::Impl> Sequential::Impl::from(const SequentialHeader& header,
                                                         const ParameterStore::Source& source,
                                                         const std::string& name) {
  std::unique_ptr<Impl> m;
  as_format_error(name, [&] {
    m = std::make_unique<Impl>(header.layers);
    m->classes = header.classes;
    m->target = header.task;
    m->threshold = header.threshold;
    m->record = m->before = header.training;
    m->application = header.application;
    check_parts(*m, header.encoder.has_value(), name);
    m->encoder = header.encoder;
    m->shapes = infer_shapes(m->layers, m->encoder ? m->encoder->vocab().size() : 0,
                             m->encoder ? m->encoder->bigram_count() : 0);
    const auto store = std::make_shared<ParameterStore>(source);
    m->network = m->build(m->layers, store);
    store->complete();
  });
  return m;
}

void Sequential::save(const std::filesystem::path& file) const {
  const LayerStack& network = impl_->live("save()");
  write_model_file(file, to_tree(impl_->header()), *network.store(), impl_->weight_type);
}

Sequential load_sequential(const ModelFile& file) {
  if (file.kind() == ModelKind::wide)
    fail(ErrorKind::format, file.name() +
                                ": it holds a text classifier with a wide branch, which would be lost; load "
                                "it with TextClassifier::load()");
  return network_in(file, sequential_header(file));
}

Sequential network_in(const ModelFile& file, const SequentialHeader& header) {
  std::unique_ptr<Sequential::Impl> impl = Sequential::Impl::from(header, file.source(), file.name());
  file.check_used(*impl->network->store());
  impl->set_weight_type(file.weight_type());
  Sequential model(std::move(impl));
  as_format_error(file.name(), [&] {
    if (!header.compiled) return;
    if (std::optional<CompileOptions> options = compile_options(*header.compiled, file.name()))
      model.compile(std::move(*options));
  });
  return model;
}

Sequential load(const std::filesystem::path& file) {
  return load_sequential(ModelFile(file));
}

}  // namespace rondo
