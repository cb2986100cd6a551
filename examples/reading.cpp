// Reads data with known columns, and shows the reader's notices and an error message.
// Prints: reviews.tsv line 1: names the columns text and label
// Prints: to train on
// Prints: has no column 'stars'
#include <iostream>

#include <rondo/rondo.h>

using namespace rondo;

int main() {
  try {
    const data::LabelledText reviews = data::read("reviews.tsv", {.text = "text", .label = "label"});
    for (const std::string& notice : reviews.notices)
      std::cout << notice << '\n';  // what was chosen, left out or looks odd
    const auto [train, valid, test] = reviews.train.split(0.8, 0.1, 0.1);
    std::cout << train.size() << " to train on\n";

    data::read_labelled_text("reviews.tsv", {.label = "stars"});
  } catch (const Error& error) {
    std::cout << error.what() << '\n';
  }
}
