#include "nn/watch.h"

#include <utility>

namespace rondo::nn {
namespace {

thread_local Watcher* current = nullptr;

}  // namespace

Watcher* watcher() noexcept {
  return current;
}

Watcher* exchange_watcher(Watcher* next) noexcept {
  return std::exchange(current, next);
}

}  // namespace rondo::nn
