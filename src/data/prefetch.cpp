#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include <rondo/data/prefetch.h>

namespace rondo::data::detail {

struct Ahead::Impl {
  static constexpr std::size_t ahead = 2;  // batches that wait; one more is being made

  std::size_t position, end;
  Make make;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::shared_ptr<void>> ready;
  std::exception_ptr failure;
  bool finished = false, stopped = false;
  std::thread worker;

  Impl(std::size_t first, std::size_t behind_last, Make make_one)
      : position(first), end(behind_last), make(std::move(make_one)) {
    worker = std::thread([this, first] { run(first); });
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
      for (std::size_t number = begin; number < end && add(make(number)); ++number) {
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    finished = true;
    changed.notify_all();
  }

  /// Waits for room. Returns false if no more batches are wanted.
  bool add(std::shared_ptr<void> batch) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return stopped || ready.size() < ahead; });
    if (stopped) return false;
    ready.push_back(std::move(batch));
    changed.notify_all();
    return true;
  }
};

Ahead::Ahead(std::size_t begin, std::size_t end, Make make)
    : impl_(std::make_unique<Impl>(begin, end, std::move(make))) {}
Ahead::Ahead(Ahead&&) noexcept = default;
Ahead& Ahead::operator=(Ahead&&) noexcept = default;
Ahead::~Ahead() = default;

std::shared_ptr<void> Ahead::next() {
  std::unique_lock lock(impl_->mutex);
  impl_->changed.wait(lock, [&] { return !impl_->ready.empty() || impl_->finished; });
  if (impl_->ready.empty()) {
    if (impl_->failure) std::rethrow_exception(impl_->failure);
    return nullptr;
  }
  std::shared_ptr<void> batch = std::move(impl_->ready.front());
  impl_->ready.pop_front();
  ++impl_->position;
  impl_->changed.notify_all();
  return batch;
}

std::size_t Ahead::position() const noexcept {
  return impl_->position;
}

}  // namespace rondo::data::detail
