/// Model files: one safetensors file whose metadata hold the header (docs/model-file.md).
#pragma once
#include <filesystem>
#include <string>

#include <rondo/model.h>

#include "base/safetensors.h"

namespace rondo {

/// Writes header and weights, the matrices among these in `type`; the file appears whole or not at all, and
/// its bytes depend on them alone.
void write_model_file(const std::filesystem::path& file, const std::string& header,
                      const ParameterStore& weights, WeightType type = WeightType::f32);

/// Whether a weight is one of those that have a type of their own.
bool is_matrix(const Tensor& weight);
/// Rounds those to numbers that `type` holds.
void round_matrices(const ParameterStore& weights, WeightType type);

/// A file that was opened and whose header was found, but not yet believed.
class ModelFile {
 public:
  /// Error(io) when it cannot be read, Error(format) when it is no model of rondo.
  explicit ModelFile(const std::filesystem::path& file);
  explicit ModelFile(safetensors::Reader reader);

  const std::string& name() const noexcept { return reader_.name(); }
  const std::string& header() const;
  const safetensors::Reader& arrays() const noexcept { return reader_; }

  /// bf16 or int8 if every matrix is kept so, else f32.
  WeightType weight_type() const;
  /// Whether an array holds the scales of another one, which is kept in 8 bits.
  bool is_scale(const safetensors::Entry& entry) const;
  /// An array as a tensor, f64 if it is F64 in the file, else f32: the numbers that it stands for.
  Tensor tensor(const safetensors::Entry& entry) const;
  /// Answers for a ParameterStore. Error(format) naming what is missing or misshapen.
  ParameterStore::Source source() const;
  /// Error(format) when the file has an array that the model has not.
  void check_used(const ParameterStore& store) const;

 private:
  Tensor scaled(const safetensors::Entry& entry) const;

  safetensors::Reader reader_;
};

/// What load() does with a file, for bytes from anywhere.
Sequential load_sequential(const ModelFile& file);

}  // namespace rondo
