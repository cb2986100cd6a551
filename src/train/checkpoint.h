/// Checkpoints on disk: FOLDER/NNNNNN/. Each is either complete or absent.
///
/// A checkpoint is filled under a temporary name. It is renamed when its files are on the disk, and it is
/// never written again. A killed process leaves at worst a temporary folder, which the next one removes.
#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <rondo/train.h>

#include "base/json.h"

namespace rondo {

struct CheckpointContent {
  std::string header;      ///< the model's header, opaque here
  NamedTensors weights;    ///< weights.safetensors
  NamedTensors optimizer;  ///< optimizer.safetensors
  NamedTensors kept;       ///< kept.safetensors: "slot/parameter", e.g. the best weights so far
  NamedTensors average;    ///< average.safetensors, if there is one: running averages of the weights
  NamedTensors carried;    ///< carried.safetensors, if there is a state: Trainable::carried()
  Json state;              ///< state.json: all else
};

/// Writes the next checkpoint of the folder and then removes all but the newest `keep`. Error(io) on a full
/// disk and the like; the older ones stay then. A checkpoint is a numbered folder with a valid state.json;
/// nothing else is ever removed, nor a file of another name in a checkpoint.
void write_checkpoint(const std::filesystem::path& folder, int keep, const CheckpointContent& content);

/// The newest checkpoint that is whole, or nothing when the folder has none (or is missing). `notice`
/// receives a line about each newer one that is damaged. Error(format) if all are damaged.
std::optional<CheckpointContent> read_newest_checkpoint(
    const std::filesystem::path& folder, const std::function<void(const std::string&)>& notice);

/// The folder of the newest checkpoint, or nothing.
std::optional<std::filesystem::path> newest_checkpoint(const std::filesystem::path& folder);

}  // namespace rondo
