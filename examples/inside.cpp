// Prints: gradients that reach the first of 60 steps: LSTM more than simple RNN: yes
//
// Looks inside of two networks that read the same 60 steps: how much of the gradient of the answer is left at
// the first step, and how long the LSTM's units remember. Neither has learned anything yet.
#include <algorithm>
#include <iostream>

#include <rondo/rondo.h>

using namespace rondo;
using namespace rondo::layers;

namespace {

/// One sequence of 60 steps with one number each.
Dataset one_sequence() {
  Tensor steps = Tensor::zeros({60, 1});
  steps.data<float>()[0] = 1;
  return Dataset({.features = {steps}, .values = {Tensor::zeros({1})}});
}

Sequential with(AnyLayer recurrent) {
  Sequential model({Input{.features = 1}, recurrent, Dense{.units = 1}});
  model.compile({.loss = Loss::mse});
  model.prepare(one_sequence());
  return model;
}

/// ‖d L / d h_1‖ / ‖d L / d h_60‖
double left(const inspect::Run& run) {
  const inspect::Flow flow = inspect::flow(run, 0, {.jacobians = false});
  return flow.loss.front() / flow.loss.back();
}

}  // namespace

int main() {
  const Tensor steps = one_sequence().features(0);
  const Sequential simple = with(SimpleRNN{.units = 16, .recurrent_init = Initializer::glorot_uniform});
  const Sequential lstm = with(LSTM{.units = 16, .forget_bias = 3});
  const inspect::Run of_simple = inspect::runs(simple, steps).front();
  const inspect::Run of_lstm = inspect::runs(lstm, steps).front();

  std::cout << "gradients that reach the first of 60 steps: LSTM more than simple RNN: "
            << (left(of_lstm) > left(of_simple) ? "yes" : "no") << '\n';

  const inspect::Trajectory seen = inspect::trajectory(of_lstm);
  std::vector<double> constants = inspect::time_constants(seen);
  std::sort(constants.begin(), constants.end());
  std::cout << "its units remember " << constants.front() << " to " << constants.back() << " steps\n"
            << "forget gate of unit 1 at step 1: " << seen.gate("forget")->at(0) << '\n';
  for (const inspect::WeightSpectrum& u : inspect::spectra(lstm.weights()))
    std::cout << u.gate << ": largest singular value " << u.singular_values.front() << '\n';
  return 0;
}
