/// Model files: one safetensors file whose metadata hold the header (docs/model-file.md).
#pragma once
#include <filesystem>
#include <string>

#include <rondo/model.h>

#include "base/safetensors.h"

namespace rondo {

/// Writes the header and the weights, with matrices in `type`. The file appears complete or not at all, and
/// its bytes depend on nothing else.
void write_model_file(const std::filesystem::path& file, const std::string& header,
                      const ParameterStore& weights, WeightType type = WeightType::f32);

/// Whether a weight is a matrix, which can have another type.
bool is_matrix(const Tensor& weight);
/// Rounds all matrices to numbers of `type`.
void round_matrices(const ParameterStore& weights, WeightType type);

/// An opened file with a header, whose content is not yet checked.
class ModelFile {
 public:
  /// Error(io) if it cannot be read, Error(format) if it is not a rondo model.
  explicit ModelFile(const std::filesystem::path& file);
  explicit ModelFile(safetensors::Reader reader);

  const std::string& name() const noexcept { return reader_.name(); }
  const std::string& header() const;
  const safetensors::Reader& arrays() const noexcept { return reader_; }

  /// bf16 or int8 if every matrix is kept so, else f32.
  WeightType weight_type() const;
  /// Whether an array holds the scales of another one, which is kept in 8 bits.
  bool is_scale(const safetensors::Entry& entry) const;
  /// An array's numbers as a tensor: f64 if it is F64 in the file, else f32.
  Tensor tensor(const safetensors::Entry& entry) const;
  /// A source for a ParameterStore. Error(format) names what is missing or has another shape.
  ParameterStore::Source source() const;
  /// Error(format) if the file has an array that the model lacks.
  void check_used(const ParameterStore& store) const;

 private:
  Tensor scaled(const safetensors::Entry& entry) const;

  safetensors::Reader reader_;
};

/// What load() does with a file, for bytes from anywhere.
Sequential load_sequential(const ModelFile& file);

}  // namespace rondo
