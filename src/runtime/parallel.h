/// Parallel loops for tensor/ and ops/. Kernels are serial; nested calls run serially.
#pragma once
#include <cstdint>
#include <span>

#include "kernels/kernels.h"
#include "runtime/function_ref.h"

namespace rondo {

/// Calls body(begin, end) over contiguous pieces of [0, count), on the current runtime's threads; the caller
/// takes part. A piece has at least `grain` items, so small loops stay on the caller. The first exception
/// thrown by a piece is rethrown here. The body must not let its result depend on where the pieces end.
void parallel_for(std::int64_t count, std::int64_t grain,
                  FunctionRef<void(std::int64_t begin, std::int64_t end)> body);

/// Runs body(0) .. body(parts - 1), at the same time if there are enough threads. Parts must not wait for one
/// another, because they run one after another if the threads are busy.
void parallel_parts(int parts, FunctionRef<void(int part)> body);

/// Runs body(part) for each part, which has `work[part]` in any unit. One thread is used per `grain` of work.
/// Each thread begins with its own share of neighbouring parts, always the same ones, so that it finds their
/// data in its cache when the region is repeated. Then it takes over parts that others have not begun. Parts
/// must not wait for one another. One of their exceptions is rethrown here.
void parallel_balanced(std::span<const std::int64_t> work, std::int64_t grain,
                       FunctionRef<void(std::size_t part)> body);

/// How many threads parallel_for would use now; 1 inside a parallel piece.
int parallelism();

/// The kernels of the current runtime for f32 (of its instruction set) or f64 (always the reference).
template <class T>
const Kernels<T>& kernels();

}  // namespace rondo
