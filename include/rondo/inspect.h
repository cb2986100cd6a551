/// Looking inside: what the recurrent layers of any network do with an input, and what the answer depends on.
///
///     inspect::Watch watch;                                  // layers of this thread tell what they do
///     const Recording recording({.dropout = false});
///     net.loss(batch).backward();                            // any computation, of any network
///     for (const inspect::Run& run : watch.runs()) {
///       inspect::Trajectory seen = inspect::trajectory(run); // gates, h and c of each step
///       inspect::Flow flow = inspect::flow(run);             // norms of gradients and Jacobians
///     }
///
/// A Watch keeps what goes into a layer and what comes out. Gates, cell states and derivatives are computed
/// from that afterwards, in f64, so a layer that nobody watches does nothing more than before. The formulas
/// are those of docs/gates.md; "h_0" is the state before the first step.
#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/attention.h>
#include <rondo/autograd.h>
#include <rondo/model.h>
#include <rondo/ops.h>
#include <rondo/parameters.h>
#include <rondo/tensor.h>

namespace [[gnu::visibility("default")]] rondo {
namespace inspect {

/// One direction of one recurrent level over a batch. Its rows are packed as `layout` says.
struct Run {
  std::string name;  ///< "lstm.l0", or "lstm.l0_reverse": it reads each sequence from its end
  Cell cell = Cell::lstm;
  bool reverse = false;
  double zoneout = 0;  ///< share of the state before that a step keeps
  std::shared_ptr<const Layout> layout;
  Tensor weight_ih, weight_hh, bias_ih, bias_hh;  ///< as RecurrentWeights; without biases empty
  Tensor x;                                       ///< what it read, [rows, D]
  Tensor h;                                       ///< what it gave, [rows, H]
  Tensor h0, c0;                                  ///< states before the first step, [count, H]; empty: zeros
  /// After backward(): the gradient that reaches h at each step from outside of the level, [rows, H], and
  /// that which reaches its final states, [count, H]. Empty where none arrived.
  Tensor dh, dh_last, dc_last;

  std::int64_t units() const { return h.columns(); }
};

/// Where a network's numbers come in: what its embedding gives ("embedding"), and what each recurrent level
/// reads (by the level's name).
struct Input {
  std::string name;
  std::shared_ptr<const Layout> layout;
  Tensor rows;      ///< [rows, D]
  Tensor gradient;  ///< the same after backward(); empty if none arrived
};

/// What a layer that pools by attention looked at.
struct Looked {
  std::string name;  ///< "attention_pooling"
  std::shared_ptr<const Layout> layout;
  Attended found;  ///< found.of(k): the weights of sequence k in packed order, by its steps
};

/// Keeps what the recurrent layers and embeddings of this thread do while it is alive, and makes parameters
/// constants meanwhile: backward() leaves their gradients as they are, so several threads may look at one
/// model. Without a Recording there are no gradients. Watches nest; the innermost one sees everything.
class Watch {
 public:
  Watch();
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// In the order in which they ran: for two directions the forward one first.
  std::span<const Run> runs() const;
  std::span<const Input> inputs() const;
  /// In the order in which they ran.
  std::span<const Looked> looks() const;
  /// From here on, rows of the inputs of that name are multiplied by `factor` (for integrated gradients).
  void scale(std::string name, double factor);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// What one sequence of a Run went through; row t is step t of the sequence, also where it was read from its
/// end. All f64 [steps, H].
struct Trajectory {
  /// LSTM: "input", "forget", "candidate", "output"; GRU: "reset", "update", "candidate"; simple RNN: none.
  std::vector<std::pair<std::string, Tensor>> gates;
  Tensor h;
  Tensor c;  ///< LSTM only
  /// The gate of that name; null if the cell has none.
  const Tensor* gate(std::string_view name) const noexcept;
};
/// `sequence` counts in packed order. Error(option) if there is none of that number.
Trajectory trajectory(const Run& run, std::int64_t sequence = 0);

/// d s_t / d s_{t-1}, f64 [S, S]: s is h, of an LSTM h and then c, so S is H or 2 H. "t - 1" is the step read
/// before t. Error(option) for a step outside of the sequence.
Tensor step_jacobian(const Run& run, std::int64_t step, std::int64_t sequence = 0);

struct FlowOptions {
  bool jacobians = true;  ///< whether to compute `last`, `norm` and `radius`
  /// Steps from the end over which `last` is followed; it costs steps · H · S². 0: as many as take about a
  /// second.
  std::int64_t steps = 0;
};
/// How gradients pass through one sequence of a Run. One number a step; NaN where it was not computed.
struct Flow {
  std::vector<double> loss;    ///< ‖d L / d h_t‖ with all that comes later; NaN without backward()
  std::vector<double> memory;  ///< ‖d L / d c_t‖ of an LSTM; else empty
  std::vector<double> last;    ///< ‖d h_T / d s_t‖ (2-norm), T the step that was read last
  std::vector<double> norm;    ///< γ_t: the 2-norm of step_jacobian
  std::vector<double> radius;  ///< the spectral radius of step_jacobian
};
Flow flow(const Run& run, std::int64_t sequence = 0, const FlowOptions& options = {});

/// What share of a gate's values is below 0.1 (closed) and above 0.9 (open), of a tanh's beyond ±0.9.
struct Saturation {
  std::string gate;
  double low = 0, high = 0;
};
std::vector<Saturation> saturation(const Trajectory& seen);

/// The time constant 1 / (1 - f) of each unit, in steps: f is the mean of its forget gate, of a GRU that of
/// z. Empty for a simple RNN.
std::vector<double> time_constants(const Trajectory& seen);

/// A recurrent weight matrix by gates.
struct WeightSpectrum {
  std::string name;                     ///< "lstm.weight_hh_l0"
  std::string gate;                     ///< as in Trajectory; of a simple RNN "state"
  double norm = 0;                      ///< Frobenius norm
  double radius = 0;                    ///< spectral radius; 0 if a projection makes it no square
  std::vector<double> singular_values;  ///< largest first, [H]; to 1e-8 of the largest
};
/// Of every U (weight_hh...) among the parameters.
std::vector<WeightSpectrum> spectra(const ParameterStore& weights);

/// How much a number depends on each step of an input of the network.
struct Saliency {
  double value = 0;                    ///< the number itself
  double baseline = 0;                 ///< with an input of zeros
  std::vector<double> gradient_norm;   ///< ‖d value / d x_t‖
  std::vector<double> gradient_input;  ///< (d value / d x_t) · x_t
  std::vector<double> integrated;      ///< integrated gradients from zeros (Sundararajan et al. 2017)
  double missing() const;              ///< value - baseline - the sum of `integrated`
};
/// `value` computes the number anew each time it is called, from one sequence. `input` is the name of an
/// Input; empty: the first. `points` of the path are taken, by Gauss and Legendre's rule, up to 64; 0: no
/// integrated gradients. Error(usage) if the network has no such input.
Saliency saliency(const std::function<Var()>& value, const std::string& input = {}, int points = 16);

/// All recurrent runs of a model over a text, with the gradients of ln P of the class it predicts.
/// Error(usage) for a model that takes no text.
std::vector<Run> runs(const Sequential& model, std::string_view text);
/// The same over features, f32 [steps, D].
std::vector<Run> runs(const Sequential& model, const Tensor& features);
/// Gates, h and c of the model's first recurrent level over a text. Error(usage) if it has none.
Trajectory gates(const Sequential& model, std::string_view text);

}  // namespace inspect
}  // namespace rondo
