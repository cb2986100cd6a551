/// Checkpoints on disk: FOLDER/NNNNNN/, each complete or not there at all.
///
/// One is filled under a temporary name, its files are on the disk before it is renamed, and it is never
/// written again. Whoever is killed leaves at worst a temporary folder, which the next one removes.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rondo/train.h>

#include "base/json.h"

namespace rondo {

struct CheckpointContent {
  std::string header;      ///< what the model says about itself, opaque here
  NamedTensors weights;    ///< weights.safetensors
  NamedTensors optimizer;  ///< optimizer.safetensors
  NamedTensors kept;       ///< kept.safetensors: "slot/parameter", e.g. the best weights so far
  NamedTensors average;    ///< average.safetensors, where there is one: running averages of the weights
  NamedTensors carried;    ///< carried.safetensors, where there is something: Trainable::carried()
  Json state;              ///< state.json: all else
};

/// Writes the next checkpoint of the folder and removes all but the newest `keep`. Error(io) on a full disk
/// and the like; the older ones stay then.
void write_checkpoint(const std::filesystem::path& folder, int keep, const CheckpointContent& content);

/// The newest checkpoint, or nothing when the folder has none (or is missing). Error(format) for one that is
/// damaged.
std::optional<CheckpointContent> read_newest_checkpoint(const std::filesystem::path& folder);

/// The newest one's own folder, or nothing.
std::optional<std::filesystem::path> newest_checkpoint(const std::filesystem::path& folder);

/// Removes all checkpoints of the folder, complete or not.
void remove_checkpoints(const std::filesystem::path& folder);

}  // namespace rondo
