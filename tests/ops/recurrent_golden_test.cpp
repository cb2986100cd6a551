// Recurrences against PyTorch (and, for the GRU with reset before, a numpy loop): tests/golden.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/runtime.h>

#include "support/golden.h"
#include "support/recurrent.h"

namespace rondo::testing {
namespace {

const Golden& golden() {
  static const Golden data = read_golden("recurrent.safetensors");
  return data;
}

/// "lstm.3.2.ragged" taken apart.
struct Case {
  std::string name, weights_name;
  Cell cell;
  int layers, directions;
  std::vector<std::int32_t> lengths;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Cell cell : all_cells)
    for (const int layers : {1, 3})
      for (const int directions : {1, 2})
        for (const auto& [kind, lengths] :
             {std::pair{"equal", std::vector{4, 4, 4}}, std::pair{"ragged", std::vector{6, 3, 3, 1}},
              std::pair{"one", std::vector{1, 1, 1}}}) {
          if (cell == Cell::gru_reset_before && layers > 1) continue;
          const std::string weights = std::string(names_of(cell)[static_cast<std::size_t>(cell)]) + "." +
                                      std::to_string(layers) + "." + std::to_string(directions);
          all.push_back({weights + "." + kind, weights, cell, layers, directions, lengths});
        }
  return all;
}

/// A case as parameters of one type, by the names in the file.
class Network {
 public:
  Network(const Case& of, DType type) : case_(of), type_(type), layout_(Layout::of(of.lengths)) {}

  /// Runs the stack and the loss's backward.
  void run() {
    const Recording recording;
    const bool has_c = case_.cell == Cell::lstm;
    Sequences x(take(case_.name + "/x", "x"), layout_);
    const Var h0 = take(case_.name + "/h0", "h0");
    const Var c0 = has_c ? take(case_.name + "/c0", "c0") : Var();
    std::vector<Var> h, c;
    for (int layer = 0; layer < case_.layers; ++layer) {
      const RecurrentResult result =
          recurrent(case_.cell, x, weights(layer), layer_of(h0, layer), has_c ? layer_of(c0, layer) : Var());
      x = result.outputs;
      h.push_back(result.h);
      c.push_back(result.c);
    }
    results["outputs"] = x.rows().value();
    Var loss = term("outputs", x.rows()) + finish("h", h);
    if (has_c) loss = loss + finish("c", c);
    loss.backward();
    for (const auto& [name, var] : parameters_)
      results["d." + name] = var.leaf()->gradient;
  }

  std::map<std::string, Tensor> results;

 private:
  const Var& take(const std::string& key, const std::string& name) {
    return parameters_[name] = parameter(golden().at(key).to(type_));
  }
  std::vector<RecurrentWeights> weights(int layer) {
    std::vector<RecurrentWeights> directions;
    for (int direction = 0; direction < case_.directions; ++direction) {
      const std::string suffix = "_l" + std::to_string(layer) + (direction == 1 ? "_reverse" : "");
      const auto get = [&](const std::string& name) {
        return take(case_.weights_name + "/" + name + suffix, name + suffix);
      };
      directions.push_back({get("weight_ih"), get("weight_hh"), get("bias_ih"), get("bias_hh")});
    }
    return directions;
  }
  /// One layer's [count, columns] of [layers, count, columns].
  Var layer_of(const Var& states, int layer) const {
    const Shape shape = states.shape();
    const Var rows = reshape(states, {shape[0] * shape[1], shape[2]});
    return slice_rows(rows, layer * shape[1], (layer + 1) * shape[1]);
  }
  Var finish(const std::string& name, const std::vector<Var>& layers) {
    const Var all = stack(layers);
    results[name] = all.value();
    return term(name, all);
  }
  Var term(const std::string& name, const Var& result) const {
    const Tensor weights = golden().at(case_.name + "/loss." + name).to(type_);
    return sum(result * Var(weights.reshape(result.shape())));
  }

  Case case_;
  DType type_;
  std::shared_ptr<const Layout> layout_;
  std::map<std::string, Var> parameters_;
};

void expect_golden(const Case& of, DType type, double tolerance) {
  SCOPED_TRACE(of.name);
  Network network(of, type);
  network.run();
  std::size_t compared = 0;
  for (const auto& [name, got] : network.results) {
    const Tensor& wanted = golden().at(of.name + "/" + name);
    ASSERT_EQ(got.size(), wanted.size()) << name;
    double worst = 0;
    for (std::int64_t i = 0; i < got.size(); ++i) {
      const double reference = wanted.at(i);
      worst = std::max(worst, std::abs(got.at(i) - reference) / std::max(1.0, std::abs(reference)));
    }
    EXPECT_LE(worst, tolerance) << name;
    ++compared;
  }
  const auto stated = std::ranges::count_if(golden(), [&](const auto& entry) {
    const std::string name = entry.first.substr(std::min(entry.first.size(), of.name.size() + 1));
    const bool operand = name == "x" || name == "h0" || name == "c0" || name.starts_with("loss.");
    return entry.first.starts_with(of.name + "/") && !operand;
  });
  EXPECT_EQ(compared, static_cast<std::size_t>(stated));
}

TEST(RecurrentGolden, F64) {
  for (const Case& of : cases())
    expect_golden(of, DType::f64, 1e-12);
}

TEST(RecurrentGolden, F32OnEveryInstructionSet) {
  for (const std::string& isa : Runtime::isas()) {
    SCOPED_TRACE(isa);
    Runtime runtime({.threads = 2, .isa = isa});
    const Runtime::Use use(runtime);
    for (const Case& of : cases())
      expect_golden(of, DType::f32, 1e-5);
  }
}

}  // namespace
}  // namespace rondo::testing
