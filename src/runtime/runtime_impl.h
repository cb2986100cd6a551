/// The parts of a Runtime.
#pragma once
#include <rondo/runtime.h>

#include "kernels/kernels.h"
#include "runtime/pool.h"

namespace rondo {

struct Runtime::Impl {
  Impl(int threads, const Kernels<float>* table) : pool(threads), kernels(table) {}

  ThreadPool pool;
  const Kernels<float>* kernels;
};

}  // namespace rondo
