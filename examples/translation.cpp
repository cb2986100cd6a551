// Translation: learns from pairs of sentences, translates, and shows what it looked at.
// Prints: C B A
// Prints: A looked at a
#include <algorithm>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include <rondo/rondo.h>

using namespace rondo;

/// A small language, and one that says it in capitals and backwards.
std::vector<SentencePair> pairs() {
  std::vector<SentencePair> all(400);
  std::minstd_rand draw(1);
  for (SentencePair& pair : all)
    for (auto left = 2 + draw() % 4; left > 0; --left) {
      const auto letter = static_cast<char>(draw() % 6);
      const std::string blank = pair.source.empty() ? "" : " ";
      pair.source += blank + static_cast<char>('a' + letter);
      pair.target = static_cast<char>('A' + letter) + blank + pair.target;
    }
  return all;
}

int main() {
  TranslatorOptions options;
  options.network = {.embedding = 16, .units = 24, .dropout = 0, .label_smoothing = 0};
  options.training.epochs = 40;
  options.training.batch_size = 16;
  options.training.learning_rate = 0.02F;
  const Dataset train = translate::dataset_of(pairs());  // or translate::read_pairs({"train.en", "train.fr"})
  const Translator translator = Translator::train(train, {}, options);

  const SentencePair pair{"a b c", translator.translate("a b c")};
  std::cout << pair.target << '\n';
  const ScoredTranslation looked = translator.score(std::span(&pair, 1)).front();
  for (std::size_t t = 0; t < looked.attention.size(); ++t) {
    const std::vector<double>& row = looked.attention[t];
    const auto best = std::max_element(row.begin(), row.end()) - row.begin();
    std::cout << looked.target_words[t] << " looked at "
              << looked.source_words[static_cast<std::size_t>(best)] << '\n';
  }
}
