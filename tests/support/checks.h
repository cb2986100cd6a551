/// What tests of numbers share: comparing tensors, gradients by finite differences, every instruction set and
/// several thread counts in turn.
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/autograd.h>
#include <rondo/runtime.h>
#include <rondo/tensor.h>

namespace rondo::testing_support {

/// Uniform numbers of [low, high), f32 values whatever the type, so that f32 and f64 see the same; a function
/// of the seed.
Tensor random_tensor(const Shape& shape, std::uint64_t seed, DType type = DType::f64, double low = -1.5,
                     double high = 1.5);

/// Expects |got - wanted| <= tolerance · max(1, |wanted|) for each element, and equal shapes. `what` stands
/// in the message with the worst element.
void expect_close(const Tensor& got, const Tensor& wanted, double tolerance, const std::string& what);
/// Expects the same shape, type and bytes.
void expect_same_bits(const Tensor& got, const Tensor& wanted, const std::string& what);

/// Something under test: from inputs of one type (f32 or f64) to a result of any shape.
using Function = std::function<Var(std::span<const Var>)>;

/// Several results as one, so that a Function may return them all: [1, number of all elements].
Var joined(std::initializer_list<Var> results);

/// A parameter with room for its gradient.
Var parameter(const Tensor& value);

struct Differentiated {
  Tensor value;
  std::vector<Tensor> gradients;  ///< of sum(value · fixed random weights), one an input
};
/// Runs f forward and backward in a Recording of its own. The inputs are parameters.
Differentiated differentiate(const Function& f, std::span<const Tensor> inputs);

struct GradientCheck {
  double step = 1e-5;
  double tolerance = 1e-7;  ///< times max(1, |gradient|)
  int elements = 60;        ///< at most so many of each input, evenly spread
};
/// Expects the gradients of f at f64 inputs to be the central differences of its value.
void gradient_check(const Function& f, std::span<const Tensor> inputs, const GradientCheck& options = {});

/// Calls test() on a Runtime of each instruction set that this machine has.
template <class F>
void for_each_isa(const F& test) {
  for (const std::string& isa : Runtime::isas()) {
    SCOPED_TRACE("isa " + isa);
    Runtime runtime({.threads = 1, .isa = isa});
    const Runtime::Use use(runtime);
    test();
  }
}

/// Calls test() on Runtimes of 1, 2 and 3 threads.
template <class F>
void for_each_thread_count(const F& test) {
  for (const int threads : {1, 2, 3}) {
    SCOPED_TRACE(std::to_string(threads) + " threads");
    Runtime runtime({.threads = threads, .isa = {}});
    const Runtime::Use use(runtime);
    test();
  }
}

}  // namespace rondo::testing_support
