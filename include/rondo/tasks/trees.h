/// Classes for every phrase of a sentence: networks that compute along its tree.
///
///     const Dataset train = trees::read({"train.txt"});
///     const TreeClassifier classifier = TreeClassifier::train(train, {});
///     const LabelledTree tree = trees::parse("(3 (2 A) (3 (2 quiet) (4 delight)))");
///     classifier.predict(tree).labels;    // a class number for each node
///     classifier.save("sentiment.rondo");
///
/// The networks are those of tree_ops.h: RvNN (Socher et al. 2011), SU-RNN (Socher et al. 2013, "Parsing with
/// compositional vector grammars"), MV-RNN (Socher et al. 2012), RNTN (Socher et al. 2013, "Recursive deep
/// models") and Tree-LSTMs (Tai et al. 2015). Each node's vector gives its class by a softmax.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/data.h>
#include <rondo/tasks/evaluation.h>
#include <rondo/tasks/options.h>
#include <rondo/tasks/tagged_text.h>
#include <rondo/tasks/task.h>

namespace [[gnu::visibility("default")]] rondo {

/// A tree over a sentence, with a label at its nodes. Of constituents, the leaves are the words; of
/// dependencies, every node is a word (but one that joins several roots).
struct LabelledTree {
  std::vector<std::int32_t> parents = {};  ///< of each node; -1: the root. Children are in order of numbers
  Strings words = {};                      ///< of each node; empty: it has none
  Strings labels = {};                     ///< of each node; empty: none, so it is neither learned nor scored
  /// Of each node, something known that is no label, such as NP (--categories); or no entry at all.
  Strings categories = {};
  bool dependencies = false;
  std::uint64_t line = 0;  ///< where it begins in its file

  std::int64_t size() const noexcept { return static_cast<std::int64_t>(parents.size()); }
};

/// Forms of files. brackets: s-expressions, as in the Penn Treebank and the Stanford Sentiment Treebank.
/// conllu: dependencies. text: words without a tree, a sentence a line; only for answers.
enum class TreeForm { automatic, brackets, conllu, text };
constexpr std::array<std::string_view, 4> names_of(TreeForm) {
  return {"auto", "brackets", "conllu", "text"};
}

/// What a sentence of several roots becomes: an error, or a tree under one more node, which is not scored.
enum class SeveralRoots { refuse, join };
constexpr std::array<std::string_view, 2> names_of(SeveralRoots) {
  return {"refuse", "join"};
}

/// Whether NP-SBJ is NP. automatic: where a file has marks of a treebank (-NONE-, an outer node without
/// label).
enum class FunctionTags { automatic, keep, cut };
constexpr std::array<std::string_view, 3> names_of(FunctionTags) {
  return {"auto", "keep", "cut"};
}

/// Where CoNLL-U has the labels. misc: "Label=..." in the last column; a line "# label = ..." is that of the
/// root.
enum class ConlluLabel { upos, xpos, deprel, misc };
constexpr std::array<std::string_view, 4> names_of(ConlluLabel) {
  return {"upos", "xpos", "deprel", "misc"};
}

namespace trees {

/// How files become trees.
struct ReadingOptions {
  TreeForm form = TreeForm::automatic;
  std::string labels = {};
  bool binary = false;
  std::string categories = {};
  FunctionTags functions = FunctionTags::automatic;
  ConlluLabel label_column = ConlluLabel::upos;
  SeveralRoots roots = SeveralRoots::refuse;
  bool skip_bad = false;
  int max_depth = 0;

  static constexpr auto fields() {
    using O = ReadingOptions;
    return std::tuple{
        field("form", &O::form, "form of the files; auto: by their first lines"),
        field("labels", &O::labels, "labels there may be: 0-4, or names with commas between; empty: any"),
        field(
            "binary", &O::binary,
            "of the labels 0 to 4, the task of two: 0 and 1 against 3 and 4, nothing learned or scored at 2"),
        field("categories", &O::categories,
              "of labels such as NP/3, what stands between category and label; empty: there are none"),
        field("functions", &O::functions,
              "function tags as in NP-SBJ; auto: cut where a file has marks of a treebank"),
        field("label_column", &O::label_column, "where CoNLL-U has the labels"),
        field("roots", &O::roots, "a sentence of several roots in CoNLL-U"),
        field("skip_bad", &O::skip_bad, "leave out trees that cannot be read, and say how many"),
        field("max_depth", &O::max_depth, "deeper trees are refused; 0: no limit", 0, 1 << 30)};
  }
};
static_assert(all_fields_listed<ReadingOptions>);

/// Files of trees, plain, .gz or .xz. Error(data) "FILE line L, column C: ..." with all that is wrong in a
/// file in one message. `notices` gets what there is to say.
Dataset read(const std::vector<std::filesystem::path>& files, const ReadingOptions& options = {},
             std::vector<std::string>* notices = nullptr);
/// One tree in brackets. Error(data) for anything else.
LabelledTree parse(std::string_view brackets, const ReadingOptions& options = {});
/// Error(data) for a tree without words, and for parents that are no tree.
Dataset dataset_of(std::vector<LabelledTree> trees);
/// A tree of a dataset.
const LabelledTree& tree(const Dataset& trees, std::size_t number);

}  // namespace trees

/// automatic: tree_lstm, for dependencies child_sum.
enum class TreeNetwork { automatic, rvnn, surnn, rntn, mvrnn, tree_lstm, child_sum };
constexpr std::array<std::string_view, 7> names_of(TreeNetwork) {
  return {"auto", "rvnn", "surnn", "rntn", "mvrnn", "tree-lstm", "child-sum"};
}

/// How nodes of three and more children become pairs, for all networks but child_sum. right: the last two
/// first; left: the first two; head: from the child with most words outwards, first to its right. Labels have
/// no part in it.
enum class Binarization { right, left, head };
constexpr std::array<std::string_view, 3> names_of(Binarization) {
  return {"right", "left", "head"};
}

/// Words as numbers.
struct TreeWordOptions {
  int max_size = 50'000;
  int min_count = 1;
  bool lowercase = true;

  static constexpr auto fields() {
    using O = TreeWordOptions;
    return std::tuple{field("max_size", &O::max_size, "largest vocabulary", 2, 1 << 24),
                      field("min_count", &O::min_count, "rarer words are unknown", 1, 1 << 20),
                      field("lowercase", &O::lowercase, "fold upper and lower case together")};
  }
};
static_assert(all_fields_listed<TreeWordOptions>);

struct TreeNetworkOptions {
  TreeNetwork network = TreeNetwork::automatic;
  int embedding = 0;
  int units = 0;
  int rank = -1;
  Binarization binarize = Binarization::right;
  float dropout = -1;
  float token_dropout = 0.1F;
  float embedding_rate = -1;
  std::filesystem::path vectors = {};

  static constexpr auto fields() {
    using O = TreeNetworkOptions;
    return std::tuple{
        field("network", &O::network, "what combines children; auto: tree-lstm, for dependencies child-sum"),
        field("embedding", &O::embedding, "numbers per word; 0: by the network", 0, 1 << 16),
        field("units", &O::units, "numbers per node; 0: by the network", 0, 1 << 14),
        field("rank", &O::rank, "of a word's matrix in mvrnn, beside its diagonal; 0: full; -1: 3", -1,
              1 << 10),
        field("binarize", &O::binarize, "how nodes of three and more children become pairs"),
        field("dropout", &O::dropout,
              "share dropped of words and of what the classes see; -1: by the network", -1, 0.99),
        field("token_dropout", &O::token_dropout,
              "how often a word becomes unknown in training: p / (p + how often it occurs)", 0, 10),
        field("embedding_rate", &O::embedding_rate,
              "factor on the learning rate of the words' vectors; -1: 0.1 with --vectors, else 1", -1, 1e3),
        field("vectors", &O::vectors,
              "word2vec or GloVe text file with first values; narrower ones fill the first columns")};
  }
};
static_assert(all_fields_listed<TreeNetworkOptions>);

/// Everything about a TreeClassifier and its training.
struct TreeOptions {
  TreeWordOptions words = {};
  TreeNetworkOptions network = {};
  TrainingOptions training = {
      .batch_size = 25, .optimizer = optim::Adagrad{}, .schedule = schedule::Constant{}, .clip_norm = 5};

  static constexpr std::string_view type = "trees";
  static constexpr auto fields() {
    using O = TreeOptions;
    return std::tuple{group(&O::words, "Words"), group(&O::network, "Network"),
                      group(&O::training, "Training")};
  }
};
static_assert(all_fields_listed<TreeOptions>);

/// What a model says of a tree.
struct TreeAnswer {
  std::vector<std::int32_t> labels = {};  ///< the likeliest class of each node
  std::vector<float> probabilities = {};  ///< [nodes, classes]
};

/// Accuracies as the Stanford Sentiment Treebank defines them. NaN: there was nothing to score.
struct TreeEvaluation {
  std::int64_t trees = 0;
  double root_accuracy = 0, node_accuracy = 0;  ///< over the labelled roots, and over all labelled nodes
  /// Positive against negative where the truth is one of them: by the probabilities of 3 and 4 together
  /// against those of 0 and 1.
  double root_binary = 0, node_binary = 0;
  double loss = 0;                    ///< nats a labelled node
  std::int64_t roots = 0, nodes = 0;  ///< how many were scored
  std::int64_t binary_roots = 0, binary_nodes = 0;
  Evaluation summary = {};  ///< scores, confusion, negation, the worst trees
};

class TreeClassifier {
 public:
  TreeClassifier(TreeClassifier&&) noexcept;
  TreeClassifier& operator=(TreeClassifier&&) noexcept;
  ~TreeClassifier();

  /// The options with everything derived that was left open. `reasons`, if given, gets a line for each.
  static TreeOptions plan(const Dataset& train, const Dataset& valid, TreeOptions options = {},
                          std::vector<std::string>* reasons = nullptr);
  /// Learns from `train`; the epoch that did best on `valid`, if that is not empty, is kept.
  static TreeClassifier train(const Dataset& train, const Dataset& valid, TreeOptions options = {},
                              TrainingRun run = {});

  TreeAnswer predict(const LabelledTree& tree) const;
  /// The same for each tree whatever others there are.
  std::vector<TreeAnswer> predict(std::span<const LabelledTree* const> trees) const;
  TreeEvaluation evaluate(const Dataset& test, int worst = 20) const;

  const std::vector<std::string>& classes() const noexcept;
  const TreeOptions& options() const noexcept;
  const History& history() const noexcept;
  void save(const std::filesystem::path& file) const;
  /// Error(format) for a model of another application.
  static TreeClassifier load(const std::filesystem::path& file);

  struct Impl;
  const Impl& impl() const noexcept { return *impl_; }
  Impl& impl() noexcept { return *impl_; }

 private:
  explicit TreeClassifier(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rondo
