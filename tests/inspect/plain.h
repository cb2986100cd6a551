/// Recurrences as the formulas of docs/gates.md say them: one number after another, in f64.
#pragma once
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <rondo/inspect.h>

namespace rondo::testing_support {

using Numbers = std::vector<double>;

/// What the cell's step computes, by name.
struct PlainStep {
  std::map<std::string, Numbers> gates;
  Numbers h, c;
};

class PlainCell {
 public:
  explicit PlainCell(const inspect::Run& run) : run_(run), units_(run.units()) {}

  PlainStep operator()(const Numbers& x, const Numbers& h, const Numbers& c) const {
    PlainStep step;
    step.h.resize(h.size());
    if (run_.cell == Cell::lstm) {
      const Numbers i = all(0, x, h, sigmoid), f = all(1, x, h, sigmoid), g = all(2, x, h, squash),
                    o = all(3, x, h, sigmoid);
      step.c.resize(h.size());
      for (std::size_t j = 0; j < h.size(); ++j) {
        step.c[j] = f[j] * c[j] + i[j] * g[j];
        step.h[j] = o[j] * std::tanh(step.c[j]);
      }
      step.gates = {{"input", i}, {"forget", f}, {"candidate", g}, {"output", o}};
    } else if (run_.cell == Cell::rnn_tanh || run_.cell == Cell::rnn_relu) {
      step.h = all(0, x, h, run_.cell == Cell::rnn_tanh ? squash : positive);
    } else if (run_.cell == Cell::residual || run_.cell == Cell::linear) {
      for (std::size_t j = 0; j < h.size(); ++j)
        step.h[j] = h[j] + std::tanh(of_x(0, j, x) + (run_.cell == Cell::linear ? 0 : of_h(0, j, h)));
    } else {
      const Numbers r = all(0, x, h, sigmoid), z = all(1, x, h, sigmoid);
      Numbers n(h.size()), reset(h.size());
      for (std::size_t j = 0; j < h.size(); ++j)
        reset[j] = r[j] * h[j];
      for (std::size_t j = 0; j < h.size(); ++j) {
        n[j] = std::tanh(of_x(2, j, x) + (run_.cell == Cell::gru ? r[j] * of_h(2, j, h) : of_h(2, j, reset)));
        step.h[j] = z[j] * h[j] + (1 - z[j]) * n[j];
      }
      step.gates = {{"reset", r}, {"update", z}, {"candidate", n}};
    }
    return step;
  }

 private:
  static double sigmoid(double a) { return 1 / (1 + std::exp(-a)); }
  static double squash(double a) { return std::tanh(a); }
  static double positive(double a) { return a > 0 ? a : 0; }

  double row(const Tensor& weight, const Tensor& bias, std::int64_t gate, std::size_t unit,
             const Numbers& by) const {
    const std::int64_t r = gate * units_ + static_cast<std::int64_t>(unit);
    double sum = bias.empty() ? 0 : bias.at(r);
    for (std::size_t k = 0; k < by.size(); ++k)
      sum += weight.at(r * weight.columns() + static_cast<std::int64_t>(k)) * by[k];
    return sum;
  }
  double of_x(std::int64_t gate, std::size_t unit, const Numbers& x) const {
    return row(run_.weight_ih, run_.bias_ih, gate, unit, x);
  }
  double of_h(std::int64_t gate, std::size_t unit, const Numbers& h) const {
    return row(run_.weight_hh, run_.bias_hh, gate, unit, h);
  }
  Numbers all(std::int64_t gate, const Numbers& x, const Numbers& h, double (*f)(double)) const {
    Numbers values(h.size());
    for (std::size_t j = 0; j < h.size(); ++j)
      values[j] = f(of_x(gate, j, x) + of_h(gate, j, h));
    return values;
  }

  const inspect::Run& run_;
  std::int64_t units_;
};

}  // namespace rondo::testing_support
