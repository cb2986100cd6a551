/// Where the work runs: threads, instruction set, memory.
///
/// A process default exists (all cores; RONDO_THREADS and RONDO_ISA are read once). A program that wants its
/// own makes a Runtime and puts it in force for a scope. Results never depend on the number of threads.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace [[gnu::visibility("default")]] rondo {

struct RuntimeOptions {
  int threads = 0;       ///< 0: as many as the process may use
  std::string isa = {};  ///< avx512vnni, avx512, avx2, sse4, scalar; empty: RONDO_ISA, else the best
};

/// Owns a thread pool and chooses the kernels. Thread-safe: several threads may compute on one Runtime. A
/// thread that computes needs 512 KB of stack; the pushes of a Stream get by with 128 KB.
class Runtime {
 public:
  /// Throws Error(option) for an instruction set the machine lacks or threads outside 0..1024.
  explicit Runtime(RuntimeOptions options = {});
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  int threads() const noexcept;
  std::string_view isa() const noexcept;

  /// The innermost Use of this thread, else the process default.
  static Runtime& current();
  /// Instruction sets that this machine has and this build knows, best first; "scalar" is the last.
  static std::vector<std::string> isas();

  /// Puts a runtime in force on this thread until the end of the scope.
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
