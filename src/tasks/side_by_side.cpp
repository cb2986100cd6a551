#include "tasks/side_by_side.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/parallel.h"

namespace rondo {

void run_side_by_side(std::size_t count, FunctionRef<void(std::size_t number)> body) {
  const auto threads = static_cast<std::size_t>(parallelism());
  const std::size_t rest = count % threads;
  const bool alone = count == 1 || (count > threads && 2 * rest <= threads);
  const std::size_t together = alone ? count - rest : count;
  parallel_balanced(std::vector<std::int64_t>(together, 1), 1, body);
  for (std::size_t number = together; number < count; ++number)
    body(number);
}

std::function<bool()> once_for_all(std::function<bool()> ask) {
  struct Asked {
    std::mutex mutex;
    bool stopped = false;
  };
  return [asked = std::make_shared<Asked>(), ask = std::move(ask)] {
    const std::lock_guard lock(asked->mutex);
    return asked->stopped = asked->stopped || (ask && ask());
  };
}

}  // namespace rondo
