#include "runtime/pool.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include <pthread.h>

#include "runtime/flush_denormals.h"
#include "runtime/processors.h"

namespace rondo {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto idle_spin = 50us;  ///< how long a thread waits for the next region before it parks
constexpr auto join_spin = 2ms;   ///< how long a caller waits for the last piece before it parks

void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Returns true as soon as `ready()` is true, and false after `limit`.
template <class Ready>
bool spin(Clock::duration limit, Ready ready) {
  if (ready()) return true;
  if (limit <= Clock::duration::zero()) return false;
  const auto end = Clock::now() + limit;
  do {
    for (int turn = 0; turn < 64; ++turn) {
      if (ready()) return true;
      relax();
    }
  } while (Clock::now() < end);
  return ready();
}

/// Set in the child of a fork, where none of the parent's threads exist.
std::atomic<unsigned> forks = 0;

void count_forks() {
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  static_cast<void>(registered);
}

}  // namespace

class ThreadPool::Team {
 public:
  explicit Team(int threads)
      : claims_(static_cast<std::size_t>(threads)),
        idle_spin_(threads <= usable_processors() ? Clock::duration(idle_spin) : Clock::duration::zero()),
        join_spin_(threads <= usable_processors() ? Clock::duration(join_spin) : Clock::duration(idle_spin)) {
  }
  ~Team() { end_threads(); }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  void end_threads() noexcept;
  /// Returns false if the team is busy.
  bool try_run(int pieces, Piece piece, void* job);
  bool of_this_process() const noexcept { return born_ == forks.load(std::memory_order_relaxed); }

 private:
  // A region is announced by one word: its number, above the count of its pieces. A piece is claimed by
  // writing the region's number into its slot, which nobody can do once the region is over, because then
  // all its pieces have been claimed. So a thread that comes late touches nothing but its slot.
  struct alignas(64) Claim {
    std::atomic<std::uint64_t> region = 0;
  };
  static constexpr int piece_bits = 16;

  void start_threads();
  void work(int self);
  void park(std::uint64_t seen);
  void take_pieces(std::uint64_t word, int first);
  /// Whether the others end the region soon. Reading their slots would take away the slots' cache lines
  /// before they claim them.
  bool soon_over(std::uint64_t word) const;
  void wait_for_others();

  std::vector<Claim> claims_;
  const Clock::duration idle_spin_, join_spin_;
  const unsigned born_ = forks.load(std::memory_order_relaxed);
  alignas(64) std::atomic<std::uint64_t> word_ = 0;
  bool started_ = false;  ///< the rest of this line belongs to whoever holds busy_
  Piece piece_ = nullptr;
  void* job_ = nullptr;
  alignas(64) std::atomic<int> unfinished_ = 0;
  alignas(64) std::atomic<bool> busy_ = false;
  alignas(64) std::atomic<bool> stopping_ = false;  ///< this line is read while waiting
  std::atomic<int> parked_ = 0;
  std::atomic<bool> caller_parked_ = false;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::vector<std::thread> threads_;
};

void ThreadPool::Team::end_threads() noexcept {
  std::vector<std::thread> ending;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ending.swap(threads_);
  }
  wake_.notify_all();
  for (auto& thread : ending) {
    // A piece that ends the process gets here on one of the team's own threads.
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();
    } else {
      thread.join();
    }
  }
}

void ThreadPool::Team::start_threads() {
  const std::lock_guard lock(mutex_);
  if (stopping_ || !threads_.empty()) return;
  threads_.reserve(claims_.size());
  while (threads_.size() + 1 < claims_.size()) {
    const int self = static_cast<int>(threads_.size()) + 1;
    try {
      threads_.emplace_back([this, self] { work(self); });
    } catch (const std::system_error&) {
      return;  // the system gives no more threads: those that exist take the pieces
    }
  }
}

bool ThreadPool::Team::try_run(int pieces, Piece piece, void* job) {
  if (busy_.exchange(true, std::memory_order_acquire)) return false;
  if (!started_) {
    start_threads();
    started_ = true;
  }
  // Written before the word, because threads that watch the word would take away its cache line between the
  // stores.
  unfinished_.store(pieces, std::memory_order_relaxed);
  piece_ = piece;
  job_ = job;
  const std::uint64_t region = (word_.load(std::memory_order_relaxed) >> piece_bits) + 1;
  const std::uint64_t word = (region << piece_bits) | static_cast<std::uint64_t>(pieces);
  word_.store(word);
  if (parked_.load() > 0) {
    { const std::lock_guard lock(mutex_); }  // a thread about to park has seen the word or waits by now
    wake_.notify_all();
  }
  take_pieces(word, 0);
  wait_for_others();
  busy_.store(false, std::memory_order_release);
  return true;
}

void ThreadPool::Team::take_pieces(std::uint64_t word, int first) {
  const std::uint64_t region = word >> piece_bits;
  const int pieces = static_cast<int>(word & ((1U << piece_bits) - 1));
  // The caller runs its own piece first, so that the next region of the same shape finds its data in this
  // core's cache.
  for (int turn = 0; turn < pieces; ++turn) {
    if (turn == 1 && soon_over(word)) return;
    const int piece = (first + turn) % pieces;
    auto& slot = claims_[static_cast<std::size_t>(piece)].region;
    std::uint64_t before = slot.load(std::memory_order_relaxed);
    if (before >= region || !slot.compare_exchange_strong(before, region, std::memory_order_acq_rel))
      continue;
    piece_(job_, piece);
    if (unfinished_.fetch_sub(1) == 1 && caller_parked_.load()) {
      { const std::lock_guard lock(mutex_); }
      done_.notify_one();
    }
  }
}

bool ThreadPool::Team::soon_over(std::uint64_t word) const {
  for (int turn = 0; turn < 16 && parked_.load(std::memory_order_relaxed) == 0; ++turn) {
    if (unfinished_.load(std::memory_order_acquire) == 0) return true;
    if (word_.load(std::memory_order_relaxed) != word) return true;
    relax();
  }
  return false;
}

void ThreadPool::Team::wait_for_others() {
  const auto finished = [this] { return unfinished_.load(std::memory_order_acquire) == 0; };
  if (spin(join_spin_, finished)) return;
  std::unique_lock lock(mutex_);
  caller_parked_ = true;
  done_.wait(lock, [this] { return unfinished_.load() == 0; });
  caller_parked_ = false;
}

void ThreadPool::Team::park(std::uint64_t seen) {
  std::unique_lock lock(mutex_);
  ++parked_;
  wake_.wait(lock, [&] { return stopping_ || word_.load() != seen; });
  --parked_;
}

void ThreadPool::Team::work(int self) {
  const FlushDenormals flush;
  std::uint64_t seen = 0;
  const auto called = [&] { return word_.load(std::memory_order_acquire) != seen || stopping_; };
  for (;;) {
    if (!spin(idle_spin_, called)) park(seen);
    if (stopping_) return;
    seen = word_.load(std::memory_order_acquire);
    take_pieces(seen, self);
  }
}

ThreadPool::ThreadPool(int threads) : threads_(std::max(1, threads)) {}

// The child of a fork has none of its parent's threads, so it leaves their team alone.
ThreadPool::~ThreadPool() {
  Team* const team = team_.load();
  if (team != nullptr && team->of_this_process()) delete team;
}

void ThreadPool::stop() noexcept {
  stopped_ = true;
  Team* const team = team_.load();
  if (team != nullptr && team->of_this_process()) team->end_threads();
}

ThreadPool::Team* ThreadPool::team() {
  Team* found = team_.load(std::memory_order_acquire);
  if (found != nullptr && found->of_this_process()) return found;
  count_forks();
  auto fresh = std::make_unique<Team>(threads_);
  if (team_.compare_exchange_strong(found, fresh.get(), std::memory_order_acq_rel)) return fresh.release();
  return found;
}

void ThreadPool::run(int pieces, Piece piece, void* job) {
  if (pieces > 1 && !stopped_.load(std::memory_order_relaxed) && team()->try_run(pieces, piece, job)) return;
  for (int i = 0; i < pieces; ++i)
    piece(job, i);
}

}  // namespace rondo
