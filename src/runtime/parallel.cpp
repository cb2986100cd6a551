#include "runtime/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "runtime/flush_denormals.h"
#include "runtime/runtime_impl.h"

namespace rondo {
namespace {

thread_local bool inside_piece = false;

/// One region as its pieces see it.
struct Region {
  Runtime* runtime;
  FunctionRef<void(int)> body;
  std::mutex mutex;
  std::exception_ptr failure;
  int failed_piece = 0;

  /// Of several failures the lowest piece's counts: the one that a single thread would have met.
  void keep(int piece) {
    const std::lock_guard lock(mutex);
    if (!failure || piece < failed_piece) {
      failure = std::current_exception();
      failed_piece = piece;
    }
  }
};

void run_piece(void* job, int piece) {
  auto& region = *static_cast<Region*>(job);
  const Runtime::Use use(*region.runtime);
  const FlushDenormals flush;
  inside_piece = true;
  try {
    region.body(piece);
  } catch (...) {
    region.keep(piece);
  }
  inside_piece = false;
}

void run_region(int pieces, FunctionRef<void(int)> body) {
  Runtime& runtime = Runtime::current();
  Region region{.runtime = &runtime, .body = body};
  runtime.impl().pool.run(pieces, run_piece, &region);
  if (region.failure) std::rethrow_exception(region.failure);
}

}  // namespace

int parallelism() {
  return inside_piece ? 1 : Runtime::current().threads();
}

void parallel_for(std::int64_t count, std::int64_t grain,
                  FunctionRef<void(std::int64_t begin, std::int64_t end)> body) {
  if (count <= 0) return;
  const std::int64_t most = count / std::max<std::int64_t>(1, grain);
  const int pieces = most <= 1 ? 1 : static_cast<int>(std::min<std::int64_t>(most, parallelism()));
  if (pieces == 1) {
    const FlushDenormals flush;
    body(0, count);
    return;
  }
  run_region(pieces, [&](int piece) { body(count * piece / pieces, count * (piece + 1) / pieces); });
}

void parallel_parts(int parts, FunctionRef<void(int part)> body) {
  const int pieces = parts <= 1 ? 1 : std::min(parts, parallelism());
  if (pieces == 1) {
    const FlushDenormals flush;
    for (int part = 0; part < parts; ++part)
      body(part);
    return;
  }
  std::atomic<int> next = pieces;
  run_region(pieces, [&](int piece) {
    for (int part = piece; part < parts; part = next.fetch_add(1, std::memory_order_relaxed))
      body(part);
  });
}

template <>
const Kernels<float>& kernels() {
  return *Runtime::current().impl().kernels;
}
template <>
const Kernels<double>& kernels() {
  return reference_kernels<double>();
}

}  // namespace rondo
