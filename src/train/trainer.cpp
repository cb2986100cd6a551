// Trainer of train.h; the loop over epochs and steps is in fit.cpp.
#include <utility>

#include <rondo/train.h>

#include "train/fit.h"

namespace rondo {

struct Trainer::Impl {
  TrainState state;
};

Trainer::Trainer(Optimizer optimizer) : impl_(std::make_unique<Impl>()) {
  check(optimizer);
  impl_->state.optimizer = std::move(optimizer);
}
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;
Trainer::~Trainer() = default;

const History& Trainer::fit(Trainable& model, const FitOptions& options) {
  check(options);
  Fit(impl_->state, model, options).run();
  return impl_->state.history;
}

const History& Trainer::history() const noexcept {
  return impl_->state.history;
}

std::int64_t Trainer::steps() const noexcept {
  return impl_->state.descent ? impl_->state.descent->steps() : 0;
}

const Optimizer& Trainer::optimizer() const noexcept {
  return impl_->state.optimizer;
}

}  // namespace rondo
