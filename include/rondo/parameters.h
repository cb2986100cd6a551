/// Parameters: who owns them (ParameterStore), how modules come by them (Scope), and how they come to a file
/// and back without a model around them.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/autograd.h>
#include <rondo/layers.h>

namespace [[gnu::visibility("default")]] rondo {

/// The first values of a weight matrix [rows, columns].
struct Initial {
  Initializer kind = Initializer::glorot_uniform;
  /// Of uniform: values lie in [-scale, scale]. Of the others: a factor.
  float scale = 1;
  /// The matrix is this many blocks of rows, each initialised by itself (gate by gate; fan-out is a block's).
  int blocks = 1;
  /// Only this block gets these values, the others zeros (a forget gate's bias); -1: all of them.
  int only_block = -1;
};

/// One parameter of a model.
struct Parameter {
  std::string name;  ///< full name, "encoder.weight_ih_l0"
  std::shared_ptr<Leaf> leaf;
};

/// Owns the values and gradients of all parameters of a model, in a few large blocks of memory. The values of
/// a loaded model are read from its file, and compared with their checksums, when they are first used.
class ParameterStore {
 public:
  /// Answers for a parameter's first value; used for loading. Throws Error(format) naming what is missing or
  /// misshapen. Kept until complete(): what it refers to must live as long.
  using Source = std::function<Tensor(const std::string& name, const Shape& shape)>;

  /// Fresh parameters: their values are functions of (seed, name), whatever the order of creation.
  explicit ParameterStore(std::uint64_t seed = 1, DType type = DType::f32);
  /// Parameters with the values that `source` gives.
  explicit ParameterStore(Source source, DType type = DType::f32);
  ~ParameterStore();
  ParameterStore(const ParameterStore&) = delete;
  ParameterStore& operator=(const ParameterStore&) = delete;

  DType dtype() const noexcept;
  /// In order of creation.
  std::span<const Parameter> parameters() const noexcept;
  /// Null when there is none of that name.
  const Parameter* find(std::string_view name) const noexcept;
  /// Numbers in all parameters.
  std::int64_t count() const noexcept;

  /// A copy of a parameter's value; Error(option) with the nearest name when there is none.
  Tensor get(std::string_view name) const;
  /// Error(shape) for another shape; converts f32 and f64.
  void set(std::string_view name, const Tensor& value);
  /// Frozen parameters keep their values and gather no gradient. Applies to a parameter of that name and all
  /// below it; Error(option) when there is none.
  void freeze(std::string_view name_or_prefix, bool frozen = true);
  void zero_gradients();

  /// Reads what is still in a file, and closes it: for a program that would rather wait, or hear of a damaged
  /// file, when it starts than when it answers. Error(format) naming the tensor that is damaged, Error(io).
  void read_all() const;
  /// Says that all modules have been made. With a source, which it lets go of, a parameter that is new after
  /// that is an Error(usage).
  void complete() noexcept;

 private:
  friend class Scope;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A place in the parameter tree. `scope / "lstm"` names a child; there is no other way to a parameter.
/// Whoever asks at the same place for the same name gets the same one, so weights are tied by making two
/// modules at one Scope.
class Scope {
 public:
  /// The root of a store, which must outlive every module made under it (modules share its memory).
  explicit Scope(std::shared_ptr<ParameterStore> store);
  Scope operator/(std::string_view child) const;
  /// The parameter `name` here. Asking twice gives the same one (shared weights); another shape then is a
  /// Bug. A sparse one gathers gradients row by row.
  Var parameter(std::string_view name, Shape shape, Initial initial = {}, bool sparse = false) const;
  /// "encoder.lstm"; empty at the root.
  const std::string& path() const noexcept { return path_; }
  /// What random operations of a module here are keyed by: a hash of the path and `name`.
  std::uint64_t key(std::string_view name) const noexcept;

 private:
  std::shared_ptr<ParameterStore> store_;
  std::string path_;
};

/// Writes all parameters to a safetensors file that any reader opens: arrays of their names, shapes and type,
/// no metadata. The file appears whole or not at all. Error(io) when it cannot be written.
void save_parameters(const ParameterStore& store, const std::filesystem::path& file);

/// The arrays of a safetensors file as a Source of parameters:
///
///     const ParameterFile file("net.safetensors");
///     const auto store = std::make_shared<ParameterStore>(file);
///     const Net net(Scope(store), options);      // asks for its parameters, and so reads them
///     file.check_all_read();
///
/// Error(io) when there is no such file, Error(format) for what is none. The file must not change while
/// parameters are still to come. Copies share what they know.
class ParameterFile {
 public:
  explicit ParameterFile(const std::filesystem::path& file);
  /// Of that name, with the file's numbers (F16 and BF16 as f32). Error(format) naming file and parameter
  /// when it is missing, misshapen, or of whole numbers.
  Tensor operator()(const std::string& name, const Shape& shape) const;
  /// Error(format) naming the first array that nobody asked for.
  void check_all_read() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace rondo
