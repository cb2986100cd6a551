/// Model files: one safetensors file whose metadata hold the header (docs/model-file.md).
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/model.h>

#include "base/json.h"
#include "base/safetensors.h"
#include "model/header.h"

namespace rondo {

/// Writes header and weights, the matrices among these in `type`; the file appears whole or not at all, and
/// its bytes depend on them alone. Long texts of the header become arrays, which are read without being
/// parsed.
/// `others`: arrays that are no weights of a network.
void write_model_file(const std::filesystem::path& file, Json header, const ParameterStore& weights,
                      WeightType type = WeightType::f32, std::vector<safetensors::Item> others = {});
/// The same bytes in memory.
std::string model_file_bytes(Json header, const ParameterStore& weights, WeightType type = WeightType::f32);
/// What the names of a wide branch's arrays begin with; no parameter is called so.
constexpr std::string_view wide_prefix = "wide/";

/// Whether a weight is a matrix, which can have another type.
bool is_matrix(const Tensor& weight);
/// Rounds all matrices to numbers of `type`.
void round_matrices(const ParameterStore& weights, WeightType type);
/// Says that their numbers are rounded already.
void mark_matrices(const ParameterStore& weights, WeightType type);

/// A file that was opened and whose header was found, but not yet believed. A handle: copies share the open
/// file, and so do the tensors that are yet to be read from it.
class ModelFile {
 public:
  /// Error(io) if it cannot be read, Error(format) if it is not a rondo model.
  explicit ModelFile(const std::filesystem::path& file);
  explicit ModelFile(safetensors::Reader reader);

  const std::string& name() const noexcept { return reader_->name(); }
  /// One JSON object, its long texts being elsewhere. Error(format) if its format is not one that we read.
  const Json& header() const;
  ModelKind kind() const;
  /// All of it but its bytes, for which a text stands. Error(format) for another kind of model, or a text or
  /// bytes that are not where they should be.
  Json header_tree(ModelKind kind) const;
  /// Reads those bytes, and compares them with their checksums.
  BytesOf bytes_of() const;
  const safetensors::Reader& arrays() const noexcept { return *reader_; }

  /// bf16 or int8 if every matrix is kept so, else f32.
  WeightType weight_type() const;
  /// False for an array that is a part of the header or of a wide branch, or holds the scales of another one,
  /// which is in 8 bits.
  bool is_weight(const safetensors::Entry& entry) const;
  /// An array as a tensor, f64 if it is F64 in the file, else f32: the numbers that it stands for, all of
  /// them finite. Of a file with checksums, a block is read when it is first used, and refused with
  /// Error(format) naming the array when it is damaged; any other file is read here.
  Tensor tensor(const safetensors::Entry& entry) const;
  /// A source for a ParameterStore. Error(format) names what is missing or has another shape.
  ParameterStore::Source source() const;
  /// Error(format) if the file has an array that the model lacks.
  void check_used(const ParameterStore& store) const;

 private:
  struct Header;
  class Memory;
  std::shared_ptr<const safetensors::Reader> reader_;
  std::shared_ptr<Header> header_;  ///< parsed when it is first asked for
  std::shared_ptr<Memory> memory_;
};

/// What reading all of a file has found.
struct Verified {
  bool checksums = false;    ///< whether it has them
  std::uint64_t blocks = 0;  ///< of weights
};
/// Reads every weight, and compares it with its checksum where the file has them. Error(format) naming the
/// arrays that are damaged or hold numbers that are not finite.
Verified verify(const ModelFile& file);

/// What load() does with a file, for bytes from anywhere.
Sequential load_sequential(const ModelFile& file);
/// The network of a file that has this header, its weights all used.
Sequential network_in(const ModelFile& file, const SequentialHeader& header);

}  // namespace rondo
