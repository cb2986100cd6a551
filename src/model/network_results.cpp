// Checks a network's results for batches and puts them in order.
#include <cmath>

#include <rondo/network.h>

#include "base/message.h"
#include "base/shown.h"
#include "model/gradient_check.h"

namespace rondo::detail {
namespace {

void check_rows(std::int64_t rows, std::span<const std::size_t> examples, std::string_view of) {
  if (rows != static_cast<std::int64_t>(examples.size()))
    fail(ErrorKind::shape, "a network's outputs() wanted " + std::to_string(examples.size()) + " " +
                               std::string(of) + ", one for each example of the batch, got " +
                               std::to_string(rows) + "; Sequences stand for a row a step");
}

}  // namespace

BatchLoss checked(BatchLoss loss) {
  if (!loss.loss.defined() || loss.loss.value().size() != 1)
    fail(ErrorKind::shape, "a network's loss() wanted a single number, got " +
                               (loss.loss.defined() ? to_string(loss.loss.shape()) : "nothing") +
                               "; take its mean()");
  if (!(loss.weight >= 0) || !std::isfinite(loss.weight))
    fail(ErrorKind::numeric,
         "the weight of a network's loss() is a number from 0 on, got " + plain(loss.weight));
  return loss;
}

std::size_t most_checked() noexcept {
  return most_checked_examples;
}

void sort_back(const Var& rows, std::span<const std::size_t> examples, std::vector<Tensor>& to) {
  check_rows(rows.rows(), examples, "rows");
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    to.at(examples[i]) = rows.value().slice_rows(row, row + 1).reshape({rows.columns()}).clone();
  }
}

void sort_back(const Sequences& steps, std::span<const std::size_t> examples, std::vector<Tensor>& to) {
  check_rows(steps.count(), examples, "sequences");
  std::vector<Tensor> given = steps.unpack();
  for (std::size_t i = 0; i < examples.size(); ++i)
    to.at(examples[i]) = std::move(given[static_cast<std::size_t>(steps.layout()->order()[i])]);
}

void check_answers(std::size_t answers, std::size_t examples) {
  if (answers != examples)
    fail(ErrorKind::usage, "a network's predict() wanted " + std::to_string(examples) +
                               " answers, one for each example of the batch, got " + std::to_string(answers));
}

void check_some(std::size_t batches, std::string_view call) {
  if (batches == 0) fail(ErrorKind::data, std::string(call) + " takes at least one example, got none");
}

NetworkStreamState save_state(const State& state, std::int64_t steps) {
  NetworkStreamState saved{.parts = {}, .steps = steps};
  for (std::size_t i = 0; i < state.size(); ++i)
    saved.parts.push_back(state[i].value().clone());
  return saved;
}

State restore_state(const NetworkStreamState& saved, const State& like) {
  const auto refuse = [&](const std::string& wanted, const std::string& got) {
    fail(ErrorKind::shape, "set_state() wanted " + wanted + ", got " + got);
  };
  if (saved.parts.size() != like.size())
    refuse(std::to_string(like.size()) + " parts", std::to_string(saved.parts.size()));
  std::vector<Var> parts;
  for (std::size_t i = 0; i < like.size(); ++i) {
    const Tensor &part = saved.parts[i], &wanted = like[i].value();
    if (part.empty() || part.dtype() != wanted.dtype() || part.columns() != wanted.columns())
      refuse("part " + std::to_string(i) + " like " + std::string(name_of(wanted.dtype())) + " " +
                 to_string(wanted.shape()),
             part.empty() ? "nothing" : std::string(name_of(part.dtype())) + " " + to_string(part.shape()));
    parts.emplace_back(part.clone());
  }
  return State(std::move(parts));
}

}  // namespace rondo::detail
