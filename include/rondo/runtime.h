/// Where the work runs: threads and instruction set.
///
/// Each process has a default Runtime (all cores; it reads RONDO_THREADS and RONDO_ISA once). A program that
/// needs other settings makes its own Runtime and applies it for a scope. Results never depend on the number
/// of threads.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace [[gnu::visibility("default")]] rondo {

struct RuntimeOptions {
  int threads = 0;  ///< 0: as many as the process may use
  /// avx512amx, avx512vnni, avx512, avx2, sse4 or scalar. Empty: RONDO_ISA if it is set, else the best one.
  std::string isa = {};
};

/// Owns a thread pool and chooses the kernels. Thread-safe: several threads may compute on one Runtime. A
/// computing thread needs 512 KB of stack; pushes to a Stream need only 128 KB.
class Runtime {
 public:
  /// Error(option) for an instruction set that the machine lacks, or for threads outside 0 to 1024.
  explicit Runtime(RuntimeOptions options = {});
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  int threads() const noexcept;
  std::string_view isa() const noexcept;

  /// The Runtime of this thread's innermost Use, else the process default.
  static Runtime& current();
  /// The instruction sets that this machine has and this build knows, best first; the last is "scalar".
  static std::vector<std::string> isas();

  /// Makes a Runtime the current one on this thread until the end of the scope.
  class Use {
   public:
    explicit Use(Runtime& runtime);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    Runtime* outer_;
  };

  struct Impl;
  Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace rondo
