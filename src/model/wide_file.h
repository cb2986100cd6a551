/// Files of text classifiers that are more than one network: with a linear classifier beside it, or that
/// alone; with several networks, several labels a text, or settings of their answers (docs/model-file.md).
#pragma once
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include <rondo/model.h>
#include <rondo/wide.h>

#include "base/json.h"
#include "model/model_file.h"

namespace rondo {

struct WideModel {
  std::optional<Sequential> network = {};   ///< none: the branch alone
  std::optional<WideClassifier> wide = {};  ///< none: only with a network
  MixtureWeights weights = {};              ///< where there is a branch
  std::vector<Sequential> further = {};     ///< networks that answer together with the first
  bool multi_label = false;                 ///< several labels a text
  Json answers = {};                        ///< the classifier's own; null: none
  // With a network, it has its own:
  ApplicationRecord application = {};
  TrainingRecord training = {};
};

/// The parts of a WideModel where they are.
struct WideParts {
  const Sequential* network = nullptr;
  const WideClassifier* wide = nullptr;
  MixtureWeights weights = {};
  std::span<const Sequential> further = {};
  bool multi_label = false;
  Json answers = {};
  ApplicationRecord application = {};
  TrainingRecord training = {};
};

void save_wide(const std::filesystem::path& file, const WideParts& parts);
/// Error(format) for anything that save_wide() cannot have written.
WideModel load_wide(const ModelFile& file);

}  // namespace rondo
