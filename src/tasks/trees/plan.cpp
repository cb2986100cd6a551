// What a TreeClassifier's open options become.
#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <variant>

#include <rondo/tasks/trees.h>

#include "base/message.h"
#include "base/shown.h"
#include "tasks/options/training.h"
#include "tasks/trees/input.h"

namespace rondo {
namespace {

using Because = std::function<void(const std::string&)>;

struct Amount {
  std::int64_t trees = 0, nodes = 0, labelled = 0, helpers = 0, roots = 0;
  bool dependencies = false, constituents = false;
};

Amount amount_of(const Dataset& train, Binarization how) {
  Amount amount{.trees = static_cast<std::int64_t>(train.size())};
  std::set<std::string, std::less<>> classes;
  for (const LabelledTree* const tree : trees::TreeInput::trees_of(train)) {
    amount.nodes += tree->size();
    (tree->dependencies ? amount.dependencies : amount.constituents) = true;
    amount.helpers += static_cast<std::int64_t>(trees::paired(*tree, how).parents.size()) - tree->size();
    for (std::size_t i = 0; i < tree->parents.size(); ++i) {
      const std::string_view label = tree->labels[i];
      if (label.empty()) continue;
      ++amount.labelled;
      amount.roots += tree->parents[i] < 0 ? 1 : 0;
      if (!classes.contains(label)) classes.emplace(label);
    }
  }
  if (amount.labelled == 0)
    fail(ErrorKind::data, "no node of the training trees has a label; wanted one at the roots at least");
  if (classes.size() == 1)
    fail(ErrorKind::data, "every label of the training trees is " + quote(*classes.begin()) +
                              "; a classifier needs two classes");
  return amount;
}

/// Sizes that SST's networks were tried with.
void plan_network(TreeNetworkOptions& o, const Amount& amount, const Because& because) {
  if (o.network == TreeNetwork::automatic) {
    o.network = amount.dependencies ? TreeNetwork::child_sum : TreeNetwork::tree_lstm;
    because("network = " + std::string(name_of(o.network)) +
            (amount.dependencies ? ": for dependencies" : ": for constituents"));
  }
  if (amount.dependencies && o.network != TreeNetwork::child_sum)
    fail(ErrorKind::option, "network " + std::string(name_of(o.network)) +
                                " reads words at the leaves only, and in trees of dependencies every node is "
                                "a word; wanted child-sum");
  if (amount.dependencies && amount.constituents)
    because("trees of dependencies and of constituents are learned together");
  const bool lstm = o.network == TreeNetwork::tree_lstm || o.network == TreeNetwork::child_sum;
  if (o.units == 0) {
    o.units = lstm ? 150 : o.embedding > 0 ? o.embedding : 30;
    because("units = " + std::to_string(o.units) + ": usual for " + std::string(name_of(o.network)));
  }
  if (o.embedding == 0) {
    o.embedding = lstm ? 150 : o.units;
    because("embedding = " + std::to_string(o.embedding) + ": usual for " + std::string(name_of(o.network)));
  }
  if (o.dropout < 0) {
    // Tensors learn less by heart than they lose: on the Stanford Sentiment Treebank's validation part 0.2
    // has 46.2 % of the roots and 0.5 has 41.4 %; the others do not care.
    o.dropout = o.network == TreeNetwork::rntn ? 0.2F : 0.5F;
    because("dropout = " + plain(o.dropout) + ": usual for " + std::string(name_of(o.network)));
  }
  if (o.embedding_rate < 0) {
    // Vectors of a large corpus know more than the trees do (Tai et al. 2015 have a rate of their own, too):
    // on the Stanford Sentiment Treebank 49.2 % of the roots, with the network's rate 46.8 %.
    o.embedding_rate = o.vectors.empty() ? 1 : 0.1F;
    if (!o.vectors.empty())
      because("embedding_rate = " + plain(o.embedding_rate) + ": usual with first vectors");
  }
  if (o.rank < 0) o.rank = std::min(3, o.units);
  if (o.network != TreeNetwork::child_sum && amount.helpers > 0)
    because("binarize = " + std::string(name_of(o.binarize)) + ": " + grouped(amount.helpers) +
            (amount.helpers == 1 ? " helper node" : " helper nodes") +
            ", which are neither learned nor scored");
}

void plan_fit(TrainingOptions& t, TreeNetwork network, const Dataset& valid, const Amount& amount,
              const Because& because) {
  if (t.epochs == 0) {
    const double passes = 4e6 / static_cast<double>(amount.nodes);
    t.epochs = std::clamp(static_cast<int>(std::lround(passes)), 12, 100);
    because("epochs = " + std::to_string(t.epochs) + ": for " + grouped(amount.nodes) + " nodes");
  }
  if (t.patience < 0) t.patience = 0;
  if (t.monitor.empty())
    t.monitor = valid.empty()                     ? "loss"
                : amount.roots * 2 > amount.trees ? "val_root_accuracy"
                                                  : "val_node_accuracy";
  // With the usual rate the tensors saturate: on the Stanford Sentiment Treebank 23 % of the roots in place
  // of 43 %.
  const float adagrad = network == TreeNetwork::rntn ? 0.01F : 0.05F;
  plan_rate(t, [adagrad](const Optimizer& optimizer) {
    return std::holds_alternative<optim::Adagrad>(optimizer) ? adagrad
           : std::holds_alternative<optim::SGD>(optimizer)   ? 0.1F
                                                             : 1e-3F;
  });
}

}  // namespace

TreeOptions TreeClassifier::plan(const Dataset& train, const Dataset& valid, TreeOptions o,
                                 std::vector<std::string>* reasons) {
  const Because because = [reasons](const std::string& line) {
    if (reasons != nullptr) reasons->push_back(line);
  };
  if (train.empty()) fail(ErrorKind::data, "a classifier of trees learns from trees, and there are none");
  const Amount amount = amount_of(train, o.network.binarize);
  plan_network(o.network, amount, because);
  plan_fit(o.training, o.network.network, valid, amount, because);
  return o;
}

}  // namespace rondo
