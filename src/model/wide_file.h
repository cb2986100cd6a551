/// Model files with a wide branch: a text classifier's network with a linear classifier beside it, or that
/// alone (docs/model-file.md).
#pragma once
#include <filesystem>
#include <optional>

#include <rondo/model.h>
#include <rondo/wide.h>

#include "model/model_file.h"

namespace rondo {

struct WideModel {
  std::optional<Sequential> network;  ///< none: the branch alone
  WideClassifier wide;
  MixtureWeights weights;
  // With a network, it has its own:
  ApplicationRecord application = {};
  TrainingRecord training = {};
};

void save_wide(const std::filesystem::path& file, const Sequential* network, const WideClassifier& wide,
               const MixtureWeights& weights, const ApplicationRecord& application,
               const TrainingRecord& training);
/// Error(format) for anything that save_wide() cannot have written.
WideModel load_wide(const ModelFile& file);

}  // namespace rondo
