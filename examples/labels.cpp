// Several labels a text: tickets that are about any of three things, or about none.
// Prints: labels right: 1
// Prints: billing urgent
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include <rondo/rondo.h>

using namespace rondo;

Dataset tickets(int count) {
  const std::vector<std::string> openings = {"hello", "dear team", "good morning all"};
  std::string lines;  // in fastText's format
  for (int i = 0; i < count; ++i) {
    std::string text = openings[static_cast<std::size_t>(i) % 3];
    if (i % 2 == 1) {
      lines += "__label__billing ";
      text += " the invoice is wrong";
    }
    if (i % 4 >= 2) {
      lines += "__label__urgent ";
      text += " please call now";
    }
    if (i % 8 >= 4) {
      lines += "__label__login ";
      text += " my password fails";
    }
    lines += text + "\n";
  }
  return data::parse_multi_label(lines, "tickets").train;
}

int main() {
  ClassifierOptions options;
  options.wide = Wide::only;
  options.branch.wide_cost = 1;
  const TextClassifier model = TextClassifier::train(tickets(160), tickets(80), options);

  std::cout << "labels right: " << model.evaluate_labels(tickets(40)).subset_accuracy << '\n';
  const Prediction answer = model.predict("dear team please call now the invoice is wrong");
  std::vector<std::string> labels;
  for (const std::size_t label : model.labels_of(answer))
    labels.push_back(model.class_names()[label]);
  std::sort(labels.begin(), labels.end());
  for (const std::string& label : labels)
    std::cout << label << ' ';
  std::cout << '\n';
}
