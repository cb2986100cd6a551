/// Parameters: their owner (ParameterStore), how modules get them (Scope), and how to save and load them
/// without a model.
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

/// The initial values of a weight matrix [rows, columns].
struct Initial {
  Initializer kind = Initializer::glorot_uniform;
  /// For `uniform`, values are in [-scale, scale]. For the others, a factor.
  float scale = 1;
  /// The matrix consists of this many blocks of rows (one per gate). Each is initialised separately, with its
  /// own fan-out.
  int blocks = 1;
  /// Only this block gets the values, and the others get zeros (used for a forget gate's bias). -1: all
  /// blocks.
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

  /// For fresh parameters. Their values are functions of (seed, name), regardless of the order of creation.
  explicit ParameterStore(std::uint64_t seed = 1, DType type = DType::f32);
  /// For parameters with the values that `source` gives.
  explicit ParameterStore(Source source, DType type = DType::f32);
  ~ParameterStore();
  ParameterStore(const ParameterStore&) = delete;
  ParameterStore& operator=(const ParameterStore&) = delete;

  DType dtype() const noexcept;
  /// All parameters, in order of creation.
  std::span<const Parameter> parameters() const noexcept;
  /// Null if there is no parameter of that name.
  const Parameter* find(std::string_view name) const noexcept;
  /// How many numbers all parameters hold together.
  std::int64_t count() const noexcept;

  /// A copy of a parameter's value. Error(option), with the nearest name, if there is no such parameter.
  Tensor get(std::string_view name) const;
  /// Sets a parameter's value, converting between f32 and f64. Error(shape) for another shape.
  void set(std::string_view name, const Tensor& value);
  /// Frozen parameters keep their values and get no gradient. This applies to the parameter of that name and
  /// to all parameters below it. Error(option) if there is none.
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

/// A place in the parameter tree. `scope / "lstm"` is a child. There is no other way to get a parameter.
/// Asking twice at one place for one name gives the same parameter, so two modules made at one Scope have
/// tied weights.
class Scope {
 public:
  /// The root of a store. The store must outlive every module made under it, because modules share its
  /// memory.
  explicit Scope(std::shared_ptr<ParameterStore> store);
  Scope operator/(std::string_view child) const;
  /// The parameter `name` at this place. Asking twice gives the same parameter; asking for another shape then
  /// is a Bug. A sparse parameter collects gradients row by row.
  Var parameter(std::string_view name, Shape shape, Initial initial = {}, bool sparse = false) const;
  /// For example "encoder.lstm"; empty at the root.
  const std::string& path() const noexcept { return path_; }
  /// A key for random operations of a module at this place: a hash of the path and `name`.
  std::uint64_t key(std::string_view name) const noexcept;

 private:
  std::shared_ptr<ParameterStore> store_;
  std::string path_;
};

/// Writes all parameters to a safetensors file, which any safetensors reader can open. It holds the arrays
/// with their names, shapes and type, without metadata. The file appears complete or not at all. Error(io) if
/// it cannot be written.
void save_parameters(const ParameterStore& store, const std::filesystem::path& file);

/// Makes the arrays of a safetensors file a Source of parameters:
///
///     const ParameterFile file("net.safetensors");
///     const auto store = std::make_shared<ParameterStore>(file);
///     const Net net(Scope(store), options);      // the module asks for its parameters, which reads them
///     file.check_all_read();
///
/// Error(io) if there is no such file; Error(format) if it is no safetensors file. The file must not change
/// until all parameters are read. Copies share their state.
class ParameterFile {
 public:
  explicit ParameterFile(const std::filesystem::path& file);
  /// The array of that name; F16 and BF16 become f32. Error(format), naming the file and the parameter, if
  /// the array is missing, has another shape, or holds whole numbers.
  Tensor operator()(const std::string& name, const Shape& shape) const;
  /// Error(format) naming the first array that was never read.
  void check_all_read() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace rondo
