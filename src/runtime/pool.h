/// A team of threads that wait for short pieces of work: fork and join in well under a microsecond while the
/// team is warm, nothing burnt while it is idle.
///
/// Idle threads spin for a short time, then park. The caller takes part, and takes over every piece that no
/// thread has begun, so that a thread the system has put aside delays nobody. Whoever finds the team busy
/// (another thread of the program computes) does its pieces alone.
#pragma once
#include <atomic>
#include <memory>

namespace rondo {

class ThreadPool {
 public:
  /// One piece of a region; `job` is what the caller handed to run().
  using Piece = void (*)(void* job, int piece);

  /// Threads start only with the first region that needs them.
  explicit ThreadPool(int threads);
  /// Stops the threads and waits for them.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const noexcept { return threads_; }
  /// Runs piece(job, 0) .. piece(job, pieces - 1) and returns when all are done; `pieces` may be at most
  /// threads(). No piece may throw, and none may wait for another: they may run one after the other.
  void run(int pieces, Piece piece, void* job);
  /// Ends the threads; later regions run on their caller. For the end of the process.
  void stop() noexcept;

 private:
  class Team;
  Team* team();

  const int threads_;
  std::atomic<Team*> team_ = nullptr;
  std::atomic<bool> stopped_ = false;
};

}  // namespace rondo
