/// A running average of the weights, kept beside those that are trained.
#pragma once
#include <cstdint>
#include <vector>

#include <rondo/nn.h>
#include <rondo/train.h>

namespace rondo {

class WeightAverage {
 public:
  /// Of the parameters of `store`, which has all of them by now.
  explicit WeightAverage(ParameterStore& store) : store_(store) {}

  /// Whether there is an average yet.
  bool any() const noexcept { return !averages_.empty(); }
  /// average = decay * average + (1 - decay) * weights, of every trainable parameter; a parameter's first
  /// time it is the weights. Each number by itself: nothing depends on the threads.
  void update(double decay);
  /// One for each parameter in the store's order: its average, or its value where it has none.
  std::vector<Tensor> weights() const;
  /// Gives the averages to the store for good.
  void apply() const;

  /// The store has the averages while this lives, and then its own weights again.
  class Use {
   public:
    explicit Use(const WeightAverage& average);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    ParameterStore& store_;
    std::vector<Tensor> trained_;
  };

  /// The averages by the parameters' names, sharing memory, in f64.
  NamedTensors state() const;
  /// Takes over copies; Error(format) for a name or shape that does not fit.
  void restore(const NamedTensors& state);

 private:
  /// Numbers of one parameter that one thread averages.
  struct Piece {
    std::size_t parameter;
    std::int64_t begin, end;
  };
  template <class T>
  void update(const Piece& piece, double share);

  ParameterStore& store_;
  std::vector<Tensor> averages_;  // f64, of each parameter; empty where it was never trainable
};

}  // namespace rondo
