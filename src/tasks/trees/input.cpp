#include "tasks/trees/input.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/json.h"
#include "base/message.h"
#include "data/normalize.h"

namespace rondo::trees {
namespace {

/// Pairs of categories that occur less often share their weights.
constexpr std::int64_t enough_of_a_pair = 10;
constexpr std::size_t size_cap = 200'000'000;
constexpr std::string_view no_word = "<none>";

/// What a node is, for the weights above it: its category, or leaf or inner node. A helper has none.
std::string_view kind_of(const LabelledTree& tree, std::int64_t node, bool leaf) {
  if (node >= tree.size()) return "+";
  const std::string_view category =
      tree.categories.empty() ? std::string_view() : tree.categories[static_cast<std::size_t>(node)];
  return !category.empty() ? category : leaf ? std::string_view("leaf") : std::string_view("inner");
}

bool classifies_pairs(const TreeNetworkOptions& o) {
  return o.network == TreeNetwork::surnn;
}

}  // namespace

std::vector<const LabelledTree*> TreeInput::trees_of(const Dataset& data) {
  std::vector<const LabelledTree*> all;
  for (std::size_t i = 0; i < data.size(); ++i)
    all.push_back(&tree(data, i));
  return all;
}

std::string TreeInput::spelled(std::string_view word) const {
  if (!lowercase) return std::string(word);
  return Normalizer{.form = Normalization::nfc}(word);
}

PairedTree TreeInput::shaped(const LabelledTree& tree) const {
  if (!many_children) return paired(tree, binarize);
  PairedTree same{.parents = tree.parents, .own = tree.size()};
  for (std::int32_t node = 0; node < tree.size(); ++node)
    same.order.push_back(node);
  return same;
}

/// Of each node of the shape, what its children are; empty for leaves.
std::vector<std::string> TreeInput::pairs_of(const LabelledTree& tree, const PairedTree& shape) const {
  std::vector<std::string> names(shape.parents.size());
  std::vector<std::uint8_t> inner(shape.parents.size());
  for (const std::int32_t parent : shape.parents)
    if (parent >= 0) inner[static_cast<std::size_t>(parent)] = 1;
  for (const std::int32_t node : shape.order) {
    const std::int32_t parent = shape.parents[static_cast<std::size_t>(node)];
    if (parent < 0) continue;
    std::string& name = names[static_cast<std::size_t>(parent)];
    name += (name.empty() ? "" : " ");
    name += kind_of(tree, node, inner[static_cast<std::size_t>(node)] == 0);
  }
  return names;
}

TreeInput TreeInput::learn(const Dataset& train, const TreeOptions& planned) {
  TreeInput input;
  input.lowercase = planned.words.lowercase;
  input.many_children = planned.network.network == TreeNetwork::child_sum;
  input.binarize = planned.network.binarize;
  Vocab::Counts words, pairs;
  std::set<std::string, std::less<>> classes;
  for (const LabelledTree* const tree : trees_of(train)) {
    input.dependencies = input.dependencies || tree->dependencies;
    for (const std::string_view word : tree->words)
      if (!word.empty()) ++words[input.spelled(word)];
    for (const std::string_view label : tree->labels)
      if (!label.empty() && !classes.contains(label)) classes.emplace(label);
    if (classifies_pairs(planned.network))
      for (std::string& name : input.pairs_of(*tree, input.shaped(*tree)))
        if (!name.empty()) ++pairs[std::move(name)];
  }
  input.classes.assign(classes.begin(), classes.end());
  sort_classes(input.classes);
  std::vector<std::string> specials;
  if (input.dependencies) specials.emplace_back(no_word);
  input.words = Vocab::from_counts(words, planned.words.min_count, planned.words.max_size, specials);
  if (classifies_pairs(planned.network)) input.pairs = Vocab::from_counts(pairs, enough_of_a_pair);
  return input;
}

EncodedTree TreeInput::encode(const LabelledTree& tree, const ClassNumbers& numbers) const {
  if (tree.dependencies && !dependencies)
    fail(ErrorKind::data,
         "line " + std::to_string(tree.line) +
             ": a tree of dependencies, but the model learned from constituents, whose inner "
             "nodes are no words");
  const PairedTree shape = shaped(tree);
  const std::size_t count = shape.order.size();
  std::vector<std::int32_t> place(count);
  for (std::size_t p = 0; p < count; ++p)
    place[static_cast<std::size_t>(shape.order[p])] = static_cast<std::int32_t>(p);
  std::vector<std::string> names;
  if (pairs.size() > 1) names = pairs_of(tree, shape);
  EncodedTree encoded;
  for (std::size_t p = 0; p < count; ++p) {
    const auto node = static_cast<std::size_t>(shape.order[p]);
    const std::int32_t parent = shape.parents[node];
    const bool own = node < static_cast<std::size_t>(tree.size());
    encoded.parents.push_back(parent < 0 ? -1 : place[static_cast<std::size_t>(parent)]);
    const bool worded = own && !tree.words[node].empty();
    encoded.tokens.push_back(worded ? words.find(spelled(tree.words[node])) : -1);
    const auto label = own && !tree.labels[node].empty() ? numbers.find(tree.labels[node]) : std::nullopt;
    encoded.labels.push_back(label.value_or(-1));
    if (pairs.size() > 1) encoded.pairs.push_back(pairs.find(names[node]));
    encoded.root_labelled = encoded.root_labelled || (parent < 0 && label);
  }
  encoded.places.assign(place.begin(), place.begin() + tree.size());
  return encoded;
}

std::vector<EncodedTree> TreeInput::encode(std::span<const LabelledTree* const> trees) const {
  const ClassNumbers numbers(classes);
  std::vector<EncodedTree> encoded;
  encoded.reserve(trees.size());
  for (const LabelledTree* const tree : trees)
    encoded.push_back(encode(*tree, numbers));
  return encoded;
}

TreeBatch TreeInput::pack(std::span<const EncodedTree> trees, std::span<const std::size_t> examples) const {
  TreeBatch batch;
  std::vector<std::vector<std::int32_t>> parents;
  for (const std::size_t example : examples) {
    batch.trees.push_back(&trees[example]);
    parents.push_back(trees[example].parents);
  }
  batch.examples.assign(examples.begin(), examples.end());
  batch.forest = Forest::of(parents);
  const Forest& forest = *batch.forest;
  const auto rows = static_cast<std::size_t>(dependencies ? forest.rows() : forest.leaves());
  std::vector<std::int32_t> tokens(rows, dependencies ? 1 : 0),
      labels(static_cast<std::size_t>(forest.rows()), -1);
  if (pairs.size() > 1) batch.pairs.resize(static_cast<std::size_t>(forest.rows()));
  for (std::size_t t = 0; t < batch.trees.size(); ++t) {
    const EncodedTree& tree = *batch.trees[t];
    for (std::size_t p = 0; p < tree.parents.size(); ++p) {
      const auto row =
          static_cast<std::size_t>(forest.row(static_cast<std::int64_t>(t), static_cast<std::int64_t>(p)));
      if (tree.tokens[p] >= 0 && row < rows) tokens[row] = tree.tokens[p];
      labels[row] = tree.labels[p];
      if (!batch.pairs.empty()) batch.pairs[row] = tree.pairs[p];
    }
  }
  std::vector<std::int32_t> given;
  for (std::size_t row = 0; row < labels.size(); ++row)
    if (labels[row] >= 0) {
      batch.labelled.push_back(static_cast<std::int32_t>(row));
      given.push_back(labels[row]);
    }
  batch.tokens = Tensor::of({std::ssize(tokens)}, tokens);
  if (!given.empty()) batch.labels = Tensor::of({std::ssize(given)}, given);
  return batch;
}

std::string TreeInput::to_json() const {
  const auto tree_of = [](const Vocab& vocab) {
    return parse_json(vocab.to_json(), {.name = "vocabulary", .size_cap = size_cap});
  };
  return dump_json({{"classes", classes},
                    {"words", tree_of(words)},
                    {"pairs", tree_of(pairs)},
                    {"dependencies", dependencies},
                    {"lowercase", lowercase},
                    {"many_children", many_children},
                    {"binarize", std::string(name_of(binarize))}});
}

TreeInput TreeInput::from_json(std::string_view text) {
  const Json json = parse_json(text, {.name = "trees", .size_cap = size_cap});
  const auto member = [&](const char* name) -> const Json& {
    if (!json.is_object() || !json.contains(name))
      fail(ErrorKind::format, "trees: " + quote(name) + " is missing");
    return json[name];
  };
  const auto truth = [&](const char* name) {
    if (!member(name).is_boolean())
      fail(ErrorKind::format, "trees: " + quote(name) + " must be true or false");
    return member(name).get<bool>();
  };
  TreeInput input;
  const Json& classes = member("classes");
  if (!classes.is_array() || classes.empty()) fail(ErrorKind::format, "trees: 'classes' must be a list");
  std::set<std::string> seen;
  for (const Json& name : classes) {
    if (!name.is_string() || !seen.insert(name.get<std::string>()).second)
      fail(ErrorKind::format, "trees: 'classes' must be a list of names, each once");
    input.classes.push_back(name.get<std::string>());
  }
  input.words = Vocab::from_json(dump_json(member("words")));
  input.pairs = Vocab::from_json(dump_json(member("pairs")));
  input.dependencies = truth("dependencies");
  if (input.dependencies && input.words.size() < 2)
    fail(ErrorKind::format, "trees: 'words' lacks the number for nodes without a word");
  input.lowercase = truth("lowercase");
  input.many_children = truth("many_children");
  const Json& how = member("binarize");
  const auto names = names_of(Binarization{});
  const auto found =
      how.is_string() ? std::find(names.begin(), names.end(), how.get<std::string>()) : names.end();
  if (found == names.end())
    fail(ErrorKind::format, "trees: 'binarize' must be " + std::string("right, left or head"));
  input.binarize = static_cast<Binarization>(found - names.begin());
  return input;
}

}  // namespace rondo::trees
