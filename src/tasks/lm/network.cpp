#include "tasks/lm/network.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace rondo::lm {
namespace {

template <class L>
L layer_of(const LanguageNetworkOptions& o) {
  L layer{.units = o.units};
  layer.return_sequences = true;
  if constexpr (requires { layer.weight_dropout; }) layer.weight_dropout = std::max(o.weight_dropout, 0.0F);
  return layer;
}

AnyRecurrent recurrent(const Scope& in, int input, const LanguageNetworkOptions& o) {
  switch (o.cell) {
    case LanguageCell::lstm:
      return nn::RecurrentLayers(in, input, layer_of<layers::LSTM>(o));
    case LanguageCell::gru:
      return nn::RecurrentLayers(in, input, layer_of<layers::GRU>(o));
    case LanguageCell::simple_rnn:
      return nn::RecurrentLayers(in, input, layer_of<layers::SimpleRNN>(o));
    case LanguageCell::min_gru:
      return nn::MinGRU(in, input, {.units = o.units});
    case LanguageCell::min_lstm:
      return nn::MinLSTM(in, input, {.units = o.units});
    case LanguageCell::residual:
      return nn::RecurrentLayers(in, input, layer_of<layers::ResidualRecurrence>(o));
    case LanguageCell::linear:
      return nn::RecurrentLayers(in, input, layer_of<layers::LinearRecurrence>(o));
  }
  throw Bug("language model: unknown cell");
}

std::vector<AnyRecurrent> stacked(const Scope& in, const LanguageNetworkOptions& o) {
  std::vector<AnyRecurrent> layers;
  for (int l = 0; l < o.layers; ++l)
    layers.push_back(recurrent(in / ("layer" + std::to_string(l)), l == 0 ? o.embedding : o.units, o));
  return layers;
}

/// The rows of a state by number, zeros for -1.
State picked(const State& state, std::vector<std::int32_t> rows) {
  std::vector<Var> parts;
  for (std::size_t i = 0; i < state.size(); ++i) {
    const std::array<Var, 2> both = {state[i], Var(Tensor::zeros({1, state[i].columns()}, state[i].dtype()))};
    parts.push_back(stack(both));
  }
  const auto zeros = static_cast<std::int32_t>(state[0].rows());
  for (std::int32_t& row : rows)
    row = row < 0 ? zeros : row;
  return State(std::move(parts)).select(rows);
}

/// Which sequence each packed row is of.
std::vector<std::int32_t> sequence_of_rows(const Layout& layout) {
  std::vector<std::int32_t> sequences(static_cast<std::size_t>(layout.rows()));
  for (std::int64_t t = 0; t < layout.steps(); ++t)
    for (std::int64_t k = 0; k < layout.rows_at(t); ++k)
      sequences[static_cast<std::size_t>(layout.row(k, t))] = static_cast<std::int32_t>(k);
  return sequences;
}

}  // namespace

LanguageNet::LanguageNet(const Scope& in, const TextInput& input, const LanguageOptions& options)
    : options_(options.network),
      embed_(in / "embed", {.dim = options_.embedding,
                            .vocab = input.units.vocab().size(),
                            .dropout = options_.embedding_dropout,
                            .sparse = !options_.tied}),
      layers_(stacked(in, options_)),
      next_(options_.tied ? in / "embed" : in / "next", options_.tied ? options_.embedding : options_.units,
            {.units = input.units.vocab().size()}) {
  if (!input.labels.empty())
    label_table_ =
        in.parameter("labels", {static_cast<std::int64_t>(input.labels.size()), options_.embedding},
                     {.kind = Initializer::uniform, .scale = 0.1F});
  for (int l = 0; l < options_.layers && options_.layer_norm; ++l)
    norms_.emplace_back(in / ("norm" + std::to_string(l)), options_.units);
  if (options_.tied && options_.embedding != options_.units)
    narrow_.emplace(in / "narrow", options_.units, layers::Dense{.units = options_.embedding});
  for (int l = 0; l <= options_.layers; ++l)
    keys_.push_back(in.key("dropout" + std::to_string(l)));
}

Sequences LanguageNet::dropped(const Sequences& x, float rate, std::size_t place) const {
  if (rate <= 0) return x;
  if (!options_.variational) return dropout(x, rate, keys_[place]);
  const Var mask =
      dropout(Var(Tensor::full({x.count(), x.features()}, 1, x.rows().dtype())), rate, keys_[place]);
  return {x.rows() * select_rows(mask, sequence_of_rows(*x.layout())), x.layout()};
}

Sequences LanguageNet::embedded(const Ids& ids, const std::vector<std::int32_t>& labels) const {
  const Sequences x = embed_(ids);
  if (!label_table_.defined() || labels.empty()) return x;
  const std::array<Var, 2> with_none = {label_table_,
                                        Var(Tensor::zeros({1, x.features()}, x.rows().dtype()))};
  std::vector<std::int32_t> rows = sequence_of_rows(*x.layout());
  for (std::int32_t& row : rows) {
    const std::int32_t label = labels[static_cast<std::size_t>(row)];
    row = label < 0 ? static_cast<std::int32_t>(label_table_.rows()) : label;
  }
  return {x.rows() + select_rows(stack(with_none), rows), x.layout()};
}

Sequences LanguageNet::features(const Ids& ids, State& state, const std::vector<std::int32_t>& labels) const {
  Sequences x = dropped(embedded(ids, labels), options_.input_dropout, 0);
  const std::size_t parts = state.size() / layers_.size();
  std::vector<Var> ends;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    State initial;
    if (parts == 1) initial = {state[l]};
    if (parts == 2) initial = {state[2 * l], state[2 * l + 1]};
    const nn::Recurrence run =
        std::visit([&](const auto& layer) { return layer.run(x, initial); }, layers_[l]);
    for (std::size_t i = 0; i < run.state.size(); ++i)
      ends.push_back(run.state[i]);
    Sequences y = run.outputs;
    if (options_.residual && l > 0) y = Sequences(y.rows() + x.rows(), y.layout());
    if (!norms_.empty()) y = norms_[l](y);
    x = dropped(y, std::max(options_.dropout, 0.0F), l + 1);
  }
  state = State(std::move(ends));
  return narrow_ ? (*narrow_)(x) : x;
}

Sequences LanguageNet::features(const ChunkBatch& batch, State& carried) const {
  const bool fresh =
      std::all_of(batch.from.begin(), batch.from.end(), [](std::int32_t row) { return row < 0; });
  State state = fresh || carried.size() == 0 ? State() : picked(carried, batch.from);
  Sequences x = features(batch.before, state, batch.labels);
  if (!batch.to.empty()) carried = picked(state, batch.to);
  return x;
}

Var LanguageNet::penalty(const Sequences& y) const {
  const auto constant = [&](float value) {
    return Var(Tensor::full({}, static_cast<double>(value), y.rows().dtype()));
  };
  Var sum = constant(0);
  if (options_.activation_penalty > 0)
    sum = sum + constant(options_.activation_penalty) * mean(y.rows() * y.rows());
  const Layout& layout = *y.layout();
  if (options_.temporal_penalty <= 0 || layout.steps() < 2) return sum;
  std::vector<std::int32_t> now, before;
  for (std::int64_t t = 1; t < layout.steps(); ++t) {
    for (std::int64_t k = 0; k < layout.rows_at(t); ++k) {
      now.push_back(static_cast<std::int32_t>(layout.row(k, t)));
      before.push_back(static_cast<std::int32_t>(layout.row(k, t - 1)));
    }
  }
  const Var change = select_rows(y.rows(), now) - select_rows(y.rows(), before);
  return sum + constant(options_.temporal_penalty) * mean(change * change);
}

BatchLoss LanguageNet::loss(const ChunkBatch& batch, State& carried) const {
  const Sequences x = features(batch, carried);
  Var loss = next_.cross_entropy(x.rows(), batch.after);
  const bool punished = options_.activation_penalty > 0 || options_.temporal_penalty > 0;
  if (punished && loss.tracked()) loss = loss + penalty(x);
  return {.loss = loss, .weight = static_cast<double>(batch.after.size()), .rows = batch.after.size()};
}

LanguageNet::Places LanguageNet::places(const std::vector<std::int32_t>& before, State& state,
                                        std::int32_t label) const {
  const auto steps = static_cast<std::int64_t>(before.size());
  const Ids ids(Tensor::of({steps}, before), Layout::uniform(1, steps));
  const Var rows = features(ids, state, {label}).rows();
  return {rows, next_.logits(rows)};
}

std::vector<double> LanguageNet::log_probabilities(const std::vector<std::int32_t>& before,
                                                   const std::vector<std::int32_t>& after, State& state,
                                                   std::int32_t label) const {
  const Var all = log_softmax(places(before, state, label).logits);
  std::vector<double> chosen;
  const auto columns = static_cast<std::size_t>(all.columns());
  for (std::size_t row = 0; row < after.size(); ++row)
    chosen.push_back(static_cast<double>(all.values()[row * columns + static_cast<std::size_t>(after[row])]));
  return chosen;
}

State LanguageNet::start(std::int64_t rows) const {
  std::vector<Var> parts;
  for (const AnyRecurrent& any : layers_) {
    const State state = std::visit([rows](const auto& layer) { return layer.start(rows); }, any);
    for (std::size_t i = 0; i < state.size(); ++i)
      parts.push_back(state[i]);
  }
  return State(std::move(parts));
}

std::int32_t LanguageNet::labels() const {
  return label_table_.defined() ? static_cast<std::int32_t>(label_table_.rows()) : 0;
}

StepResult LanguageNet::read(const std::vector<std::int32_t>& tokens, const State& state,
                             const std::vector<std::int32_t>& labels) const {
  State after = state;
  std::vector<std::int32_t> all;  // step by step
  for (const std::int32_t token : tokens)
    all.insert(all.end(), labels.size(), token);
  const auto rows = static_cast<std::int64_t>(labels.size()),
             steps = static_cast<std::int64_t>(tokens.size());
  const Ids ids(Tensor::of({rows * steps}, all), Layout::uniform(rows, steps));
  return {next_.logits(features(ids, after, labels).last()), std::move(after)};
}

StepResult LanguageNet::step(const std::vector<std::int32_t>& tokens, const State& state,
                             const std::vector<std::int32_t>& labels) const {
  const auto rows = static_cast<std::int64_t>(tokens.size());
  State after = state;
  const Sequences x = features(Ids(Tensor::of({rows}, tokens), Layout::uniform(rows, 1)), after, labels);
  return {next_.logits(x.rows()), std::move(after)};
}

}  // namespace rondo::lm
