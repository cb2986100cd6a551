// Trees: learns how "not" turns a phrase, and labels every phrase of a sentence.
// Prints: a gem: positive
// Prints: not a gem: negative
#include <iostream>
#include <string>
#include <vector>

#include <rondo/rondo.h>

using namespace rondo;

/// Phrases of a small language, said as they are and negated.
Dataset phrases() {
  std::vector<LabelledTree> all;
  for (const auto& [word, label] :
       {std::pair("gem", 3), {"joy", 3}, {"treat", 3}, {"mess", 1}, {"bore", 1}, {"sham", 1}})
    for (const std::string adverb : {"so", "not", "quite", "never"}) {
      const bool turns = adverb == "not" || adverb == "never";
      const std::string inner = std::to_string(label), outer = std::to_string(turns ? 4 - label : label);
      all.push_back(trees::parse("(" + outer + " (2 " + adverb + ") (" + inner + " (2 a) (" + inner + " " +
                                 word + ")))"));
    }
  return trees::dataset_of(std::move(all));  // or trees::read({"train.txt"})
}

int main() {
  TreeOptions options;
  options.network = {.network = TreeNetwork::rntn, .embedding = 10, .dropout = 0, .token_dropout = 0};
  options.training.epochs = 150;
  options.training.batch_size = 8;
  options.training.learning_rate = 0.1F;
  const TreeClassifier classifier = TreeClassifier::train(phrases(), {}, options);

  const LabelledTree tree = trees::parse("(? (? not) (? (? a) (? gem)))");
  const TreeAnswer answer = classifier.predict(tree);
  const auto said = [&](std::size_t node) {
    const std::string& label = classifier.classes()[static_cast<std::size_t>(answer.labels[node])];
    return label < "2" ? "negative" : "positive";
  };
  std::cout << "a gem: " << said(2) << '\n' << "not a gem: " << said(0) << '\n';
}
