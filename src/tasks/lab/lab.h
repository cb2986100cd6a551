/// `rondo lab`: recurrent networks on tasks that need a memory, from the first step of learning on. Each
/// subject is a page: vanishing (how gradients shrink over the steps), memory (who learns what over which
/// gap), gates (what a gated network's gates do).
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/description.h>
#include <rondo/inspect.h>
#include <rondo/tasks/evaluation.h>

#include "tasks/inspect/page.h"

namespace rondo::lab {

/// copy: the first of `length` steps shows one of eight symbols, faint noise passes, the last step asks for
/// it. adding: the sum of the two marked numbers among `length` (Hochreiter & Schmidhuber 1997). parity:
/// whether `length` bits have an odd number of ones.
enum class MemoryTask { copy, adding, parity };
constexpr std::array<std::string_view, 3> names_of(MemoryTask) {
  return {"copy", "adding", "parity"};
}

/// tanh: the simple RNN with a small first U, as PyTorch draws it. relu: with ReLU and the identity as first
/// U (Le, Jaitly & Hinton 2015). linear and residual: what a step adds to the state
/// (layers::LinearRecurrence, layers::ResidualRecurrence). all: each of them.
enum class Network { all, tanh, relu, linear, residual, gru, lstm };
constexpr std::array<std::string_view, 7> names_of(Network) {
  return {"all", "tanh", "relu", "linear", "residual", "gru", "lstm"};
}

struct LabOptions {
  MemoryTask task = MemoryTask::copy;
  Network network = Network::all;
  int length = 30;
  int units = 32;
  int steps = 600;
  int batch_size = 32;
  float learning_rate = 0.003F;
  float clip_norm = 1;
  bool open_gates = true;
  std::uint64_t seed = 1;

  static constexpr auto fields() {
    using O = LabOptions;
    return std::tuple{
        field("task", &O::task,
              "copy: name the symbol of the first step; adding: add the two marked numbers; parity: odd or "
              "even number of ones"),
        field("network", &O::network,
              "tanh, relu (starting from the identity), linear and residual (a step adds to the state), gru, "
              "lstm; all: each of them"),
        field("length", &O::length, "steps of a sequence", 2, 10'000),
        field("units", &O::units, "size of the hidden state", 1, 1024),
        field("steps", &O::steps, "steps of training at most; it ends when the task is solved", 0, 1 << 24),
        field("batch_size", &O::batch_size, "sequences in a step of training", 1, 4096),
        field("learning_rate", &O::learning_rate, "of Adam", 1e-7, 1),
        field("clip_norm", &O::clip_norm, "longest gradient; a longer one is shortened; 0: none is", 0, 1e6),
        field(
            "open_gates", &O::open_gates,
            "gru, lstm: first biases that keep the state for up to `length` steps (Tallec & Ollivier 2018)"),
        field("seed", &O::seed, "of sequences and first weights")};
  }
};
static_assert(all_fields_listed<LabOptions>);

/// Sequences of a task; a function of the seed.
Dataset sequences_of(MemoryTask task, int length, int count, std::uint64_t seed);

/// How a network did.
struct Trial {
  Network network;
  std::int64_t steps = 0;       ///< of training
  double score = 0;             ///< accuracy; of adding the mean squared error (always the mean: 0.167)
  bool solved = false;          ///< accuracy 99 % or more; an error of 0.01 or less
  bool broken = false;          ///< the loss was no finite number any more, so learning ended
  double largest_norm = 0;      ///< of a gradient, before clipping
  inspect::Flow before, after;  ///< one sequence through it, before and after learning
  inspect::Run run;             ///< the same afterwards
};
/// Trains one network; `network` must not be all. `stop`, called now and then, ends it early.
Trial trial_of(const LabOptions& options, Network network, const std::function<bool()>& stop = {});

bool has_gates(Network network);
/// The networks that the options name.
std::vector<Network> networks_of(const LabOptions& options);

// -- Pages from trials.
inspect::Section vanishing(const LabOptions& options, const std::vector<Trial>& trials);
inspect::Section memory(const LabOptions& options, const std::vector<Trial>& trials);
/// One section for each network with gates.
std::vector<inspect::Section> gates(const LabOptions& options, const std::vector<Trial>& trials);

}  // namespace rondo::lab
