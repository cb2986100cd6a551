// A language model of characters: learns a rhyme, scores text and writes some.
// Prints: bits a character
// Prints: went up the hill
#include <iostream>
#include <string>
#include <vector>

#include <rondo/rondo.h>

using namespace rondo;

int main() {
  const std::string rhyme =
      "jack and jill went up the hill to fetch a pail of water.\n"
      "jack fell down and broke his crown and jill came tumbling after.\n";
  std::string text;
  for (int i = 0; i < 40; ++i)
    text += rhyme;
  const std::vector<std::string> documents = {text};

  LanguageOptions options;
  options.network.units = 64;
  options.network.dropout = 0;
  options.network.weight_dropout = 0;
  options.training.epochs = 40;
  options.training.batch_size = 8;
  options.training.learning_rate = 0.01F;
  const LanguageModel model = LanguageModel::train(lm::documents_of(documents), {}, options);

  std::cout << model.score("jack and jill came down the hill.\n").bits_per_character()
            << " bits a character\n";
  std::cout << model.generate("jack and jill ", {.length = 45, .temperature = 0})[0].text << '\n';
}
