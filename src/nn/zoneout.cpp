#include "nn/zoneout.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/random.h"
#include "nn/directions.h"

namespace rondo::nn {
namespace {

/// One direction over a batch. Its active sequences are always the first ones.
class ZonedDirection {
 public:
  ZonedDirection(Cell cell, const Sequences& x, const RecurrentWeights& weights, State start,
                 const RecurrentOptions& options, const Zoneout& zoneout)
      : cell_(cell),
        x_(x),
        layout_(*x.layout()),
        weights_(weights),
        start_(std::move(start)),
        options_(options),
        zoneout_(zoneout) {}

  /// The states after each step, [rows, H], and the final ones: h, and of an LSTM c.
  std::pair<Var, std::vector<Var>> forward() const {
    std::vector<Var> outputs;
    std::vector<std::vector<Var>> ended(start_.size());
    State state = start_;
    for (std::int64_t t = 0; t < layout_.steps(); ++t) {
      const std::int64_t alive = layout_.rows_at(t);
      state = step(t, rows_of(state, 0, alive));
      outputs.push_back(state[0]);
      const std::int64_t go_on = t + 1 < layout_.steps() ? layout_.rows_at(t + 1) : 0;
      for (std::size_t i = 0; i < ended.size() && go_on < alive; ++i)
        ended[i].push_back(slice_rows(state[i], go_on, alive));
    }
    std::vector<Var> last;
    for (std::vector<Var>& parts : ended) {
      std::reverse(parts.begin(), parts.end());  // the longest sequences, which ended last, come first
      last.push_back(stack(parts));
    }
    return {stack(outputs), std::move(last)};
  }

  /// From the ends. Sequences come in at their last steps, behind the longer ones.
  std::pair<Var, std::vector<Var>> backward() const {
    std::vector<Var> outputs;
    State state;
    for (std::int64_t t = layout_.steps() - 1; t >= 0; --t) {
      const std::int64_t before = t + 1 < layout_.steps() ? layout_.rows_at(t + 1) : 0;
      state = step(t, joined(state, before, layout_.rows_at(t)));
      outputs.push_back(state[0]);
    }
    std::reverse(outputs.begin(), outputs.end());
    std::vector<Var> last;
    for (std::size_t i = 0; i < state.size(); ++i)
      last.push_back(state[i]);
    return {stack(outputs), std::move(last)};
  }

 private:
  static State rows_of(const State& state, std::int64_t begin, std::int64_t end) {
    std::vector<Var> parts;
    for (std::size_t i = 0; i < state.size(); ++i)
      parts.push_back(begin == 0 && state[i].rows() == end ? state[i] : slice_rows(state[i], begin, end));
    return State(std::move(parts));
  }

  /// `state`, and below it the start states of sequences [before, all).
  State joined(const State& state, std::int64_t before, std::int64_t all) const {
    if (before == all) return state;
    const State fresh = rows_of(start_, before, all);
    if (before == 0) return fresh;
    std::vector<Var> parts;
    for (std::size_t i = 0; i < state.size(); ++i)
      parts.push_back(stack(std::vector<Var>{state[i], fresh[i]}));
    return State(std::move(parts));
  }

  State step(std::int64_t t, const State& before) const {
    const std::int64_t begin = layout_.begin(t), end = layout_.begin(t + 1);
    const Sequences now(slice_rows(x_.rows(), begin, end), Layout::uniform(end - begin, 1));
    const bool memory = before.size() == 2;
    const RecurrentResult after =
        recurrent(cell_, now, std::span(&weights_, 1), before[0], memory ? before[1] : Var{}, options_);
    const std::uint64_t time = zoneout_.time + static_cast<std::uint64_t>(t);
    const auto kept = [&](const Var& old, const Var& fresh, std::uint64_t part) {
      return zoneout(old, fresh, zoneout_.rate, mix(mix(zoneout_.key, part), time));
    };
    std::vector<Var> parts = {kept(before[0], after.h, 0)};
    if (memory) parts.push_back(kept(before[1], after.c, 1));
    return State(std::move(parts));
  }

  Cell cell_;
  const Sequences& x_;
  const Layout& layout_;
  const RecurrentWeights& weights_;
  State start_;
  RecurrentOptions options_;
  Zoneout zoneout_;
};

/// A direction of the given states, or zeros.
Var start_of(const Var& given, std::size_t direction, std::size_t directions, const Shape& shape,
             DType type) {
  return given.defined() ? part_of(given, direction, directions) : Var(Tensor::zeros(shape, type));
}

}  // namespace

RecurrentResult zoned(Cell cell, const Sequences& x, std::span<const RecurrentWeights> directions,
                      const Var& h0, const Var& c0, const RecurrentOptions& options, const Zoneout& zoneout) {
  std::vector<Var> outputs, h, c;
  for (std::size_t d = 0; d < directions.size(); ++d) {
    const Shape shape = {x.count(), directions[d].weight_hh.columns()};
    std::vector<Var> start = {start_of(h0, d, directions.size(), shape, x.rows().dtype())};
    if (cell == Cell::lstm) start.push_back(start_of(c0, d, directions.size(), shape, x.rows().dtype()));
    RecurrentOptions own = options;
    own.reverse = false;  // of the single steps
    own.dropout_key = d == 0 ? options.dropout_key : mix(options.dropout_key, d);
    const ZonedDirection run(cell, x, directions[d], State(std::move(start)), own,
                             {zoneout.rate, d == 0 ? zoneout.key : mix(zoneout.key, d), zoneout.time});
    auto [all, last] = d == 1 || options.reverse ? run.backward() : run.forward();
    outputs.push_back(std::move(all));
    h.push_back(last[0]);
    if (last.size() > 1) c.push_back(last[1]);
  }
  return {Sequences(side_by_side(outputs), x.layout()), side_by_side(h), c.empty() ? Var{} : side_by_side(c)};
}

}  // namespace rondo::nn
