#include "peers/rondo_step.h"

#include <optional>

namespace peers {

using namespace rondo;

namespace {

/// The numbers of the case, from a file a parameter.
ParameterStore::Source source_of(const Case& given) {
  return [&given](const std::string& name, const Shape& shape) {
    return Tensor::of<float>(shape, given.floats(name));
  };
}

std::vector<TokenBatch> read_batches(const Case& given) {
  const std::vector<std::int32_t> lengths = given.integers("lengths"), ids = given.integers("ids"),
                                  labels = given.integers("labels");
  const bool each_step = given.number("each_step") == 1;
  std::vector<TokenBatch> batches;
  auto id = ids.begin(), label = labels.begin();
  for (std::size_t first = 0; first < lengths.size(); first += static_cast<std::size_t>(given.batch)) {
    std::vector<std::vector<std::int32_t>> tokens, targets;
    for (std::size_t i = first; i < first + static_cast<std::size_t>(given.batch); ++i) {
      tokens.emplace_back(id, id + lengths[i]);
      targets.emplace_back(label, label + (each_step ? lengths[i] : 1));
      id += lengths[i];
      label += each_step ? lengths[i] : 1;
    }
    TokenBatch batch{.ids = Ids::pack(tokens), .labels = {}};
    if (each_step) {
      batch.labels = Ids::pack(targets).tokens();
    } else {
      std::vector<std::int32_t> in_order;
      for (const std::int32_t place : batch.ids.layout()->order())
        in_order.push_back(targets[static_cast<std::size_t>(place)].front());
      batch.labels = Tensor::of<std::int32_t>({given.batch}, in_order);
    }
    batches.push_back(std::move(batch));
  }
  return batches;
}

Var identity(std::int64_t size) {
  Tensor matrix = Tensor::zeros({size, size});
  for (std::int64_t i = 0; i < size; ++i)
    matrix.data<float>()[static_cast<std::size_t>(i * (size + 1))] = 1;
  return matrix;
}

Optimizer optimizer_of(const Case& given) {
  const float rate = given.real("rate");
  if (given.text("optimizer") == "adam") return optim::Adam{.learning_rate = rate};
  return optim::SGD{.learning_rate = rate};
}

std::vector<NamedLeaf> leaves_of(const ParameterStore& store) {
  std::vector<NamedLeaf> leaves;
  for (const Parameter& parameter : store.parameters())
    leaves.push_back({parameter.name, parameter.leaf});
  return leaves;
}

}  // namespace

struct StepNetwork {
  StepNetwork(const Case& given, float dropout_rate)
      : store(std::make_shared<ParameterStore>(source_of(given))),
        root(store),
        lstm(root / "lstm", static_cast<int>(given.input),
             {.units = static_cast<int>(given.hidden),
              .layers = static_cast<int>(given.layers),
              .bidirectional = given.directions == 2,
              .dropout = dropout_rate}),
        dense(root / "output", lstm.features(), {.units = static_cast<int>(given.number("classes"))}),
        dropout(root / "dropout", {.rate = dropout_rate}),
        each_step(given.number("each_step") == 1) {
    const auto vocab = static_cast<int>(given.number("vocab"));
    if (given.number("embedding") > 0)
      embedding.emplace(root / "embedding",
                        layers::Embedding{.dim = static_cast<int>(given.input), .vocab = vocab});
    else
      one_hot = identity(vocab);
    descent.emplace(optimizer_of(given), leaves_of(*store));
  }

  Var loss(const TokenBatch& batch) const {
    Sequences x = embedding ? (*embedding)(batch.ids) : rondo::embedding(one_hot, batch.ids);
    x = dropout(x);
    const Var rows = each_step ? lstm(x).rows() : lstm.last(x);
    return dense.cross_entropy(dropout(rows), batch.labels);
  }

  std::shared_ptr<ParameterStore> store;
  Scope root;
  std::optional<nn::Embedding> embedding;
  Var one_hot;
  nn::LSTM lstm;
  nn::Dense dense;
  nn::Dropout dropout;
  bool each_step;
  std::optional<Descent> descent;
};

StepModel::StepModel(const Case& given)
    : given_(given), batches_(read_batches(given)), network_(fresh(given.real("dropout"))) {}
StepModel::~StepModel() = default;

std::unique_ptr<StepNetwork> StepModel::fresh(float dropout) const {
  return std::make_unique<StepNetwork>(given_, dropout);
}

float StepModel::step(StepNetwork& network, const TokenBatch& batch, std::uint64_t number) const {
  network.store->zero_gradients();
  float loss = 0;
  {
    const Recording recording({.seed = 1, .step = number});
    const Var mean = network.loss(batch);
    mean.backward();
    loss = mean.item();
  }
  float scale = 1;
  const float limit = given_.real("clip");
  if (limit > 0) {
    const auto length = static_cast<float>(network.descent->gradient_norm());
    if (length > limit) scale = limit / length;
  }
  network.descent->step(given_.real("rate"), scale);
  return loss;
}

void StepModel::pass() {
  for (const TokenBatch& batch : batches_)
    step(*network_, batch, steps_++);
}

void StepModel::check(const std::string& folder) {
  const std::unique_ptr<StepNetwork> network = fresh(0);
  std::vector<float> losses;
  for (int i = 0; i < 3; ++i)
    for (const TokenBatch& batch : batches_)
      losses.push_back(step(*network, batch, 0));
  write(folder, "losses", losses.data(), losses.size());
}

}  // namespace peers
