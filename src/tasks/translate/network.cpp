#include "tasks/translate/network.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "autograd/tape.h"
#include "base/message.h"

namespace rondo::translate {
namespace {

/// The source of each row of a target.
std::vector<std::int32_t> source_of_rows(const PairBatch& batch) {
  const Layout& layout = *batch.layout;
  std::vector<std::int32_t> sources;
  sources.reserve(static_cast<std::size_t>(layout.rows()));
  for (std::int64_t t = 0; t < layout.steps(); ++t)
    sources.insert(sources.end(), batch.source_of.begin(), batch.source_of.begin() + layout.rows_at(t));
  return sources;
}

State first_rows(const State& state, std::int64_t count) {
  std::vector<Var> parts;
  for (std::size_t i = 0; i < state.size(); ++i)
    parts.push_back(state[i].rows() == count ? state[i] : slice_rows(state[i], 0, count));
  return State(std::move(parts));
}

/// What the rows of all steps looked at, one step after the other.
Attended joined(std::span<const Attended> steps) {
  Attended all;
  all.begins.push_back(0);
  for (const Attended& step : steps) {
    const std::int64_t offset = all.begins.back();
    for (std::size_t i = 1; i < step.begins.size(); ++i)
      all.begins.push_back(offset + step.begins[i]);
  }
  all.weights = Tensor::uninitialised({all.begins.back()}, steps.front().weights.dtype());
  auto to = all.weights.data<float>().begin();
  for (const Attended& step : steps)
    to = std::copy_n(step.weights.data<float>().begin(), step.begins.back(), to);
  return all;
}

constexpr std::size_t dropped_source = 0, dropped_memory = 1, dropped_target = 2, dropped_top = 3,
                      dropped_middle = 4, own_tokens = 5;

/// The likeliest token of each row, the first of equal ones.
std::vector<std::int32_t> likeliest_of(const Tensor& value) {
  const Tensor logits = value.to(DType::f32);
  const auto columns = static_cast<std::size_t>(logits.columns());
  std::vector<std::int32_t> tokens;
  for (std::size_t at = 0; at < logits.data<float>().size(); at += columns) {
    const std::span<const float> row = logits.data<float>().subspan(at, columns);
    tokens.push_back(static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin()));
  }
  return tokens;
}

}  // namespace

DecoderState DecoderState::select(std::span<const std::int32_t> rows) const {
  return {first.select(rows), second.size() > 0 ? second.select(rows) : State(),
          fed.defined() ? select_rows(fed, rows) : Var()};
}

TranslationNet::TranslationNet(const Scope& in, const TranslationInput& input,
                               const TranslatorOptions& options)
    : options_(options.network) {
  const int e = options_.embedding, h = options_.units;
  const Initial near{.kind = Initializer::uniform, .scale = 0.1F};
  if (h % 2 != 0)
    fail(ErrorKind::option, "units must be even: the encoder has half of them in each direction");
  target_table_ = in.parameter("target", {input.target.size(), e}, near);
  source_table_ = input.joint ? target_table_ : in.parameter("source", {input.source.size(), e}, near, true);
  output_ = options_.tied ? target_table_ : in.parameter("output", {input.target.size(), e}, near);
  output_bias_ = in.parameter("output_bias", {input.target.size()}, {.kind = Initializer::zeros});
  encoder_.emplace(recurrent(in / "encoder", e, options_, options_.encoder_layers, true));
  const TranslationAttention kind = options_.attention;
  const bool between = kind == TranslationAttention::gnmt;
  const int layers = std::max(options_.decoder_layers, between ? 2 : 1);
  const int fed = kind == TranslationAttention::feed ? e : kind == TranslationAttention::bahdanau ? h : 0;
  first_.emplace(in / "decoder", e + fed, options_, between ? 1 : layers);
  if (between) second_.emplace(in / "upper", 2 * h, options_, layers - 1);
  for (int l = 0; l < layers; ++l)
    bridges_.emplace_back(in / ("bridge" + std::to_string(l)), h,
                          layers::Dense{.units = h, .activation = Activation::tanh});
  if (attends())
    attention_.emplace(in / "attention", h, h, AttentionOptions{.score = options_.attention_score});
  combine_.emplace(in / "combine", attends() ? 2 * h : h,
                   layers::Dense{.units = e, .activation = Activation::tanh});
  for (int i = 0; i < 6; ++i)
    keys_.push_back(in.key("dropout" + std::to_string(i)));
}

Var TranslationNet::dropped(const Var& x, std::size_t place) const {
  return options_.dropout > 0 ? dropout(x, options_.dropout, keys_[place]) : x;
}

Memory TranslationNet::encode(const Ids& source) const {
  const Var x = dropped(embedding(source_table_, source.tokens()), dropped_source);
  const Sequences y = encoder_->run(Sequences(x, source.layout())).outputs;
  const Sequences rows(dropped(y.rows(), dropped_memory), y.layout());
  const Var mean = pool(y, Pool::mean);
  const Var zeros(Tensor::zeros({mean.rows(), options_.units}, mean.dtype()));
  std::vector<Var> first, second;
  for (std::size_t l = 0; l < bridges_.size(); ++l) {
    std::vector<Var>& parts = second_ && l > 0 ? second : first;
    parts.push_back(bridges_[l](mean));
    if (has_cell_state(options_)) parts.push_back(zeros);
  }
  Memory memory;
  memory.start = {State(std::move(first)), State(std::move(second)), {}};
  if (attention_) memory.rows = attention_->prepare(rows);
  if (options_.attention == TranslationAttention::feed)
    memory.start.fed = Var(Tensor::zeros({mean.rows(), options_.embedding}, mean.dtype()));
  return memory;
}

/// h of the uppermost layer.
const Var& TranslationNet::query_of(const State& state) const {
  return state[state.size() - (has_cell_state(options_) ? 2 : 1)];
}

Var TranslationNet::step_on(const Memory& memory, std::span<const std::int32_t> source_of, const Var& x,
                            DecoderState& state, std::uint64_t time, Attended* attended) const {
  const auto look = [&](const Var& query) {
    Attended found = (*attention_)(query, memory.rows, source_of);
    if (attended != nullptr) *attended = found;
    return found.context;
  };
  Var in = x, context;
  if (options_.attention == TranslationAttention::feed) in = concat({x, state.fed});
  if (options_.attention == TranslationAttention::bahdanau) {
    context = look(query_of(state.first));
    in = concat({x, context});
  }
  nn::Step step = first_->step(in, state.first, time);
  state.first = std::move(step.state);
  if (!attends()) return (*combine_)(step.output);
  if (!context.defined()) context = look(step.output);
  Var both = concat({step.output, context});
  if (second_) {
    step = second_->step(dropped(both, dropped_middle), state.second, time);
    state.second = std::move(step.state);
    both = concat({step.output, context});
  }
  Var top = (*combine_)(both);
  if (options_.attention == TranslationAttention::feed) state.fed = top;
  return top;
}

Var TranslationNet::step(const Memory& memory, std::span<const std::int32_t> source_of, const Tensor& tokens,
                         DecoderState& state, std::uint64_t time, Attended* attended) const {
  return step_on(memory, source_of, embedding(target_table_, tokens), state, time, attended);
}

Var TranslationNet::step_by_step(const Memory& memory, const PairBatch& batch, const Var& x,
                                 Attended* attended) const {
  DecoderState state = memory.start.select(batch.source_of);
  std::vector<Var> tops;
  std::vector<Attended> looked;
  for (std::int64_t t = 0; t < batch.layout->steps(); ++t) {
    const std::int64_t begin = batch.layout->begin(t), count = batch.layout->rows_at(t);
    state.first = first_rows(state.first, count);
    if (state.fed.defined() && state.fed.rows() != count) state.fed = slice_rows(state.fed, 0, count);
    tops.push_back(step_on(memory, std::span(batch.source_of).first(static_cast<std::size_t>(count)),
                           slice_rows(x, begin, begin + count), state, static_cast<std::uint64_t>(t),
                           attended == nullptr ? nullptr : &looked.emplace_back()));
  }
  if (attended != nullptr && attends()) *attended = joined(looked);
  return stack(tops);
}

Var TranslationNet::all_at_once(const Memory& memory, const PairBatch& batch, const Var& x,
                                Attended* attended) const {
  const DecoderState start = memory.start.select(batch.source_of);
  const Var y = first_->run(Sequences(x, batch.layout), start.first).outputs.rows();
  if (!attends()) return (*combine_)(y);
  Attended found = (*attention_)(y, memory.rows, source_of_rows(batch));
  if (attended != nullptr) *attended = found;
  Var both = concat({y, found.context});
  if (second_) {
    const Sequences middle(dropped(both, dropped_middle), batch.layout);
    both = concat({second_->run(middle, start.second).outputs.rows(), found.context});
  }
  return (*combine_)(both);
}

Var TranslationNet::tops(const PairBatch& batch, Attended* attended) const {
  const Memory memory = encode(batch.source);
  const Var x = dropped(embedding(target_table_, batch.before.tokens()), dropped_target);
  const bool stepwise = options_.attention == TranslationAttention::feed ||
                        options_.attention == TranslationAttention::bahdanau;
  return stepwise ? step_by_step(memory, batch, x, attended) : all_at_once(memory, batch, x, attended);
}

Var TranslationNet::logits(const Var& tops) const {
  return linear(tops, output_, output_bias_);
}

/// The batch as a decoder reads it that goes on from some tokens of its own: those that it finds likeliest
/// behind the given ones.
PairBatch TranslationNet::with_own_tokens(const PairBatch& batch) const {
  std::vector<std::int32_t> own;
  {
    const Paused nothing_is_learned_here;
    own = likeliest_of(logits(tops(batch)).value());
  }
  const std::int64_t rows = batch.layout->rows();
  const Tensor ones = Tensor::of({rows}, std::vector<std::int32_t>(static_cast<std::size_t>(rows), 1));
  const std::array<float, 2> rates = {0, options_.scheduled_sampling};
  const Tensor given = drop_ids(ones, rates, keys_[own_tokens]);
  const auto before = batch.before.tokens().data<std::int32_t>();
  std::vector<std::int32_t> read(before.begin(), before.end());
  const Layout& layout = *batch.layout;
  for (std::int64_t t = 1; t < layout.steps(); ++t)
    for (std::int64_t k = 0; k < layout.rows_at(t); ++k) {
      const auto row = static_cast<std::size_t>(layout.row(k, t));
      if (given.data<std::int32_t>()[row] == 0)
        read[row] = own[static_cast<std::size_t>(layout.row(k, t - 1))];
    }
  PairBatch mixed = batch;
  mixed.before = Ids(Tensor::of({rows}, read), batch.layout);
  return mixed;
}

BatchLoss TranslationNet::loss(const PairBatch& batch) const {
  const bool own = recording_options() && options_.scheduled_sampling > 0;
  const Var top = dropped(tops(own ? with_own_tokens(batch) : batch), dropped_top);
  // As dropout, it is for training alone: neither for validation nor where gradients are compared.
  const double smoothing = recording_options() ? static_cast<double>(options_.label_smoothing) : 0;
  return {
      .loss = linear_cross_entropy(top, output_, output_bias_, batch.after, {.label_smoothing = smoothing}),
      .weight = static_cast<double>(batch.after.size()),
      .rows = batch.after.size()};
}

}  // namespace rondo::translate
