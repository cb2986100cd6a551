/// Brings back, for the backward pass of one direction, what forward did not keep (segments.h).
#pragma once
#include <algorithm>
#include <memory>

#include "ops/recurrent/bundle.h"
#include "ops/recurrent/call_forward.h"
#include "ops/recurrent/segments.h"

namespace rondo::recurrence {

template <class Cell, class T>
class Recall {
 public:
  /// chain: whose rows will lie here.
  Recall(const Call& call, Index direction, Chain<T>& chain, const Jobs& jobs)
      : saved_(call.saved[static_cast<std::size_t>(direction)]),
        chain_(chain),
        workers_(static_cast<Index>(jobs.shares().size())),
        window_(call.every > 0 || call.outputs.empty(), true),
        segment_(saved_.segments()) {
    if (call.every == 0) return;
    operands_ = std::make_unique<ForwardOperands<Cell, T>>(call, direction);
    pass_ = std::make_unique<ForwardPass<Cell, T>>(chain_, *operands_, jobs);
    bundle_ = std::make_unique<Bundle<Cell, T>>(saved_, chain_, *operands_);
  }
  Recall(const Recall&) = delete;
  Recall& operator=(const Recall&) = delete;

  /// The visits before `end` are next. They are due if the segment that is there begins at `end`, and the one
  /// before it does not come with others.
  void open(Index end) {
    if (saved_.begin(segment_) != end) return;
    window_.open(chain_, saved_, --segment_);
    due_ = bundle_ == nullptr || !bundle_->bring(segment_);
  }
  bool due() const noexcept { return due_; }
  /// A worker's part of the segment.
  void run(std::size_t worker) {
    if (pass_ != nullptr)
      pass_->run(worker, saved_.begin(segment_), saved_.end(segment_));
    else
      widen_share(static_cast<Index>(worker));
  }
  void run_by_units(const Jobs& jobs) {
    if (pass_ != nullptr)
      pass_->run_by_units(jobs, saved_.begin(segment_), saved_.end(segment_));
    else
      jobs.run([&](Index, std::size_t worker) { widen_share(static_cast<Index>(worker)); });
  }
  void close() noexcept { due_ = false; }

 private:
  void widen_share(Index worker) const {
    const auto [first, last] = chain_.walk.rows(saved_.begin(segment_), saved_.end(segment_));
    const Index rows = last - first;
    const Index begin = first + rows * worker / workers_, end = first + rows * (worker + 1) / workers_;
    const Index h = chain_.hidden, kept = h * Cell::kept;
    if (saved_.kept_halves != nullptr) widen(saved_.kept_halves.get(), begin * kept, end * kept, chain_.kept);
    if (saved_.h_halves != nullptr) widen(saved_.h_halves.get(), begin * h, end * h, chain_.h);
  }

  const Saved& saved_;
  Chain<T>& chain_;
  const Index workers_;
  Window<Cell, T> window_;
  Index segment_;  ///< that is there; at first the one behind the last
  bool due_ = false;
  std::unique_ptr<ForwardOperands<Cell, T>> operands_;  ///< null where nothing is computed again
  std::unique_ptr<ForwardPass<Cell, T>> pass_;
  std::unique_ptr<Bundle<Cell, T>> bundle_;
};

/// Brings back what the current visits of all directions read; of each, recall() is what does, or null.
template <class Directions>
void recall_visits(const Directions& directions, const Jobs& jobs) {
  const auto due = [](const auto& direction) { return direction->recall() != nullptr; };
  if (std::none_of(directions.begin(), directions.end(), due)) return;
  if (jobs.by_units())
    directions.front()->recall()->run_by_units(jobs);
  else
    jobs.run([&](Index direction, std::size_t worker) {
      if (auto* const recall = directions[static_cast<std::size_t>(direction)]->recall()) recall->run(worker);
    });
  for (const auto& direction : directions)
    if (auto* const recall = direction->recall()) recall->close();
}

}  // namespace rondo::recurrence
