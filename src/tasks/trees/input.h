/// Trees as numbers: what a TreeClassifier learns of its data before it learns to classify.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/forest.h>
#include <rondo/network.h>
#include <rondo/tasks/trees.h>

#include "data/class_names.h"
#include "tasks/trees/shape.h"

namespace rondo::trees {

/// A tree as numbers. Its places are the nodes, helpers among them, children from left to right.
struct EncodedTree {
  std::vector<std::int32_t> parents = {};
  std::vector<std::int32_t> tokens = {};  ///< of each place; -1: it has no word
  std::vector<std::int32_t> labels = {};  ///< of each place; -1: none that was learned
  std::vector<std::int32_t> pairs = {};   ///< of each place, for surnn: the pair of its children's categories
  std::vector<std::int32_t> places = {};  ///< of the tree's own nodes
  bool root_labelled = false;
};

/// Trees side by side.
struct TreeBatch {
  std::shared_ptr<const Forest> forest = {};
  Tensor tokens = {};                       ///< i32, of the leaves or, of dependencies, of all rows
  std::vector<std::int32_t> labelled = {};  ///< rows
  Tensor labels = {};                       ///< i32, of the labelled rows
  std::vector<std::int32_t> pairs = {};     ///< of all rows; for surnn only
  std::vector<const EncodedTree*> trees = {};
  std::vector<std::size_t> examples = {};

  /// The row of a tree's own node.
  std::int32_t row(std::size_t tree, std::size_t node) const {
    return forest->row(static_cast<std::int64_t>(tree), trees[tree]->places[node]);
  }
};

/// The preprocessing of a TreeClassifier, as Model<Net> asks for it.
struct TreeInput {
  using Batch = TreeBatch;

  std::vector<std::string> classes = {};
  Vocab words = {};  ///< of dependencies number 1 is for nodes without a word
  Vocab pairs = {};  ///< of categories, for surnn; number 0 is for all that are rare
  bool dependencies = false;
  bool lowercase = true;
  bool many_children = false;  ///< nodes keep more than two children
  Binarization binarize = Binarization::right;

  static TreeInput learn(const Dataset& train, const TreeOptions& planned);

  /// Error(data) for dependencies where constituents were learned.
  EncodedTree encode(const LabelledTree& tree, const ClassNumbers& numbers) const;
  std::vector<EncodedTree> encode(std::span<const LabelledTree* const> trees) const;
  TreeBatch pack(std::span<const EncodedTree> trees, std::span<const std::size_t> examples) const;
  auto batches(const Dataset& data, data::BatchOptions options, std::uint64_t seed) const {
    auto encoded = std::make_shared<const std::vector<EncodedTree>>(encode(trees_of(data)));
    return data::PackedBatches(
        data, options, seed, [input = *this, encoded](const Dataset&, std::span<const std::size_t> examples) {
          return input.pack(*encoded, examples);
        });
  }
  std::string to_json() const;
  /// Error(format) for anything that to_json() cannot have written.
  static TreeInput from_json(std::string_view json);

  static std::vector<const LabelledTree*> trees_of(const Dataset& data);

 private:
  std::string spelled(std::string_view word) const;
  PairedTree shaped(const LabelledTree& tree) const;
  std::vector<std::string> pairs_of(const LabelledTree& tree, const PairedTree& shape) const;
};

}  // namespace rondo::trees
