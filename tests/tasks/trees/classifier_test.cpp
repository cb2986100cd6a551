// TreeClassifier: what it learns, what it answers alone and together, its scores and its file.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "tasks/trees/application.h"
#include "tasks/trees/evaluation.h"
#include "tasks/trees/labels.h"
#include "tasks/trees/phrases.h"

namespace rondo::trees {
namespace {

using rondo::test::expect_error;
using rondo::test::TemporaryFolder;
using testing::HasSubstr;
using Texts = std::vector<std::string>;

constexpr TreeNetwork networks[] = {TreeNetwork::rvnn,  TreeNetwork::surnn,     TreeNetwork::rntn,
                                    TreeNetwork::mvrnn, TreeNetwork::tree_lstm, TreeNetwork::child_sum};

/// A small language: good and bad words, and "not", which turns the phrase beside it.
std::vector<LabelledTree> sentences(int count) {
  std::vector<LabelledTree> all;
  std::uint32_t drawn = 7;
  const auto draw = [&drawn](std::uint32_t below) {
    drawn = drawn * 1'664'525U + 1'013'904'223U;
    return (drawn >> 16) % below;
  };
  for (int i = 0; i < count; ++i) {
    const bool good = draw(2) == 1, negated = draw(2) == 1;
    const std::string word = good ? (draw(2) == 1 ? "gem" : "joy") : (draw(2) == 1 ? "bore" : "mess"),
                      label = good ? "3" : "1", top = good != negated ? "3" : "1";
    const std::string phrase = "(" + label + " (2 a) (" + label + " " + word + "))";
    all.push_back(
        parse(negated ? "(" + top + " (2 not) " + phrase + ")" : "(" + top + " (2 so) " + phrase + ")"));
  }
  return all;
}

TreeOptions small(TreeNetwork network) {
  TreeOptions options;
  options.network = {.network = network, .embedding = 12, .units = 12, .dropout = 0, .token_dropout = 0};
  options.training.epochs = 40;
  options.training.learning_rate = 0.1F;
  return options;
}

/// Nodes of every kind: a word alone, chains, many children, a node without a label.
Dataset odd_trees() {
  std::vector<LabelledTree> trees;
  for (const char* const text :
       {"(4 Wow)", "(3 (3 (2 (2 fine))))", "(3 (3 (2 (2 So)) (3 good)))", "( (X (SYM 1)) (NP (NN bus)) )",
        "(S (NP (DT a) (JJ big) (JJ red) (NN bus)) (VP (VBD came)) (. .))",
        "(S (@NP (DT a) (JJ@x big) (NN bus)) (VP|ok (VBD came)) (. .))"})
    trees.push_back(parse(text));
  return dataset_of(std::move(trees));
}

TEST(TreeClassifier, EveryNetworkLearnsWhatNotDoes) {
  const Dataset train = dataset_of(sentences(200));
  for (const TreeNetwork network : networks) {
    const TreeClassifier classifier = TreeClassifier::train(train, {}, small(network));
    const TreeEvaluation e = classifier.evaluate(train, 3);
    EXPECT_GT(e.node_accuracy, 0.95) << name_of(network);
    EXPECT_GT(e.root_accuracy, 0.9) << name_of(network);
    EXPECT_GT(e.root_binary, 0.9) << name_of(network);
    EXPECT_EQ(e.trees, 200);
  }
}

TEST(TreeClassifier, AnswersTheSameAloneInABatchAndOnAnyThreads) {
  const Dataset odd = odd_trees();
  for (const TreeNetwork network : networks) {
    TreeOptions options = small(network);
    options.network.dropout = 0.3F;
    options.training.epochs = 2;
    std::vector<TreeAnswer> first;
    for (const int threads : {1, 2, 3}) {
      Runtime runtime({.threads = threads});
      const Runtime::Use use(runtime);
      const TreeClassifier classifier = TreeClassifier::train(odd, {}, options);
      const std::vector<const LabelledTree*> trees = TreeInput::trees_of(odd);
      const std::vector<TreeAnswer> all = classifier.predict(trees);
      if (first.empty()) first = all;
      for (std::size_t i = 0; i < trees.size(); ++i) {
        EXPECT_EQ(all[i].probabilities, first[i].probabilities) << name_of(network) << " " << threads;
        EXPECT_EQ(classifier.predict(*trees[i]).probabilities, all[i].probabilities) << name_of(network);
        EXPECT_EQ(std::ssize(all[i].labels), trees[i]->size());
      }
    }
  }
}

TEST(TreeClassifier, GradientsAreRightForEveryNetwork) {
  const Dataset odd = odd_trees();
  for (const TreeNetwork network : networks)
    for (const int rank : {0, 2}) {
      if (rank > 0 && network != TreeNetwork::mvrnn) continue;
      TreeOptions options = small(network);
      options.network.rank = rank;
      options.network.embedding = 5;
      options.network.units = 4;
      options = TreeClassifier::plan(odd, {}, options);
      TreeModel model(TreeInput::learn(odd, options), options, 3);
      for (const GradientCheck& check : model.check_gradients(odd, {}))
        EXPECT_TRUE(check.good()) << name_of(network) << " " << check.parameter << " " << check.largest_error;
    }
}

TEST(TreeClassifier, OpenOptionsSuitTheNetwork) {
  const Dataset train = dataset_of(sentences(40));
  const auto planned = [&](TreeNetwork network, const char* vectors) {
    TreeOptions options;
    options.network.network = network;
    options.network.vectors = vectors;
    return TreeClassifier::plan(train, {}, options).network;
  };
  EXPECT_FLOAT_EQ(planned(TreeNetwork::rntn, "").dropout, 0.2F);
  EXPECT_FLOAT_EQ(planned(TreeNetwork::tree_lstm, "").dropout, 0.5F);
  EXPECT_FLOAT_EQ(planned(TreeNetwork::rntn, "").embedding_rate, 1);
  EXPECT_FLOAT_EQ(planned(TreeNetwork::rntn, "glove.txt").embedding_rate, 0.1F);
}

TEST(TreeClassifier, IsTheSameFromItsFile) {
  const TemporaryFolder folder;
  const Dataset train = dataset_of(sentences(40));
  TreeOptions options = small(TreeNetwork::surnn);
  options.training.epochs = 2;
  const TreeClassifier classifier = TreeClassifier::train(train, {}, options);
  classifier.save(folder / "m.rondo");
  const TreeClassifier loaded = TreeClassifier::load(folder / "m.rondo");
  EXPECT_EQ(loaded.classes(), classifier.classes());
  EXPECT_EQ(loaded.predict(tree(train, 0)).probabilities, classifier.predict(tree(train, 0)).probabilities);
}

TEST(TreeClassifier, RefusesWhatCannotBeLearned) {
  expect_error(
      ErrorKind::data, [] { TreeClassifier::plan(dataset_of({}), {}); }, "there are none");
  expect_error(
      ErrorKind::data, [] { TreeClassifier::plan(dataset_of({parse("(1 (1 a) (1 b))")}), {}); },
      "every label of the training trees is '1'");
  LabelledTree bare = parse("(1 (1 a) (1 b))");
  bare.labels = {"", "", ""};
  expect_error(
      ErrorKind::data, [&] { TreeClassifier::plan(dataset_of({bare}), {}); },
      "no node of the training trees");
  LabelledTree word{.parents = {-1, 0}, .words = {"go", "on"}, .labels = {"A", "B"}, .dependencies = true};
  expect_error(
      ErrorKind::option, [&] { TreeClassifier::plan(dataset_of({word}), {}, small(TreeNetwork::rntn)); },
      "wanted child-sum");
  LabelledTree circle = word;
  circle.parents = {1, 0};
  expect_error(
      ErrorKind::data, [&] { dataset_of({circle}); }, "tree 1");
  const TreeClassifier classifier = TreeClassifier::train(dataset_of(sentences(10)), {}, [] {
    TreeOptions options = small(TreeNetwork::tree_lstm);
    options.training.epochs = 1;
    return options;
  }());
  expect_error(
      ErrorKind::data, [&] { classifier.predict(word); }, "the model learned from constituents");
}

TEST(TreeClassifier, DependenciesDoNotDependOnTheOrderOfSiblings) {
  const LabelledTree crossing{.parents = {1, 2, -1, 2, 5, 1},
                              .words = {"A", "parcel", "came", "today", "with", "stamps"},
                              .labels = {"DET", "NOUN", "VERB", "ADV", "ADP", "NOUN"},
                              .dependencies = true};
  // Words 4 and 2 change places, both under 3.
  const LabelledTree renumbered{.parents = {3, 2, -1, 2, 5, 3},
                                .words = {"A", "today", "came", "parcel", "with", "stamps"},
                                .labels = {"DET", "ADV", "VERB", "NOUN", "ADP", "NOUN"},
                                .dependencies = true};
  TreeOptions options = small(TreeNetwork::automatic);
  options.training.epochs = 3;
  const TreeClassifier classifier = TreeClassifier::train(dataset_of({crossing}), {}, options);
  const TreeAnswer one = classifier.predict(crossing), other = classifier.predict(renumbered);
  const std::size_t classes = classifier.classes().size();
  for (std::size_t c = 0; c < classes; ++c) {
    EXPECT_NEAR(one.probabilities[2 * classes + c], other.probabilities[2 * classes + c], 1e-5);
    EXPECT_NEAR(one.probabilities[1 * classes + c], other.probabilities[3 * classes + c], 1e-5);
  }
  EXPECT_EQ(WordsBelow(crossing).places(1), (std::vector<std::int64_t>{0, 1, 4, 5}));
}

TEST(TreeClassifier, SlowAHundredThousandNodesTrainAStep) {
  constexpr std::int32_t many = 100'000;
  LabelledTree line{.dependencies = true}, wide{.dependencies = true};
  for (std::int32_t i = 0; i < many; ++i) {
    line.parents.push_back(i - 1);
    wide.parents.push_back(i == 0 ? -1 : 0);
    for (LabelledTree* const tree : {&line, &wide}) {
      tree->words.push_back(i % 2 == 0 ? "a" : "b");
      tree->labels.push_back(i % 3 == 0 ? "0" : "1");
    }
  }
  for (const LabelledTree& tree : {line, wide}) {
    TreeOptions options = small(TreeNetwork::child_sum);
    options.network.embedding = options.network.units = 4;
    options.training.epochs = 1;
    const TreeClassifier classifier = TreeClassifier::train(dataset_of({tree}), {}, options);
    EXPECT_EQ(std::ssize(classifier.predict(tree).labels), many);
  }
  // A line of constituents: one child each, the word at the end.
  LabelledTree chain;
  for (std::int32_t i = 0; i < many; ++i) {
    chain.parents.push_back(i - 1);
    chain.words.push_back(i + 1 == many ? "a" : "");
    chain.labels.push_back(i % 3 == 0 ? "0" : "1");
  }
  TreeOptions options = small(TreeNetwork::tree_lstm);
  options.network.embedding = options.network.units = 4;
  options.training.epochs = 1;
  EXPECT_EQ(std::ssize(TreeClassifier::train(dataset_of({chain}), {}, options).predict(chain).labels), many);
}

// -- Scores

TreeAnswer saying(const std::vector<std::vector<float>>& rows) {
  TreeAnswer answer;
  for (const std::vector<float>& row : rows) {
    answer.labels.push_back(likeliest(row));
    answer.probabilities.insert(answer.probabilities.end(), row.begin(), row.end());
  }
  return answer;
}

TEST(TreeScores, FineAndBinaryAsTheTreebankDefinesThem) {
  const Texts classes = {"0", "1", "2", "3", "4"};
  std::vector<LabelledTree> trees;
  std::vector<TreeAnswer> answers;
  for (const char* const text :
       {"(3 (2 A) (4 gem))", "(2 (2 It) (2 ends))", "(1 (3 Oh) (0 no))", "(4 (3 (3 Pure) (2 ,)) (4 joy))"}) {
    trees.push_back(parse(text));
    // Always neutral by a little, and positive by 0.3 against 0.25.
    const std::vector<float> row = {0.1F, 0.15F, 0.45F, 0.2F, 0.1F};
    answers.push_back(saying(std::vector(static_cast<std::size_t>(trees.back().size()), row)));
  }
  std::vector<const LabelledTree*> pointers;
  for (const LabelledTree& tree : trees)
    pointers.push_back(&tree);
  const TreeEvaluation e = evaluation_of(pointers, answers, classes, 10);
  EXPECT_EQ(e.nodes, 14);
  EXPECT_EQ(e.roots, 4);
  EXPECT_NEAR(e.node_accuracy, 5.0 / 14, 1e-9);
  EXPECT_NEAR(e.root_accuracy, 1.0 / 4, 1e-9);
  EXPECT_EQ(e.binary_nodes, 9);
  EXPECT_EQ(e.binary_roots, 3);
  EXPECT_NEAR(e.node_binary, 7.0 / 9, 1e-9) << "all are called positive, and two are negative";
  EXPECT_NEAR(e.root_binary, 2.0 / 3, 1e-9);
  // Asked for the task of two, the same model has binary scores only.
  std::vector<LabelledTree> two;
  for (const char* const text : {"(3 (2 A) (4 gem))", "(1 (3 Oh) (0 no))"})
    two.push_back(parse(text, {.binary = true}));
  const std::vector<const LabelledTree*> of_two = {&two[0], &two[1]};
  const std::vector<TreeAnswer> said = {answers[0], answers[2]};
  const TreeEvaluation binary = evaluation_of(of_two, said, classes, 10);
  EXPECT_EQ(binary.nodes, 0);
  EXPECT_EQ(binary.binary_nodes, 5);
  EXPECT_EQ(binary.summary.find("root_accuracy"), nullptr);
}

TEST(TreeScores, UnlabelledNodesAreNotScoredAndUnknownLabelsAreErrors) {
  const LabelledTree tree = parse("( (X (SYM 1)) (NP (NN bus)) )");
  const LabelledTree* const one = &tree;
  const TreeAnswer answer = saying(std::vector<std::vector<float>>(5, {0.6F, 0.4F}));
  const TreeEvaluation e = evaluation_of(std::span(&one, 1), std::span(&answer, 1), {"X", "NP"}, 1);
  EXPECT_EQ(e.nodes, 4);
  EXPECT_EQ(e.roots, 0);
  EXPECT_NEAR(e.node_accuracy, 0.25, 1e-9);
  EXPECT_TRUE(std::isnan(e.root_accuracy));
}

TEST(TreeScores, NegationsAreFoundAndTold) {
  const LabelledTree tree = parse("(1 (2 It) (1 (2 (2 is) (2 n't)) (3 (2 a) (3 gem))))");
  const std::vector<Negation> found = negations_in(tree);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].phrase, 6U);
  EXPECT_EQ(found[0].negated, 2U);
  const LabelledTree* const one = &tree;
  const TreeAnswer answer = saying(std::vector<std::vector<float>>(9, {0.6F, 0.2F, 0.2F}));
  const report::Table table = negation_table(std::span(&one, 1), std::span(&answer, 1), {"1", "2", "3"});
  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_EQ(std::get<std::string>(table.rows[0][0]), "3");
  EXPECT_EQ(std::get<double>(table.rows[0][2]), 1.0);
  EXPECT_EQ(std::get<double>(table.rows[0][3]), 0.0);
  EXPECT_EQ(std::get<double>(table.rows[0][4]), 1.0);
}

}  // namespace
}  // namespace rondo::trees
