// Two tasks on one encoder: the part of speech of each word, and the phrase (chunk) that it begins or is in.
// Prints: light JJ I-NP
// Prints: light NN I-NP
#include <fstream>
#include <iostream>
#include <sstream>

#include <rondo/rondo.h>

using namespace rondo;
const std::vector<std::string> parts = {"DT", "JJ", "NN", "VBZ", "IN"},
                               chunks = {"B-NP", "I-NP", "B-VP", "B-PP"};
Dataset read(const char* file) {  // a sentence a line: word, part of speech, chunk, word, ...
  Examples all;
  std::ifstream lines(file);
  for (std::string line, word, part, chunk; std::getline(lines, line);) {
    std::vector<float> numbers;  // two for each word
    all.words.emplace_back();
    for (std::istringstream in(line); in >> word >> part >> chunk; all.words.back().push_back(word)) {
      numbers.push_back(static_cast<float>(std::ranges::find(parts, part) - parts.begin()));
      numbers.push_back(static_cast<float>(std::ranges::find(chunks, chunk) - chunks.begin()));
    }
    all.step_values.push_back(Tensor::of<float>({std::ssize(numbers) / 2, 2}, numbers));
  }
  return Dataset(std::move(all));
}
struct TwoHeads {
  using Input = data::Texts;
  using Options = layers::LSTM;
  nn::Embedding embed;
  nn::LSTM encoder;
  nn::Dense part, chunk;
  TwoHeads(const Scope& in, const Input& input, const Options& o)
      : embed(in / "embed", {.dim = 16, .vocab = input.encoder.vocab().size()}),
        encoder(in / "encoder", 16, o),
        part(in / "part", encoder.features(), {.units = 5}),
        chunk(in / "chunk", encoder.features(), {.units = 4}) {}
  Sequences outputs(const data::Batch& batch) const {
    const Sequences read = encoder(embed(batch.ids));
    return {concat({part(read.rows()), chunk(read.rows())}), read.layout()};
  }
  Var loss(const data::Batch& batch) const {
    const Var rows = encoder(embed(batch.ids)).rows(), truth(batch.values);
    const auto of = [&](int task) { return slice_columns(truth, task, task + 1).value().to(DType::i32); };
    return part.cross_entropy(rows, of(0).reshape({rows.rows()})) +
           Var(0.5F) * chunk.cross_entropy(rows, of(1).reshape({rows.rows()}));  // the second counts half
  }
};
int main() {
  Model<TwoHeads> model(data::Texts::learn(read("phrases.txt")), {.units = 24, .bidirectional = true});
  model.fit(read("phrases.txt"), {.epochs = 60});
  const std::vector<std::string> words = {"a", "light", "light", "sees", "the", "dog"};
  const Tensor scores = model.outputs(Dataset(Examples{.words = {words}})).front();  // [words, 5 + 4]
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto row = scores.data<float>().subspan(i * 9, 9);
    std::cout << words[i] << ' ' << parts[std::max_element(row.begin(), row.begin() + 5) - row.begin()] << ' '
              << chunks[std::max_element(row.begin() + 5, row.end()) - row.begin() - 5] << '\n';
  }
}
