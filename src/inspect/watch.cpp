// Watch: keeps what modules tell, and gradients that arrive there.
#include "nn/watch.h"

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <rondo/inspect.h>

#include "autograd/watched.h"

namespace rondo::inspect {
namespace {

/// Columns [begin, begin + width) of a matrix, or of none.
Tensor columns_of(const Tensor& matrix, std::int64_t begin, std::int64_t width) {
  if (matrix.empty()) return {};
  return slice_columns(Var(matrix), begin, begin + width).value();
}

Tensor value_of(const Var& x) {
  return x.defined() ? x.value() : Tensor();
}

Var scaled(const Var& x, double factor) {
  return Var(x.value()) * Var(Tensor::full({}, factor, x.dtype()));
}

}  // namespace

/// Closures of the tape write into what is kept, and share it: a tape may outlive its Watch.
struct Watch::Impl final : nn::Watcher {
  struct Level {
    std::size_t first_run;
    std::int64_t directions, units;
    Tensor dh, dh_last, dc_last;
  };
  ConstantParameters constant;
  nn::Watcher* outer = nullptr;
  std::vector<std::shared_ptr<Level>> levels;
  std::vector<Run> runs;
  std::vector<Looked> looks;
  std::vector<std::shared_ptr<Input>> inputs_seen;
  mutable std::vector<Input> inputs;
  std::map<std::string, double> factors;

  Sequences read(const std::string& name, const Sequences& x) override {
    const auto factor = factors.find(name);
    const Var rows = factor == factors.end() ? x.rows() : scaled(x.rows(), factor->second);
    const auto input = std::make_shared<Input>(Input{name, x.layout(), rows.value(), {}});
    inputs_seen.push_back(input);
    return {watched(rows, [input](const Tensor& gradient) { input->gradient = gradient.clone(); }),
            x.layout()};
  }

  RecurrentResult ran(const nn::LevelCall& call, RecurrentResult result) override {
    const auto level = std::make_shared<Level>(
        Level{.first_run = runs.size(),
              .directions = static_cast<std::int64_t>(call.directions.size()),
              .units = result.outputs.features() / static_cast<std::int64_t>(call.directions.size())});
    levels.push_back(level);
    keep_runs(call, result, level->units);
    const auto keep = [&level](const Var& x, Tensor Level::*to) {
      return x.defined()
                 ? watched(x, [level, to](const Tensor& gradient) { (*level).*to = gradient.clone(); })
                 : x;
    };
    return {.outputs = {keep(result.outputs.rows(), &Level::dh), result.outputs.layout()},
            .h = keep(result.h, &Level::dh_last),
            .c = keep(result.c, &Level::dc_last)};
  }

  void looked(const std::string& name, const Sequences& over, const Attended& found) override {
    looks.push_back({name, over.layout(), {Var(found.context.value()), found.weights, found.begins}});
  }

  void keep_runs(const nn::LevelCall& call, const RecurrentResult& result, std::int64_t units) {
    for (std::size_t d = 0; d < call.directions.size(); ++d) {
      const RecurrentWeights& weights = call.directions[d];
      const std::int64_t begin = static_cast<std::int64_t>(d) * units;
      runs.push_back({.name = call.name + (d == 1 ? "_reverse" : ""),
                      .cell = call.cell,
                      .reverse = d == 1 || call.reverse,
                      .zoneout = call.zoneout,
                      .layout = call.x.layout(),
                      .weight_ih = weights.weight_ih.value(),
                      .weight_hh = value_of(weights.weight_hh),
                      .bias_ih = value_of(weights.bias_ih),
                      .bias_hh = value_of(weights.bias_hh),
                      .x = call.x.rows().value(),
                      .h = columns_of(result.outputs.rows().value(), begin, units),
                      .h0 = columns_of(value_of(call.h0), begin, units),
                      .c0 = columns_of(value_of(call.c0), begin, units)});
    }
  }

  /// Gradients that have arrived, by direction.
  void hand_out_gradients() {
    for (const std::shared_ptr<Level>& level : levels)
      for (std::int64_t d = 0; d < level->directions; ++d) {
        Run& run = runs[level->first_run + static_cast<std::size_t>(d)];
        run.dh = columns_of(level->dh, d * level->units, level->units);
        run.dh_last = columns_of(level->dh_last, d * level->units, level->units);
        run.dc_last = columns_of(level->dc_last, d * level->units, level->units);
      }
  }
};

Watch::Watch() : impl_(std::make_unique<Impl>()) {
  impl_->outer = nn::exchange_watcher(impl_.get());
}

Watch::~Watch() {
  nn::exchange_watcher(impl_->outer);
}

std::span<const Run> Watch::runs() const {
  const Paused not_recorded;
  impl_->hand_out_gradients();
  return impl_->runs;
}

std::span<const Input> Watch::inputs() const {
  impl_->inputs.clear();
  for (const std::shared_ptr<Input>& input : impl_->inputs_seen)
    impl_->inputs.push_back(*input);
  return impl_->inputs;
}

std::span<const Looked> Watch::looks() const {
  return impl_->looks;
}

void Watch::scale(std::string name, double factor) {
  impl_->factors[std::move(name)] = factor;
}

}  // namespace rondo::inspect
