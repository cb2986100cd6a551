#include "tasks/forecast/network.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/random.h"

namespace rondo::forecast {
namespace {

nn::RecurrentLayers recurrent(const Scope& in, const NetworkOptions& o) {
  switch (o.cell) {
    case Cell::lstm:
      return {in, o.units, layers::LSTM{.units = o.units, .return_sequences = true}};
    case Cell::gru:
      return {in, o.units, layers::GRU{.units = o.units, .return_sequences = true}};
    case Cell::residual:
      return {in, o.units, layers::ResidualRecurrence{.units = o.units, .return_sequences = true}};
    case Cell::linear:
      return {in, o.units, layers::LinearRecurrence{.units = o.units, .return_sequences = true}};
  }
  throw Bug("forecast: unknown cell");
}

/// Numbers 0 to inner - 1, once for each of `outer`.
std::vector<std::int32_t> repeated(std::int64_t outer, std::int64_t inner) {
  std::vector<std::int32_t> all;
  all.reserve(static_cast<std::size_t>(outer * inner));
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < inner; ++i)
      all.push_back(static_cast<std::int32_t>(i));
  return all;
}

/// One column of rows that hold `width` numbers for each step: [rows, steps].
Var column_of_steps(const Var& rows, std::int64_t width, std::int64_t column) {
  if (width == 1) return rows;
  const std::int64_t steps = rows.columns() / width;
  const Var alone = slice_columns(reshape(rows, {rows.rows() * steps, width}), column, column + 1);
  return reshape(alone, {rows.rows(), steps});
}

}  // namespace

ForecastNet::ForecastNet(const Scope& in, const ForecastInput& input, const ForecasterOptions& options)
    : options_(options.network),
      head_(options.network),
      segment_(input.segment),
      segments_(input.segments()),
      future_segments_(input.future_segments()),
      features_(1 + input.past_features()),
      key_(in.key("dropout")),
      seed_(options.training.seed) {
  const int d = options_.units, half = d / 2;
  const auto dense = [&](const char* name, std::int64_t from, std::int64_t to) {
    return nn::Dense(in / name, static_cast<int>(from), {.units = static_cast<int>(to)});
  };
  if (options_.network == Network::tdnn) {
    auto from = static_cast<int>(segment_ * features_);
    for (const layers::TDNN& layer : nn::tdnn_layers(d, options_.context, segments_)) {
      delays_.emplace_back(in / ("delays_" + std::to_string(delays_.size())), from, layer);
      from = d;
    }
    join_ = dense("join", d, d);
  } else {
    project_ = dense("project", segment_ * features_, d);
    encoder_.emplace(recurrent(in / "encoder", options_));
  }
  if (options_.network == Network::encoder_decoder) decoder_.emplace(recurrent(in / "decoder", options_));
  const Initial uniform{.kind = Initializer::uniform, .scale = 1.0F};
  position_ = in.parameter("position", {future_segments_, half}, uniform);
  channel_ =
      in.parameter("series", {static_cast<std::int64_t>(input.series.size()), d - half}, uniform, true);
  if (input.future_features() > 0) future_ = dense("future", segment_ * input.future_features(), d);
  if (input.constant_features() > 0) constants_ = dense("constants", input.constant_features(), d);
  if (options_.decoding == Decoding::recursive || draws()) feedback_ = dense("feedback", segment_, d);
  predict_ = dense("predict", d, segment_ * head_.parameters());
  if (options_.conformal)
    conformal_ = in.parameter("conformal", {static_cast<std::int64_t>(conformal_levels.size())},
                              {.kind = Initializer::zeros});
}

State ForecastNet::encode(const WindowBatch& batch) const {
  const Var embedded = relu((*project_)(Var(batch.segments)));
  return encoder_->run(Sequences(embedded, Layout::uniform(batch.rows(), segments_))).state;
}

/// The vector of each row's series; of one that was not learned from, the mean of all.
Var ForecastNet::channels(const WindowBatch& batch) const {
  const auto ids = batch.ids.data<std::int32_t>();
  std::vector<std::int32_t> numbers(ids.begin(), ids.end());
  const bool all_known = std::all_of(ids.begin(), ids.end(), [](std::int32_t id) { return id > 0; });
  if (all_known) {
    for (std::int32_t& number : numbers)
      --number;
    return embedding(channel_, Tensor::of({batch.rows()}, numbers));
  }
  const auto count = static_cast<double>(channel_.rows());
  const Var mean = matmul(Var(Tensor::full({1, channel_.rows()}, 1 / count, channel_.dtype())), channel_);
  return select_rows(stack(std::vector<Var>{mean, channel_}), numbers);
}

/// What is asked for each segment of each row: its place in the future and the series. Rows are segment by
/// segment. `copies`, if rows are equal, says which.
Var ForecastNet::queries(const WindowBatch& batch, Copies* copies) const {
  const std::int64_t rows = batch.rows(), m = future_segments_;
  std::vector<std::int32_t> of_segment;
  for (std::int64_t p = 0; p < m; ++p)
    of_segment.insert(of_segment.end(), static_cast<std::size_t>(rows), static_cast<std::int32_t>(p));
  if (!future_ && !constants_ && copies != nullptr) {
    // Few series and many windows: each pair of series and place is embedded once.
    std::map<std::int32_t, std::int32_t> places;
    std::vector<std::int32_t> firsts;
    const auto ids = batch.ids.data<std::int32_t>();
    for (std::int64_t r = 0; r < rows; ++r)
      if (places.emplace(ids[static_cast<std::size_t>(r)], static_cast<std::int32_t>(firsts.size())).second)
        firsts.push_back(static_cast<std::int32_t>(r));
    const auto n = static_cast<std::int64_t>(firsts.size());
    if (4 * n <= rows) {
      std::vector<std::int32_t> at_place, at_series, of;
      for (std::int64_t p = 0; p < m; ++p)
        for (std::int64_t s = 0; s < n; ++s) {
          at_place.push_back(static_cast<std::int32_t>(p));
          at_series.push_back(firsts[static_cast<std::size_t>(s)]);
        }
      for (std::int64_t p = 0; p < m; ++p)
        for (std::int64_t r = 0; r < rows; ++r)
          of.push_back(static_cast<std::int32_t>(p * n) + places[ids[static_cast<std::size_t>(r)]]);
      copies->distinct = concat({select_rows(position_, at_place), select_rows(channels(batch), at_series)});
      copies->of = Tensor::of({rows * m}, of);
      return select_rows(copies->distinct, of);
    }
  }
  const std::vector<std::int32_t> of_row = repeated(m, rows);
  Var all = concat({select_rows(position_, of_segment), select_rows(channels(batch), of_row)});
  if (future_) all = all + (*future_)(Var(batch.future));
  if (constants_) all = all + select_rows((*constants_)(Var(batch.constants)), of_row);
  return all;
}

Var ForecastNet::read_out(const Var& rows) const {
  return (*predict_)(options_.dropout > 0 ? dropout(rows, options_.dropout, key_) : rows);
}

Var ForecastNet::decode_at_once(const WindowBatch& batch, const State& state) const {
  const std::int64_t rows = batch.rows(), m = future_segments_;
  Copies copies;
  const Var asked = queries(batch, &copies);
  // SegRNN decodes every place from the encoder's state; a decoder of steps walks from place to place.
  const auto layout = decoder_ ? Layout::uniform(rows, m) : Layout::uniform(rows * m, 1);
  const Sequences input =
      copies.distinct.defined() ? Sequences(asked, layout, copies) : Sequences(asked, layout);
  const State start = decoder_ ? state : state.select(repeated(m, rows));
  return read_out(decoder().run(input, start).outputs.rows());
}

Var ForecastNet::decode_one_by_one(const WindowBatch& batch, State state) const {
  const std::int64_t rows = batch.rows(), m = future_segments_;
  const Var asked = queries(batch, nullptr);
  Var before = last_values(batch);
  std::vector<Var> all;
  for (std::int64_t p = 0; p < m; ++p) {
    const Var x = slice_rows(asked, p * rows, (p + 1) * rows) + (*feedback_)(before);
    nn::Step step = decoder().step(x, state, static_cast<std::uint64_t>(p));
    state = std::move(step.state);
    all.push_back(read_out(step.output));
    before = column_of_steps(all.back(), head_.parameters(), head_.middle());
  }
  return m == 1 ? all.front() : stack(all);
}

/// The values of the last segment: [rows, segment].
Var ForecastNet::last_values(const WindowBatch& batch) const {
  const std::int64_t rows = batch.rows();
  return column_of_steps(slice_rows(Var(batch.segments), (segments_ - 1) * rows, segments_ * rows), features_,
                         0);
}

/// Each step is told the true value before it, so that all are one pass of the cell; a missing one counts as
/// what is taken off the window.
Var ForecastNet::decode_taught(const WindowBatch& batch, const State& state) const {
  const std::int64_t rows = batch.rows(), m = future_segments_;
  const Var first = last_values(batch);
  std::vector<double> before;
  for (std::int64_t r = 0; r < rows; ++r)
    before.push_back(first.value().at(r));
  for (std::int64_t p = 1; p < m; ++p)
    for (std::int64_t r = 0; r < rows; ++r) {
      const double y = batch.targets.at(r * m + p - 1);
      before.push_back(std::isnan(y) ? 0 : y);
    }
  const Var told(Tensor::of({m * rows, 1}, before).to(batch.targets.dtype()));
  const Sequences input(queries(batch, nullptr) + (*feedback_)(told), Layout::uniform(rows, m));
  return read_out(decoder().run(input, state).outputs.rows());
}

std::vector<double> ForecastNet::draw(const WindowBatch& batch, std::span<const Scale> scales,
                                      int paths) const {
  const std::int64_t rows = batch.rows(), m = future_segments_, p = head_.parameters();
  const auto all = static_cast<std::size_t>(rows * paths), steps = static_cast<std::size_t>(m);
  std::vector<std::int32_t> row_of;
  for (std::int64_t r = 0; r < rows; ++r)
    row_of.insert(row_of.end(), static_cast<std::size_t>(paths), static_cast<std::int32_t>(r));
  State state = encode(batch).select(row_of);
  const Var asked = queries(batch, nullptr);
  Var before = select_rows(last_values(batch), row_of);
  std::vector<double> drawn(all * steps);
  std::vector<float> fed(all);
  for (std::int64_t t = 0; t < m; ++t) {
    const Var x = select_rows(slice_rows(asked, t * rows, (t + 1) * rows), row_of) + (*feedback_)(before);
    nn::Step step = decoder().step(x, state);
    state = std::move(step.state);
    const Var numbers = read_out(step.output);
    for (std::size_t i = 0; i < all; ++i) {
      const auto row = static_cast<std::size_t>(row_of[i]);
      const std::uint64_t path = i % static_cast<std::size_t>(paths);
      const RandomBlock bits =
          random_block(seed_, mix(hash_of("deepar"), path), static_cast<std::uint64_t>(t));
      const bool counts = !batch.size.empty();
      const double value = head_.draw(
          numbers.values().subspan(i * static_cast<std::size_t>(p), static_cast<std::size_t>(p)),
          counts ? static_cast<double>(batch.size.at(row_of[i])) : 1,
          static_cast<double>(to_uniform_open(bits[0])), static_cast<double>(to_uniform_open(bits[1])));
      drawn[i * steps + static_cast<std::size_t>(t)] = value;
      const double z = counts ? (value - scales[row].level) / scales[row].divisor() : value;
      fed[i] = static_cast<float>(counts ? (z - batch.shift.at(row_of[i])) / batch.scale.at(row_of[i]) : z);
    }
    before = Var(Tensor::of({rows * paths, 1}, fed));
  }
  return drawn;
}

/// All steps at once from what the delays end with, each by its place and what is known of it.
Var ForecastNet::see_delays(const WindowBatch& batch) const {
  const std::int64_t rows = batch.rows();
  Sequences seen(Var(batch.segments), Layout::uniform(rows, segments_));
  for (const nn::TDNN& layer : delays_)
    seen = layer(seen);
  const Var last = slice_rows(seen.rows(), (segments_ - 1) * rows, segments_ * rows);
  const Var joined = select_rows(last, repeated(future_segments_, rows)) + queries(batch, nullptr);
  return read_out(relu((*join_)(joined)));
}

Var ForecastNet::numbers(const WindowBatch& batch) const {
  if (!delays_.empty()) return see_delays(batch);
  const State state = encode(batch);
  if (draws()) return decode_taught(batch, state);
  return options_.decoding == Decoding::recursive ? decode_one_by_one(batch, state)
                                                  : decode_at_once(batch, state);
}

BatchLoss ForecastNet::loss(const WindowBatch& batch) const {
  double count = 0;
  const Var loss = head_.loss(numbers(batch), batch, segment_, count);
  return {.loss = loss, .weight = count, .rows = batch.rows() * (segments_ + future_segments_)};
}

}  // namespace rondo::forecast
