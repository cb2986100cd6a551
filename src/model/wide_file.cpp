#include "model/wide_file.h"

#include <deque>
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

/// The array that holds a further network, a whole model file; the first of them is number 2.
std::string array_of(std::size_t network) {
  return std::string(wide_prefix) + "network_" + std::to_string(network);
}

Target target_of(bool multi_label) {
  return multi_label ? Target::values : Target::labels;
}

/// The header of a branch without a network.
SequentialHeader header_alone(const WideParts& parts) {
  SequentialHeader header;
  header.library = std::string(version());
  header.task = target_of(parts.multi_label);
  header.classes = parts.wide->class_names();
  header.encoder = parts.wide->encoder();
  header.training = parts.training;
  header.application = parts.application;
  return header;
}

/// Takes a part out of a header; null where it has none.
Json take(Json& tree, const char* key) {
  const auto found = tree.find(key);
  if (found == tree.end()) return {};
  Json written = std::move(*found);
  tree.erase(found);
  return written;
}

/// The number of networks beside the first.
std::size_t take_further(Json& tree, const std::string& name) {
  constexpr std::int64_t most = 1'000;
  const Json written = take(tree, members_key);
  if (written.is_null()) return 0;
  if (!written.is_number_integer() || written < 2 || written > most)
    fail(ErrorKind::format,
         name + ": 'networks' is a whole number from 2 to 1000, got " + dump_json(written));
  return written.get<std::size_t>() - 1;
}

void check_fits(const SequentialHeader& header, const std::string& name) {
  if (!header.encoder || (header.task != Target::labels && header.task != Target::values) ||
      header.classes.empty())
    fail(ErrorKind::format, name + ": a wide branch is for texts with one label each, or several");
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

Sequential further_network(const ModelFile& file, std::size_t number, const Sequential& first) {
  const std::string array = array_of(number);
  const safetensors::Entry* const entry = file.arrays().find(array);
  if (entry == nullptr || entry->type != safetensors::Type::u8)
    fail(ErrorKind::format, file.name() + ": network " + std::to_string(number) + " is missing");
  std::string bytes(entry->elements, '\0');
  file.arrays().read(*entry, std::span(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()));
  const std::string name = file.name() + " (network " + std::to_string(number) + ")";
  Sequential network = load_sequential(ModelFile(safetensors::Reader::from_memory(std::move(bytes), name)));
  check_network(network, name);
  if (network.class_names() != first.class_names() || network.target() != first.target())
    fail(ErrorKind::format, name + ": its classes are not those of the first network");
  return network;
}

}  // namespace

void save_wide(const std::filesystem::path& file, const WideParts& parts) {
  const Sequential* const network = parts.network;
  Json tree = to_tree(network != nullptr ? network->impl().header() : header_alone(parts));
  tree["kind"] = name_of(ModelKind::wide);
  wide::Arrays arrays;
  std::vector<safetensors::Item> items;
  if (parts.wide != nullptr) {
    tree[wide_key] = to_json(WideHeader{parts.wide->options(), parts.weights});
    arrays = wide::arrays_of(*parts.wide);
    items = arrays.items(std::string(wide_prefix));
  }
  if (!parts.answers.is_null()) tree[answers_key] = parts.answers;
  if (!parts.further.empty()) tree[members_key] = parts.further.size() + 1;
  std::deque<std::string> files;  // stay where they are
  for (std::size_t i = 0; i < parts.further.size(); ++i) {
    const Sequential& one = parts.further[i];
    const std::string& bytes =
        files.emplace_back(model_file_bytes(to_tree(one.impl().header()), one.weights(), one.weight_type()));
    items.push_back({array_of(i + 2), safetensors::Type::u8, {std::ssize(bytes)}, bytes});
  }
  const ParameterStore none(std::uint64_t{0});
  write_model_file(file, std::move(tree), network != nullptr ? network->weights() : none,
                   network != nullptr ? network->weight_type() : WeightType::f32, std::move(items));
}

WideModel load_wide(const ModelFile& file) {
  const std::string& name = file.name();
  Json tree = file.header_tree(ModelKind::wide);
  const Json of_wide = take(tree, wide_key);
  WideModel model{.answers = take(tree, answers_key)};
  if (!model.answers.is_null() && !model.answers.is_object())
    fail(ErrorKind::format,
         name + ": 'answers' is an object, got " + std::string(type_in_words(model.answers)));
  const bool alone = tree.value("layers", Json::array()).empty();
  if (of_wide.is_null() && (alone || tree["format"] == wide_format))
    fail(ErrorKind::format, name + ": the header has no " + quote(wide_key));
  const std::size_t further = take_further(tree, name);
  const SequentialHeader header = sequential_header(std::move(tree), name, file.bytes_of());
  check_fits(header, name);
  if (!of_wide.is_null()) {
    const auto said = from_json<WideHeader>(of_wide, {name + ": wide", ErrorKind::format});
    model.wide = wide::from_arrays(file.arrays(), std::string(wide_prefix), said.options, *header.encoder,
                                   header.classes);
    model.weights = said.weights;
  }
  model.multi_label = header.task == Target::values;
  model.application = header.application;
  model.training = header.training;
  if (header.layers.empty()) {
    file.check_used(ParameterStore(std::uint64_t{0}));
    return model;
  }
  model.network = network_in(file, header);
  check_network(*model.network, name);
  for (std::size_t i = 0; i < further; ++i)
    model.further.push_back(further_network(file, i + 2, *model.network));
  return model;
}

}  // namespace rondo
