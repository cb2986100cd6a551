/// What applications whose networks are of their own (`Model<Net>`) do with them in the same way.
#pragma once
#include <cmath>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/network.h>
#include <rondo/tasks/options.h>
#include <rondo/tasks/task.h>

#include "base/message.h"

namespace rondo {

/// The weights that `init` names, where it names a model; tells the run how many were taken.
template <class Net>
void take_init(Model<Net>& network, const TrainingOptions& training, const TrainingRun& run) {
  if (training.init.empty()) return;
  const Transfer transfer = network.init_from(training.init);
  if (run.notice)
    run.notice("init: " + std::to_string(transfer.taken.size()) + " of " +
               std::to_string(network.weights().parameters().size()) + " weights taken from " +
               training.init.string());
}

/// exp of the mean loss, for losses in nats.
template <class Net>
NetworkMetric<Net> perplexity_metric() {
  return {
      .name = std::string("perplexity"),
      .sums = typename NetworkMetric<Net>::Sums([](const BatchView<Net>& seen) {
        return std::vector<double>{seen.loss() * seen.weight(), seen.weight()};
      }),
      .better = Better::lower,
      .score = [](std::span<const double> sums) { return sums[1] > 0 ? std::exp(sums[0] / sums[1]) : 0; }};
}

/// A model that the application has made; `made` is what it makes: "a tagger". Error(format) for another's.
template <class Net>
Model<Net> load_own(const std::filesystem::path& file, std::string_view application, std::string_view made) {
  Model<Net> network = Model<Net>::load(file);
  if (network.application().name != application)
    fail(ErrorKind::format, "'" + file.string() + "' holds another kind of model, not " + std::string(made) +
                                "; make one with 'rondo train " + std::string(application) + "'");
  return network;
}

}  // namespace rondo
