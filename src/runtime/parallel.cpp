#include "runtime/parallel.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <numeric>
#include <vector>

#include "runtime/flush_denormals.h"
#include "runtime/runtime_impl.h"

namespace rondo {
namespace {

thread_local bool inside_piece = false;

/// A parallel region in the view of its pieces.
struct Region {
  Runtime* runtime;
  FunctionRef<void(int)> body;
  std::mutex mutex;
  std::exception_ptr failure;
  int failed_piece = 0;

  /// Of several failures, that of the lowest piece counts, because a single thread would have met it first.
  void keep(int piece) {
    const std::lock_guard lock(mutex);
    if (!failure || piece < failed_piece) {
      failure = std::current_exception();
      failed_piece = piece;
    }
  }
};

/// The data of a piece are above the region on the caller's stack, in the caller's cache. Prefetches all of
/// it at once, instead of line by line as one reference leads to the next.
void fetch_stack(const void* region) {
  constexpr std::uintptr_t line = 64, lines = 16;
  const auto begin = reinterpret_cast<std::uintptr_t>(region);
  for (std::uintptr_t i = 0; i < lines; ++i)
    __builtin_prefetch(reinterpret_cast<const void*>(begin + i * line));
}

void run_piece(void* job, int piece) {
  auto& region = *static_cast<Region*>(job);
  fetch_stack(job);
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

/// The begins of the shares of `pieces` threads in `all` the work, and the end.
std::vector<std::size_t> shares_of(std::span<const std::int64_t> work, std::int64_t all, int pieces) {
  std::vector<std::size_t> bounds = {0};
  std::int64_t before = 0;
  for (std::size_t part = 0; part < work.size(); ++part) {
    // A part belongs to the share that contains its middle.
    const std::int64_t middle = before + work[part] / 2;
    while (static_cast<int>(bounds.size()) < pieces &&
           middle * pieces >= all * static_cast<std::int64_t>(bounds.size()))
      bounds.push_back(part);
    before += work[part];
  }
  bounds.resize(static_cast<std::size_t>(pieces) + 1, work.size());
  return bounds;
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
  if (parts == pieces) return run_region(pieces, body);
  std::atomic<int> next = pieces;
  run_region(pieces, [&](int piece) {
    for (int part = piece; part < parts; part = next.fetch_add(1, std::memory_order_relaxed))
      body(part);
  });
}

void parallel_balanced(std::span<const std::int64_t> work, std::int64_t grain,
                       FunctionRef<void(std::size_t part)> body) {
  const std::int64_t all = std::accumulate(work.begin(), work.end(), std::int64_t{0});
  const std::int64_t most = std::min<std::int64_t>(parallelism(), all / std::max<std::int64_t>(1, grain));
  const int pieces = static_cast<int>(std::min(most, static_cast<std::int64_t>(work.size())));
  if (pieces <= 1) {
    const FlushDenormals flush;
    for (std::size_t part = 0; part < work.size(); ++part)
      body(part);
    return;
  }
  const std::vector<std::size_t> bounds = shares_of(work, all, pieces);
  std::vector<std::atomic<bool>> begun(work.size());
  run_region(pieces, [&](int piece) {
    const auto take = [&](std::size_t part) {
      if (begun[part].load(std::memory_order_relaxed)) return;
      if (!begun[part].exchange(true, std::memory_order_relaxed)) body(part);
    };
    for (int turn = 0; turn < pieces; ++turn) {
      const auto of = static_cast<std::size_t>((piece + turn) % pieces);
      const std::size_t begin = bounds[of], end = bounds[of + 1];
      for (std::size_t i = 0; i < end - begin; ++i)  // others' from the end, which they reach last
        take(turn == 0 ? begin + i : end - 1 - i);
    }
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
