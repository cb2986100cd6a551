#include <algorithm>

#include <rondo/error.h>
#include <rondo/nn.h>

#include "base/message.h"

namespace rondo::nn {
namespace {

State first_rows(const State& state, std::int64_t rows) {
  std::vector<Var> parts;
  for (std::size_t i = 0; i < state.size(); ++i)
    parts.push_back(state[i].rows() == rows ? state[i] : slice_rows(state[i], 0, rows));
  return State(std::move(parts));
}

}  // namespace

Recurrence drive(const Sequences& x, State start,
                 const std::function<State(const Var&, const State&)>& step) {
  const Layout& layout = *x.layout();
  const std::int64_t steps = layout.steps();
  State state = std::move(start);
  std::vector<Var> outputs;
  std::vector<std::vector<Var>> ended(state.size());  // per part: the rows of sequences that end at a step
  for (std::int64_t t = 0; t < steps; ++t) {
    const std::int64_t alive = layout.rows_at(t);
    state = step(slice_rows(x.rows(), layout.begin(t), layout.begin(t + 1)), first_rows(state, alive));
    if (state.size() != ended.size() || state.size() == 0)
      fail(ErrorKind::shape, "a step's state has " + std::to_string(state.size()) +
                                 " parts, the state before it had " + std::to_string(ended.size()));
    outputs.push_back(state[0]);
    const std::int64_t go_on = t + 1 < steps ? layout.rows_at(t + 1) : 0;
    if (go_on < alive)
      for (std::size_t i = 0; i < ended.size(); ++i)
        ended[i].push_back(slice_rows(state[i], go_on, alive));
  }
  std::vector<Var> last;
  for (std::vector<Var>& rows : ended) {
    std::reverse(rows.begin(), rows.end());  // the longest sequences, which ended last, come first
    last.push_back(stack(rows));
  }
  return {Sequences(stack(outputs), x.layout()), State(std::move(last))};
}

}  // namespace rondo::nn
