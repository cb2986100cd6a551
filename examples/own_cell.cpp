// A user-defined recurrent cell, the residual recurrence h = h + tanh(W x + U h + b), trained on sums.
// Prints: error below 0.1: yes
#include <iostream>
#include <random>

#include <rondo/rondo.h>

using namespace rondo;

struct ResidualCell {
  Var w, u, b;
  int units;

  ResidualCell(const Scope& in, int input, int a_units)
      : w(in.parameter("w", {a_units, input})),
        u(in.parameter("u", {a_units, a_units}, {.kind = Initializer::orthogonal, .scale = 0.1F})),
        b(in.parameter("b", {a_units}, {.kind = Initializer::zeros})),
        units(a_units) {}
  State start(std::int64_t rows) const { return {Var(Tensor::zeros({rows, units}))}; }
  State operator()(const Var& x, const State& s) const {
    return {s[0] + tanh(linear(x, w, b) + linear(s[0], u))};
  }
};

struct Adder {
  using Input = data::Features;
  struct Options {
    int units = 8;
    static constexpr auto fields() { return std::tuple{field("units", &Options::units, "size of h", 1, 64)}; }
  };
  nn::Recurrent<ResidualCell> read;
  nn::Dense sum;
  Adder(const Scope& in, const Input& input, const Options& o)
      : read(ResidualCell(in / "cell", input.features, o.units)), sum(in / "sum", o.units, {.units = 1}) {}
  Var loss(const data::Batch& batch) const {
    return mae(sum(read(Sequences(batch.features, batch.layout)).outputs.last()), batch.values);
  }
};

int main() {
  std::minstd_rand random(1);
  Examples examples;
  for (int i = 0; i < 300; ++i) {
    std::vector<float> x(static_cast<std::size_t>(1 + i % 7));
    float total = 0;
    for (float& value : x)
      total += value = static_cast<float>(random() % 100) / 100;
    examples.features.push_back(Tensor::of({static_cast<std::int64_t>(x.size()), 1}, x));
    examples.values.push_back(Tensor::of<float>({1}, {total}));
  }
  const auto [train, valid, test] = Dataset(std::move(examples)).split(0.8, 0.0, 0.2);
  Model<Adder> model(data::Features::learn(train));
  model.compile(optim::Adam{.learning_rate = 0.01F});
  model.fit(train, {.epochs = 40, .batch_size = 16});
  std::cout << "error below 0.1: " << (model.evaluate(test).at("loss") < 0.1F ? "yes" : "no") << '\n';
}
