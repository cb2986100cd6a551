// TreeClassifier: training, answers and its file. What open options become is in plan.cpp.
#include <algorithm>
#include <string>
#include <utility>

#include "base/message.h"
#include "tasks/options/training.h"
#include "tasks/own_model.h"
#include "tasks/trees/evaluation.h"
#include "tasks/trees/labels.h"
#include "tasks/trees/network.h"

namespace rondo {
namespace {

constexpr std::string_view application_name = "trees";
using trees::TreeBatch;
using trees::TreeModel;
using trees::TreeNet;

/// Counts of a batch: right ones and all, of the roots or of all labelled nodes.
std::vector<double> counts_of(const BatchView<TreeNet>& seen, bool roots) {
  const TreeBatch& batch = seen.batch();
  const Var& rows = seen.outputs().rows;
  const Tensor scores = rows.value().to(DType::f32);
  const std::span<const float> values = scores.data<float>();
  const auto classes = static_cast<std::size_t>(rows.columns());
  double right = 0, all = 0;
  const auto count = [&](std::size_t row, std::int32_t label) {
    all += 1;
    right += trees::likeliest(values.subspan(row * classes, classes)) == label ? 1 : 0;
  };
  if (roots) {
    for (std::size_t t = 0; t < batch.trees.size(); ++t) {
      const trees::EncodedTree& tree = *batch.trees[t];
      const auto top = std::find(tree.parents.begin(), tree.parents.end(), -1) - tree.parents.begin();
      if (tree.root_labelled)
        count(static_cast<std::size_t>(batch.forest->root(static_cast<std::int64_t>(t))),
              tree.labels[static_cast<std::size_t>(top)]);
    }
  } else {
    for (std::size_t i = 0; i < batch.labelled.size(); ++i)
      count(static_cast<std::size_t>(batch.labelled[i]), batch.labels.data<std::int32_t>()[i]);
  }
  return {right, all};
}

void compile(TreeModel& network, const TrainingOptions& training) {
  const auto metric = [](std::string name, bool roots) {
    return TreeModel::Metric{.name = std::move(name),
                             .sums = TreeModel::Metric::Sums(
                                 [roots](const BatchView<TreeNet>& seen) { return counts_of(seen, roots); })};
  };
  network.compile({.optimizer = optimizer_of(training),
                   .metrics = {metric("root_accuracy", true), metric("node_accuracy", false)}});
}

/// First values of the words' vectors from a file. Words that it does not have, and columns beyond its own,
/// keep theirs.
void take_vectors(TreeModel& network, const TreeNetworkOptions& o, const TrainingRun& run) {
  if (o.vectors.empty()) return;
  const Vocab& vocab = network.input().words;
  const WordVectors vectors = read_word_vectors(o.vectors, vocab);
  if (vectors.dim > o.embedding)
    fail(ErrorKind::option, "embedding must be at least " + std::to_string(vectors.dim) +
                                ", the width of the vectors in " + quote(o.vectors.string()) + ", got " +
                                std::to_string(o.embedding));
  Tensor table = network.weights().get("words");
  const auto dim = static_cast<std::ptrdiff_t>(vectors.dim);
  for (std::ptrdiff_t i = 0; i < vocab.size(); ++i)
    if (vectors.found[static_cast<std::size_t>(i)] != 0)
      std::copy_n(vectors.values.begin() + i * dim, dim, table.data<float>().begin() + i * o.embedding);
  network.weights().set("words", table);
  if (run.notice)
    run.notice("vectors: " + std::to_string(vectors.exact + vectors.folded) + " of " +
               std::to_string(vocab.size() - 1) + " words found in " + o.vectors.string());
}

}  // namespace

TreeClassifier::TreeClassifier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TreeClassifier::TreeClassifier(TreeClassifier&&) noexcept = default;
TreeClassifier& TreeClassifier::operator=(TreeClassifier&&) noexcept = default;
TreeClassifier::~TreeClassifier() = default;

TreeClassifier TreeClassifier::train(const Dataset& train, const Dataset& valid, TreeOptions options,
                                     TrainingRun run) {
  options = plan(train, valid, std::move(options));
  TreeModel network(trees::TreeInput::learn(train, options), options, options.training.seed);
  take_vectors(network, options.network, run);
  take_init(network, options.training, run);
  compile(network, options.training);
  network.set_application({std::string(application_name), OptionTable::of(options).to_json()});
  FitOptions fit = fit_options(options.training, valid, std::move(run));
  if (options.network.embedding_rate != 1)
    fit.groups = {{.prefix = "words", .learning_rate = options.network.embedding_rate}};
  History history = network.fit(train, fit);
  return TreeClassifier(std::make_unique<Impl>(Impl{std::move(network), std::move(history)}));
}

TreeAnswer TreeClassifier::predict(const LabelledTree& tree) const {
  const LabelledTree* const one = &tree;
  return std::move(predict(std::span(&one, 1)).front());
}

std::vector<TreeAnswer> TreeClassifier::predict(std::span<const LabelledTree* const> trees) const {
  return trees::answers_of(impl_->network, trees);
}

TreeEvaluation TreeClassifier::evaluate(const Dataset& test, int worst) const {
  const std::vector<const LabelledTree*> all = trees::TreeInput::trees_of(test);
  return trees::evaluation_of(all, predict(all), classes(), worst);
}

const std::vector<std::string>& TreeClassifier::classes() const noexcept {
  return impl_->network.input().classes;
}
const TreeOptions& TreeClassifier::options() const noexcept {
  return impl_->network.options();
}
const History& TreeClassifier::history() const noexcept {
  return impl_->history;
}

void TreeClassifier::save(const std::filesystem::path& file) const {
  impl_->network.save(file);
}

TreeClassifier TreeClassifier::load(const std::filesystem::path& file) {
  TreeModel network = load_own<TreeNet>(file, application_name, "a classifier of trees");
  compile(network, network.options().training);
  return TreeClassifier(std::make_unique<Impl>(Impl{std::move(network)}));
}

}  // namespace rondo
