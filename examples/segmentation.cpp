// Sequence labelling: cuts Chinese text into words, and says how well.
// Prints: 我 喜欢 北京 的 图书馆
// Prints: F1 1
#include <iostream>
#include <string>

#include <rondo/rondo.h>

using namespace rondo;

int main() {
  const std::string lines =
      "我 喜欢 图书馆\n他 在 北京 的 图书馆 工作\n我 在 北京 工作\n他 喜欢 北京 的 天安门\n"
      "北京 的 图书馆 在 天安门\n我 喜欢 工作\n";
  std::string text;
  for (int i = 0; i < 10; ++i)
    text += lines;
  const Dataset train = tag::dataset_of(parse_tagged(text, "lines"));  // or read_tagged(files)

  TaggerOptions options;
  options.network.units = 32;
  options.network.dropout = 0.2F;
  options.training.epochs = 40;
  options.training.learning_rate = 0.01F;
  const Tagger tagger = Tagger::train(train, {}, options);

  std::string words;
  for (const TaggedPhrase& word : tagger.phrases("我喜欢北京的图书馆"))
    words += (words.empty() ? "" : " ") + word.text;
  std::cout << words << '\n' << "F1 " << tagger.evaluate(train).f1 << '\n';
}
