/// A running average of the weights, kept beside those that are trained.
#pragma once
#include <cstdint>
#include <vector>

#include <rondo/nn.h>
#include <rondo/train.h>

namespace rondo {

class WeightAverage {
 public:
  /// Averages the parameters of `store`, which must be complete.
  explicit WeightAverage(ParameterStore& store) : store_(store) {}

  /// Whether there is an average yet.
  bool any() const noexcept { return !averages_.empty(); }
  /// average = decay * average + (1 - decay) * weights, for every trainable parameter. The first call for a
  /// parameter sets the average to its weights. Each number is independent, so threads change nothing.
  void update(double decay);
  /// One tensor per parameter in the store's order: its average, or its value if it has none.
  std::vector<Tensor> weights() const;
  /// Makes the averages the store's values, permanently.
  void apply() const;

  /// The store has the averages as values while this object is alive, and its own weights again afterwards.
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
  /// Copies saved averages. Error(format) for a name or shape that does not fit.
  void restore(const NamedTensors& state);

 private:
  /// A range of numbers of one parameter, for one thread.
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
