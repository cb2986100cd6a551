#include "model/wide_file.h"

#include <utility>

#include <rondo/version.h>

#include "autograd/forms.h"
#include "base/fields.h"
#include "model/sequential_impl.h"
#include "wide/classifier.h"

namespace rondo {
namespace {

/// What a header says of the branch; its numbers are arrays.
struct WideHeader {
  WideOptions options;
  MixtureWeights weights;

  static constexpr auto fields() {
    return std::tuple{field("options", &WideHeader::options, "how it was learned"),
                      field("weights", &WideHeader::weights, "how much network and branch say")};
  }
};
static_assert(all_fields_listed<WideHeader>);

/// The header of a branch without a network.
SequentialHeader header_alone(const WideClassifier& wide, const ApplicationRecord& application,
                              const TrainingRecord& training) {
  SequentialHeader header;
  header.library = std::string(version());
  header.task = Target::labels;
  header.classes = wide.class_names();
  header.encoder = wide.encoder();
  header.training = training;
  header.application = application;
  return header;
}

WideHeader take_wide(Json& tree, const std::string& name) {
  const auto found = tree.find(wide_key);
  if (found == tree.end()) fail(ErrorKind::format, name + ": the header has no " + quote(wide_key));
  const Json written = std::move(*found);
  tree.erase(found);
  return from_json<WideHeader>(written, {name + ": wide", ErrorKind::format});
}

void check_fits(const SequentialHeader& header, const std::string& name) {
  if (!header.encoder || header.task != Target::labels)
    fail(ErrorKind::format, name + ": a wide branch is for texts with one label each");
  if (header.layers.empty() && header.compiled)
    fail(ErrorKind::format, name + ": there is a loss, but no network");
}

/// One output a class for the whole text, as the branch has it.
void check_network(const Sequential& network, const std::string& name) {
  const Signature& last = network.impl().shapes.back();
  if (network.impl().network->per_step() ||
      last.width != static_cast<std::int64_t>(network.class_names().size()))
    fail(ErrorKind::format, name + ": a network beside a wide branch has one output a class");
}

}  // namespace

void save_wide(const std::filesystem::path& file, const Sequential* network, const WideClassifier& wide,
               const MixtureWeights& weights, const ApplicationRecord& application,
               const TrainingRecord& training) {
  Json tree =
      to_tree(network != nullptr ? network->impl().header() : header_alone(wide, application, training));
  tree["format"] = wide_format;
  tree["kind"] = name_of(ModelKind::wide);
  tree[wide_key] = to_json(WideHeader{wide.options(), weights});
  const wide::Arrays arrays = wide::arrays_of(wide);
  const ParameterStore none(std::uint64_t{0});
  write_model_file(file, std::move(tree), network != nullptr ? network->weights() : none,
                   network != nullptr ? network->weight_type() : WeightType::f32,
                   arrays.items(std::string(wide_prefix)));
}

WideModel load_wide(const ModelFile& file) {
  const std::string& name = file.name();
  Json tree = file.header_tree(ModelKind::wide);
  const WideHeader of_wide = take_wide(tree, name);
  const SequentialHeader header = sequential_header(std::move(tree), name);
  check_fits(header, name);
  WideModel model{.network = {},
                  .wide = wide::from_arrays(file.arrays(), std::string(wide_prefix), of_wide.options,
                                            *header.encoder, header.classes),
                  .weights = of_wide.weights,
                  .application = header.application,
                  .training = header.training};
  if (header.layers.empty()) {
    file.check_used(ParameterStore(std::uint64_t{0}));
    return model;
  }
  model.network = network_in(file, header);
  check_network(*model.network, name);
  return model;
}

}  // namespace rondo
