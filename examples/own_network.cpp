// A user-defined network: a plain struct with a loss and answers. It weights the words that it reads.
// Prints: negative
// Prints: positive
#include <iostream>

#include <rondo/rondo.h>

using namespace rondo;

struct WeighedWords {
  using Input = data::Texts;
  struct Options {
    int dim = 32, units = 16;
    static constexpr auto fields() {
      return std::tuple{field("dim", &Options::dim, "numbers per token", 1, 4096),
                        field("units", &Options::units, "size of the state", 1, 4096)};
    }
  };

  nn::Embedding embed;
  nn::GRU read;
  nn::Dense weigh, label;
  std::vector<std::string> classes;

  WeighedWords(const Scope& in, const Input& input, const Options& o)
      : embed(in / "embed", {.dim = o.dim, .vocab = input.encoder.vocab().size()}),
        read(in / "read", o.dim, {.units = o.units, .bidirectional = true, .return_sequences = true}),
        weigh(in / "weigh", 2 * o.units, {.units = 2 * o.units, .activation = Activation::sigmoid}),
        label(in / "label", 2 * o.units, {.units = static_cast<int>(input.classes.size())}),
        classes(input.classes) {}

  Var outputs(const data::Batch& batch) const {
    const Sequences steps = read(embed(batch.ids));
    const Var weighed = steps.rows() * weigh(steps.rows());
    return label(pool(Sequences(weighed, steps.layout()), Pool::mean));
  }
  Var loss(const data::Batch& batch) const { return cross_entropy(outputs(batch), batch.labels); }
  std::vector<std::string> predict(const data::Batch& batch) const {
    const Var scores = outputs(batch);
    std::vector<std::string> answers;
    for (std::int64_t i = 0; i < scores.rows(); ++i)
      answers.push_back(classes[scores[i].values()[1] > scores[i].values()[0] ? 1 : 0]);
    return answers;
  }
};

int main() {
  const auto [train, valid, test] = data::read_labelled_text("reviews.tsv").split(0.8, 0.1, 0.1);
  Model<WeighedWords> model(data::Texts::learn(train), {.units = 24});
  model.compile(optim::Adam{.learning_rate = 0.01F});
  model.fit(train, {.epochs = 5, .validation = valid});
  model.save("own.rondo");

  const auto again = Model<WeighedWords>::load("own.rondo");
  std::cout << again.summary() << again.evaluate(test) << '\n';
  const Dataset texts(Examples{.texts = {"the story was dull", "the story was superb"}});
  for (const std::string& answer : again.predict(texts))
    std::cout << answer << '\n';
}
