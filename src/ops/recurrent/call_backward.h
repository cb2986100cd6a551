/// The backward pass of a call, for all directions, some visits at a time. It computes the gradients of the
/// pre-activations and, while these are in the cache, those of inputs and weights.
#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "autograd/forms.h"
#include "autograd/tape.h"
#include "ops/recurrent/call.h"
#include "ops/recurrent/distinct_gradients.h"
#include "ops/recurrent/recall.h"
#include "ops/recurrent/weight_gradients.h"

namespace rondo::recurrence {

/// The backward pass of one direction.
template <class Cell, class T>
class DirectionBackward {
 public:
  DirectionBackward(Call& call, Index direction, const Jobs& jobs, Gradients& gradients)
      : weights_(call.weights[static_cast<std::size_t>(direction)]),
        chain_(chain_of<T>(call, direction)),
        u_(prepare_u(call.layout().rows())),
        arrived_(arrive(call, direction, gradients)),
        weight_gradients_(chain_, sums_into(call, gradients)),
        end_(chain_.walk.visits()) {
    for (const Share& share : jobs.shares())
      workers_.emplace_back(chain_, *u_, arrived_, kernels<T>(), share.group, share.blocks);
    if (call.copies == nullptr && gradients.wants(call.input()))
      input_ = std::make_unique<RowInputGradients<Cell, T>>(call, chain_, weights_.weight_ih);
    if (call.copies != nullptr && (gradients.wants(call.input()) || gradients.wants(weights_.weight_ih)))
      input_ = std::make_unique<DistinctInputGradients<Cell, T>>(call, chain_);
    if (!call.saved.empty()) recall_ = std::make_unique<Recall<Cell, T>>(call, direction, chain_, jobs);
  }
  DirectionBackward(const DirectionBackward&) = delete;
  DirectionBackward& operator=(const DirectionBackward&) = delete;

  bool done() const noexcept { return end_ == 0; }

  /// To process the next visits, call begin; then run for each worker (on any thread) or run_by_units; then
  /// products and, while there is a next piece, fill and products again; then end. Where recall() is not
  /// null, run it after begin.
  void begin_visits() {
    begin_ = begin_of_piece(chain_.walk, end_, piece_rows<Cell>(chain_));
    rows_ = 0;
    if (done()) return;
    if (recall_ != nullptr) recall_->open(end_);
    const auto [first, last] = chain_.walk.rows(begin_, end_);
    first_row_ = first;
    rows_ = last - first;
    gradients_ = gradients_buffer_.at_least(rows_ * stride_);
    input_cuts_ = input_ == nullptr ? 0 : input_->open(first_row_, rows_);
    piece_ = 0;
    open_piece();
    for (auto& worker : workers_)
      worker.open(gradients_, first_row_);
  }
  /// What brings back the visits that forward did not keep; null: they are there.
  Recall<Cell, T>* recall() const noexcept {
    return !done() && recall_ != nullptr && recall_->due() ? recall_.get() : nullptr;
  }
  void run(std::size_t worker) {
    if (done()) return;
    for (Index visit = end_ - 1; visit >= begin_; --visit) {
      workers_[worker].take(visit);
      workers_[worker].settle(visit);
    }
    fill(worker);
  }
  void run_by_units(const Jobs& jobs) {
    for (Index visit = end_ - 1; visit >= begin_; --visit) {
      jobs.run([&](Index, std::size_t worker) { workers_[worker].take(visit); });
      jobs.run([&](Index, std::size_t worker) { workers_[worker].settle(visit); });
    }
    jobs.run([&](Index, std::size_t worker) { fill(worker); });
  }
  /// Steps of many sequences have more rows than the products take at a time. Continues with the next ones.
  bool next_piece() {
    if (done() || piece_ + 1 >= pieces()) {
      input_cuts_ = parts_ = 0;
      return false;
    }
    ++piece_;
    input_cuts_ = 0;
    open_piece();
    return true;
  }
  /// A worker's share of the numbers that weights' gradients multiply with.
  void fill(std::size_t worker) const {
    if (parts_ > 0) weight_gradients_.fill(static_cast<Index>(worker), static_cast<Index>(workers_.size()));
  }
  /// The products that need the gradients of all units of these rows. They can run at the same time: with the
  /// first piece, parts of the input's gradient; then parts of the weights' gradients.
  Index products() const { return done() ? 0 : input_cuts_ + parts_; }
  /// Multiply-adds of one of them.
  Index work(Index product) const {
    if (product < input_cuts_) return input_->work();
    return weight_gradients_.work(part(product));
  }
  void multiply(Index product) {
    if (product < input_cuts_)
      input_->add(product, gradients_);
    else
      weight_gradients_.add(part(product), gradients_ + piece_begin(piece_) * stride_);
  }
  const Sums<T>& sums() const noexcept { return weight_gradients_.sums(); }
  void end_visits() { end_ = begin_; }

  /// After all visits.
  void hand_out(const Call& call, Gradients& gradients) {
    if (input_ != nullptr) input_->hand_out(call, weights_.weight_ih, gradients);
    add_states(gradients.into(call.h0), dh_);
    add_states(gradients.into(call.c0), dc_);
  }

 private:
  Index pieces() const {
    constexpr Index most = 512;
    return (rows_ + most - 1) / most;
  }
  /// Among the rows of these visits.
  Index piece_begin(Index piece) const { return rows_ * piece / pieces(); }
  void open_piece() {
    const Index begin = piece_begin(piece_);
    weight_gradients_.open(first_row_ + begin, piece_begin(piece_ + 1) - begin);
    parts_ = static_cast<Index>(weight_gradients_.parts().size());
  }

  const auto& part(Index product) const {
    return weight_gradients_.parts()[static_cast<std::size_t>(product - input_cuts_)];
  }

  std::shared_ptr<const BackwardWeights<T>> prepare_u(Index rows) const {
    struct OfCell : BackwardWeights<T> {};  // the order of the steps depends on the cell
    return form_of<OfCell>({&weights_.weight_hh, 1}, &kernels<T>(), rows, [&] { return OfCell{pack_u()}; });
  }
  BackwardWeights<T> pack_u() const {
    const Index size = chain_.hidden, joint = joint_gates<Cell> * size;
    const T* const u = from<T>(weights_.weight_hh.value());
    std::vector<Move> order = to_memory_order<Cell>(chain_.blocks());
    if (has_extra<Cell>) order.pop_back();
    return {Packed<T>::with_steps(size, joint, {u, 1, size}, order),
            has_extra<Cell> ? Packed<T>(size, size, {u + joint * size, 1, size}) : Packed<T>()};
  }

  Arrived<T> arrive(const Call& call, Index direction, Gradients& gradients) {
    const Index count = call.layout().sequences(), size = call.hidden;
    offset_ = direction * size;
    dh_ = Tensor::uninitialised({count, size}, dtype_of<T>);
    if (Cell::memory) dc_ = Tensor::uninitialised({count, size}, dtype_of<T>);
    const Tensor &outputs = gradients.of_result(0), &h = gradients.of_result(1);
    const Tensor c = Cell::memory ? gradients.of_result(2) : Tensor();
    return {from<T>(outputs, offset_), from<T>(h, offset_), from<T>(c, offset_),
            gradients.wants(call.h0),  from<T>(dh_),        from<T>(dc_)};
  }

  Sums<T> sums_into(const Call& call, Gradients& gradients) const {
    const auto sum = [&](const Var& of) {
      Tensor* const into = gradients.into(of);
      return into == nullptr ? nullptr : from<T>(*into);
    };
    const auto zero = [](const Var& of) { return of.leaf() != nullptr && !of.leaf()->reached; };
    Sums<T> sums;
    if (call.copies == nullptr) {
      sums.ih_zero = zero(weights_.weight_ih);
      sums.weight_ih = sum(weights_.weight_ih);
    }
    sums.hh_zero = zero(weights_.weight_hh);  // false if it is tied to an earlier one
    sums.weight_hh = sum(weights_.weight_hh);
    sums.bias_ih = sum(weights_.bias_ih);
    sums.bias_hh = sum(weights_.bias_hh);
    return sums;
  }

  /// to [count, directions · H] += this direction's.
  void add_states(Tensor* to, const Tensor& of) const {
    if (to == nullptr) return;
    parallel_for(of.rows(), 1 << 10, [&](Index begin, Index end) {
      for (Index row = begin; row < end; ++row) {
        T* const sums = from<T>(*to, row * chain_.state_stride + offset_);
        kernels<T>().add(of.columns(), sums, from<T>(of, row * of.columns()), sums);
      }
    });
  }

  const RecurrentWeights& weights_;
  Chain<T> chain_;
  const std::shared_ptr<const BackwardWeights<T>> u_;
  Index offset_ = 0;  ///< of this direction in a state
  Tensor dh_, dc_;
  const Arrived<T> arrived_;
  WeightGradients<Cell, T> weight_gradients_;
  std::unique_ptr<InputGradients<T>> input_;  ///< null where nothing is asked for
  std::unique_ptr<Recall<Cell, T>> recall_;   ///< null where all is kept
  std::vector<Backward<Cell, T>> workers_;
  const Index stride_ = scratch_stride(gradient_columns<Cell>(chain_.hidden));
  Scratch<T> gradients_buffer_;
  // The current visits, [begin, end), and their packed rows.
  Index begin_ = 0, end_, rows_ = 0, first_row_ = 0;
  Index input_cuts_ = 0, piece_ = 0, parts_ = 0;
  T* gradients_ = nullptr;
};

template <class Cell, class T>
using Directions = std::vector<std::unique_ptr<DirectionBackward<Cell, T>>>;

/// Whether all sums belong to different parameters; with tied weights they do not.
template <class Cell, class T>
bool sums_lie_apart(const Directions<Cell, T>& directions) {
  std::vector<const T*> all;
  all.reserve(4 * directions.size());
  for (const auto& direction : directions) {
    const Sums<T>& sums = direction->sums();
    for (const T* sum : {sums.weight_ih, sums.weight_hh, sums.bias_ih, sums.bias_hh})
      if (sum != nullptr) all.push_back(sum);
  }
  std::sort(all.begin(), all.end());
  return std::adjacent_find(all.begin(), all.end()) == all.end();
}

/// The products of all directions: divided by their work, or in order if two of them add to one sum.
template <class Cell, class T>
void run_products(const Directions<Cell, T>& directions, bool shared_out) {
  constexpr Index worth_a_thread = 64 * 1024;
  struct Product {
    DirectionBackward<Cell, T>* direction;
    Index index;
  };
  std::size_t count = 0;
  for (const auto& direction : directions)
    count += static_cast<std::size_t>(direction->products());
  std::vector<Product> products;
  std::vector<Index> work;
  products.reserve(count);
  work.reserve(count);
  for (const auto& direction : directions)
    for (Index i = 0; i < direction->products(); ++i) {
      products.push_back({direction.get(), i});
      work.push_back(direction->work(i));
    }
  const auto multiply = [&](std::size_t i) { products[i].direction->multiply(products[i].index); };
  if (shared_out) {
    parallel_balanced(work, worth_a_thread, multiply);
  } else {
    parallel_parts(1, [&](int) {
      for (std::size_t i = 0; i < products.size(); ++i)
        multiply(i);
    });
  }
}

/// Computes what follows from the gradients of the current visits.
template <class Cell, class T>
void run_all_products(const Directions<Cell, T>& directions, const Jobs& jobs, bool shared_out) {
  for (;;) {
    run_products<Cell, T>(directions, shared_out);
    bool more = false;
    for (const auto& direction : directions)
      more |= direction->next_piece();
    if (!more) return;
    jobs.run([&](Index direction, std::size_t worker) {
      directions[static_cast<std::size_t>(direction)]->fill(worker);
    });
  }
}

template <class Cell, class T>
void run_backward(Call& call, Gradients& gradients) {
  const Index work = call.layout().rows() * call.directions() * Cell::gates * call.hidden * call.hidden;
  const Jobs jobs(call, work, Cell::gates, Cell::candidate != Candidate::gated);
  Directions<Cell, T> directions;
  for (Index direction = 0; direction < call.directions(); ++direction)
    directions.push_back(std::make_unique<DirectionBackward<Cell, T>>(call, direction, jobs, gradients));
  const bool shared_out = sums_lie_apart<Cell, T>(directions);
  const auto done = [](const auto& direction) { return direction->done(); };
  while (!std::all_of(directions.begin(), directions.end(), done)) {
    for (const auto& direction : directions)
      direction->begin_visits();
    recall_visits(directions, jobs);
    if (jobs.by_units())
      directions.front()->run_by_units(jobs);
    else
      jobs.run([&](Index direction, std::size_t worker) {
        directions[static_cast<std::size_t>(direction)]->run(worker);
      });
    run_all_products<Cell, T>(directions, jobs, shared_out);
    for (const auto& direction : directions)
      direction->end_visits();
  }
  // The forward direction always comes first, because both add to the gradient of x.
  for (const auto& direction : directions)
    direction->hand_out(call, gradients);
}

}  // namespace rondo::recurrence
