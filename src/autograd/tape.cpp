#include "autograd/tape.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <numeric>
#include <utility>

#include "autograd/forms.h"
#include "autograd/watched.h"
#include "base/message.h"
#include "runtime/parallel.h"

namespace rondo {

/// The operations of one Recording in the order in which they ran, which is a topological order. A result's
/// place is its number on the tape. `recording_` of a Var identifies the tape.
class Tape {
 public:
  Tape(RecordingOptions options, Tape* outer) : options_(options), outer_(outer) {
    static std::atomic<std::uint64_t> recordings = 0;
    recording_ = ++recordings;
  }

  const RecordingOptions& options() const { return options_; }
  Tape* outer() const { return outer_; }
  bool spent() const { return spent_; }
  bool holds(const Var& x) const { return x.recording_ == recording_; }
  /// Whether x was recorded at all, on this tape or another.
  static bool recorded(const Var& x) { return x.recording_ != 0; }

  void push(Backward backward, std::span<Var> results) {
    nodes_.push_back({std::move(backward), places_, static_cast<std::uint32_t>(results.size())});
    for (Var& result : results) {
      result.recording_ = recording_;
      result.place_ = places_++;
    }
  }

  /// Walks the tape from its end. Each closure is freed as soon as it has run or is not needed, together with
  /// the activations that only it kept.
  void backward(const Var& from) {
    spent_ = true;
    gradients_.resize(places_);
    gradients_[from.place_] = Tensor::full(from.shape(), 1, from.dtype());
    for (; !nodes_.empty(); nodes_.pop_back()) {
      const Node& node = nodes_.back();
      const auto arrived = gradients_.begin() + node.first_place;
      if (std::any_of(arrived, gradients_.end(), [](const Tensor& g) { return !g.empty(); })) {
        Gradients seen(*this, node.first_place, node.results);
        node.backward(seen);
      }
      gradients_.resize(node.first_place);
    }
    forms_.close();  // parameters usually change next
  }

  static Var without_value(Var x) {
    if (!x.value_.empty()) x.value_ = Tensor::view(x.shape(), x.dtype(), nullptr, nullptr);
    return x;
  }

  const Tensor& gradient_at(std::uint32_t place) const { return gradients_[place]; }
  /// The gradient of a Var on this tape; empty until one arrives.
  Tensor& gradient(const Var& x) { return gradients_[x.place_]; }

 private:
  struct Node {
    Backward backward;
    std::uint32_t first_place, results;
  };
  RecordingOptions options_;
  Tape* outer_;
  std::uint64_t recording_;
  std::uint32_t places_ = 0;
  bool spent_ = false;
  std::vector<Node> nodes_;
  std::vector<Tensor> gradients_;
  RecordingForms forms_;
};

namespace {

/// The tape that records on this thread; null if none does.
thread_local Tape* recording_tape = nullptr;
/// Whether a ConstantParameters is alive on this thread.
thread_local bool parameters_are_constant = false;

bool learns(const Leaf& leaf) noexcept {
  return leaf.trainable && !parameters_are_constant;
}

/// Merges two ascending lists without repeats into one of that kind.
void merge_rows(std::vector<std::int32_t>& into, std::span<const std::int32_t> rows) {
  std::vector<std::int32_t> both;
  both.reserve(into.size() + rows.size());
  std::ranges::set_union(into, rows, std::back_inserter(both));
  into = std::move(both);
}

/// The gradient of a parameter, for an operation that may add to any row.
Tensor* dense_gradient(Leaf& leaf) {
  leaf.reached = true;
  if (leaf.sparse && static_cast<std::int64_t>(leaf.touched.size()) < leaf.value.rows()) {
    leaf.touched.resize(static_cast<std::size_t>(leaf.value.rows()));
    std::iota(leaf.touched.begin(), leaf.touched.end(), 0);
  }
  return &leaf.gradient;
}

[[noreturn]] void refuse_backward(const std::string& why) {
  fail(ErrorKind::usage, "backward(): " + why);
}

/// Why `x` has no place on the live tape.
[[noreturn]] void explain_foreign(const Var& x) {
  if (!Tape::recorded(x))
    refuse_backward(
        "this number depends on no trainable parameter, or was computed outside the Recording; compute it "
        "inside, from a parameter that is not frozen");
  for (const Tape* tape = recording_tape->outer(); tape != nullptr; tape = tape->outer())
    if (tape->holds(x))
      refuse_backward(
          "this number belongs to an outer Recording; call backward() after the inner one has ended");
  refuse_backward("this number belongs to a Recording that has ended; compute it again in the live one");
}

}  // namespace

Recording::Recording(RecordingOptions options) : tape_(std::make_unique<Tape>(options, recording_tape)) {
  recording_tape = tape_.get();
}

Recording::~Recording() {
  recording_tape = tape_->outer();
}

Paused::Paused() : outer_(std::exchange(recording_tape, nullptr)) {}
Paused::~Paused() {
  recording_tape = outer_;
}

ConstantParameters::ConstantParameters() : outer_(std::exchange(parameters_are_constant, true)) {}
ConstantParameters::~ConstantParameters() {
  parameters_are_constant = outer_;
}

bool Var::tracked() const noexcept {
  if (recording_tape == nullptr || recording_tape->spent()) return false;
  return leaf_ != nullptr ? learns(*leaf_) : recording_tape->holds(*this);
}

void Var::backward() const {
  if (!defined()) refuse_backward("this Var has no value");
  if (value_.size() != 1)
    refuse_backward("wanted a single number, got " + to_string(shape()) + "; take its sum() or mean() first");
  if (recording_tape == nullptr)
    refuse_backward("nothing is recorded here; make a Recording before the computation, on the same thread");
  if (recording_tape->spent())
    refuse_backward(
        "the tape of this Recording is used up by an earlier backward(); add the losses and call it "
        "once, or make another Recording");
  if (leaf_ != nullptr && leaf_->trainable)
    refuse_backward("this Var is a parameter itself, not computed from one");
  if (!recording_tape->holds(*this)) explain_foreign(*this);

  Tape& tape = *recording_tape;
  const Paused closures_record_nothing;
  tape.backward(*this);
}

Var without_value(const Var& x) {
  return Tape::without_value(x);
}

const Tensor& Gradients::of_result(std::size_t i) const {
  if (i >= results_) throw Bug("Gradients::of_result: no such result");
  return tape_.gradient_at(first_place_ + static_cast<std::uint32_t>(i));
}

bool Gradients::wants(const Var& input) const {
  return input.leaf() != nullptr ? learns(*input.leaf()) : tape_.holds(input);
}

Tensor* Gradients::into(const Var& input) {
  if (!wants(input)) return nullptr;
  if (input.leaf() != nullptr) return dense_gradient(*input.leaf());
  Tensor& gradient = tape_.gradient(input);
  if (gradient.empty()) gradient = Tensor::zeros(input.shape(), input.dtype());
  return &gradient;
}

void Gradients::give(const Var& input, Tensor gradient) {
  if (!wants(input)) return;
  if (input.leaf() == nullptr && tape_.gradient(input).empty()) {
    tape_.gradient(input) = std::move(gradient);
  } else {
    visit_float(gradient.dtype(), "a gradient", [&]<class T>() {
      const T* from = gradient.data<T>().data();
      T* to = into(input)->data<T>().data();
      parallel_for(gradient.size(), 1 << 14, [=](Index begin, Index end) {
        kernels<T>().add(end - begin, to + begin, from + begin, to + begin);
      });
    });
  }
}

void Gradients::touch(Leaf& leaf, std::span<const std::int32_t> ascending_rows) {
  leaf.reached = true;
  if (leaf.sparse) merge_rows(leaf.touched, ascending_rows);
}

bool any_tracked(std::span<const Var> inputs) noexcept {
  return std::ranges::any_of(inputs, [](const Var& x) { return x.tracked(); });
}

bool any_tracked(std::initializer_list<Var> inputs) noexcept {
  return any_tracked(std::span(inputs.begin(), inputs.size()));
}

Var watched(const Var& x, std::function<void(const Tensor& gradient)> seen) {
  if (recording_tape == nullptr || recording_tape->spent()) return x;
  Var result(x.value());
  const auto hand_on = [x = without_value(x), seen = std::move(seen)](Gradients& gradients) {
    seen(gradients.of_result());
    if (gradients.wants(x)) gradients.give(x, gradients.of_result().clone());
  };
  recording_tape->push(hand_on, {&result, 1});
  return result;
}

Var record(Tensor value, std::span<const Var> inputs, Backward backward) {
  Var result(std::move(value));
  if (any_tracked(inputs)) recording_tape->push(std::move(backward), {&result, 1});
  return result;
}

Var record(Tensor value, std::initializer_list<Var> inputs, Backward backward) {
  return record(std::move(value), std::span(inputs.begin(), inputs.size()), std::move(backward));
}

std::vector<Var> record(std::vector<Tensor> values, std::span<const Var> inputs, Backward backward) {
  std::vector<Var> results(std::make_move_iterator(values.begin()), std::make_move_iterator(values.end()));
  if (any_tracked(inputs)) recording_tape->push(std::move(backward), results);
  return results;
}

std::optional<RecordingOptions> recording_options() noexcept {
  if (recording_tape == nullptr || recording_tape->spent()) return std::nullopt;
  if (!recording_tape->options().dropout) return std::nullopt;
  return recording_tape->options();
}

RecordingOptions recording_memory() noexcept {
  if (recording_tape == nullptr || recording_tape->spent()) return {};
  return recording_tape->options();
}

}  // namespace rondo
