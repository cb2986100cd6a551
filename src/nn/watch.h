/// How modules tell what they do to somebody who looks (include/rondo/inspect.h). While nobody does, that
/// costs one comparison of a pointer for each call of a layer.
#pragma once
#include <span>
#include <string>

#include <rondo/attention.h>
#include <rondo/ops.h>

namespace rondo::nn {

/// One level of a recurrent stack over a batch.
struct LevelCall {
  std::string name;  ///< "encoder.lstm.l0"
  Cell cell;
  std::span<const RecurrentWeights> directions;
  const Sequences& x;
  const Var& h0;  ///< [count, directions · H]; undefined: zeros
  const Var& c0;
  bool reverse = false;  ///< whether the only direction reads from the end
  double zoneout = 0;    ///< what share of the state before a step keeps
};

class Watcher {
 public:
  virtual ~Watcher() = default;
  /// What a module reads, and what it is to read in its place.
  virtual Sequences read(const std::string& name, const Sequences& x) = 0;
  /// What a level gave, and what it is to give in its place.
  virtual RecurrentResult ran(const LevelCall& call, RecurrentResult result) = 0;
  /// What a layer that pools by attention found.
  virtual void looked(const std::string& name, const Sequences& over, const Attended& found) = 0;
};

/// Who watches the modules of this thread; null: nobody.
Watcher* watcher() noexcept;
/// Sets it and returns the one before.
Watcher* exchange_watcher(Watcher* next) noexcept;

}  // namespace rondo::nn
