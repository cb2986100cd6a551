/// Whole training steps with rondo: tokens -> embedding (or one-hot rows) -> LSTM -> classes, of each step or
/// of each sequence; cross entropy, clipping, optimiser.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <rondo/nn.h>

#include "optim/descent.h"
#include "peers/case.h"

namespace peers {

/// Token numbers and labels of a batch, packed.
struct TokenBatch {
  rondo::Ids ids;
  rondo::Tensor labels;
};

struct StepNetwork;

class StepModel {
 public:
  explicit StepModel(const Case& given);
  ~StepModel();
  /// One step on each batch.
  void pass();
  /// Losses of a few passes of a fresh model without dropout.
  void check(const std::string& folder);

 private:
  std::unique_ptr<StepNetwork> fresh(float dropout) const;
  float step(StepNetwork& network, const TokenBatch& batch, std::uint64_t number) const;

  const Case& given_;
  std::vector<TokenBatch> batches_;
  std::unique_ptr<StepNetwork> network_;
  std::uint64_t steps_ = 0;
};

}  // namespace peers
