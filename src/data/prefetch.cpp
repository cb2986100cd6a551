#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include <rondo/data.h>

namespace rondo::data {

struct Prefetch::Impl {
  static constexpr std::size_t ahead = 2;  // batches that wait; one more is being packed

  Epoch epoch;
  std::size_t position;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Batch> ready;
  std::exception_ptr failure;
  bool finished = false, stopped = false;
  std::thread worker;

  Impl(Epoch walked, std::size_t begin) : epoch(std::move(walked)), position(begin) {
    worker = std::thread([this, begin] { run(begin); });
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      stopped = true;
    }
    changed.notify_all();
    worker.join();
  }

  void run(std::size_t begin) {
    try {
      for (std::size_t number = begin; number < epoch.size() && add(epoch.batch(number)); ++number) {
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    finished = true;
    changed.notify_all();
  }

  /// Waits for room; false when nobody wants more.
  bool add(Batch batch) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return stopped || ready.size() < ahead; });
    if (stopped) return false;
    ready.push_back(std::move(batch));
    changed.notify_all();
    return true;
  }
};

Prefetch::Prefetch(Epoch epoch, std::size_t begin) : impl_(std::make_unique<Impl>(std::move(epoch), begin)) {}
Prefetch::Prefetch(Prefetch&&) noexcept = default;
Prefetch::~Prefetch() = default;

std::optional<Batch> Prefetch::next() {
  std::unique_lock lock(impl_->mutex);
  impl_->changed.wait(lock, [&] { return !impl_->ready.empty() || impl_->finished; });
  if (impl_->ready.empty()) {
    if (impl_->failure) std::rethrow_exception(impl_->failure);
    return std::nullopt;
  }
  Batch batch = std::move(impl_->ready.front());
  impl_->ready.pop_front();
  ++impl_->position;
  impl_->changed.notify_all();
  return batch;
}

std::size_t Prefetch::position() const noexcept {
  return impl_->position;
}

}  // namespace rondo::data
