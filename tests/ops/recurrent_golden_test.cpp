// Recurrences against PyTorch (and, for the GRU with reset before, a numpy loop): tests/golden.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include <rondo/runtime.h>

#include "support/golden.h"
#include "support/recurrent.h"

namespace rondo::testing_support {
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
          if (cell == Cell::residual) continue;  // recurrent_variants_test has its numbers
          if (cell == Cell::gru_reset_before && layers > 1) continue;
          const std::string weights =
              text_of(cell) + "." + std::to_string(layers) + "." + std::to_string(directions);
          all.push_back({weights + "." + kind, weights, cell, layers, directions, lengths});
        }
  return all;
}

/// A tensor of the file, or one layer's rows of a state [layers, count, columns].
struct Place {
  std::string name;
  int layer = -1;
  bool operator<(const Place& other) const {
    return std::tie(name, layer) < std::tie(other.name, other.layer);
  }

  Tensor read(const std::string& group) const {
    const Tensor& whole = golden().at(group + "/" + name);
    if (layer < 0) return whole;
    const std::int64_t count = whole.shape()[1], columns = whole.shape()[2];
    return whole.reshape({whole.rows() * count, columns}).slice_rows(layer * count, (layer + 1) * count);
  }
};

/// A case as parameters of one type.
class Network {
 public:
  Network(const Case& of, DType type) : case_(of), type_(type), layout_(Layout::of(of.lengths)) {}

  /// Runs the stack and the loss's backward.
  void run() {
    const Recording recording;
    const bool has_c = case_.cell == Cell::lstm;
    Sequences x(take({"x"}), layout_);
    Var loss;
    for (int layer = 0; layer < case_.layers; ++layer) {
      const RecurrentResult result =
          recurrent(case_.cell, x, weights(layer), take({"h0", layer}), has_c ? take({"c0", layer}) : Var());
      x = result.outputs;
      const Var part =
          has_c ? term({"h", layer}, result.h) + term({"c", layer}, result.c) : term({"h", layer}, result.h);
      loss = loss.defined() ? loss + part : part;
    }
    (loss + term({"outputs"}, x.rows())).backward();
    for (const auto& [place, var] : parameters_)
      results[{"d." + place.name, place.layer}] = var.leaf()->gradient;
  }

  std::map<Place, Tensor> results;

 private:
  const Var& take(const Place& place) {
    const bool weight = place.name.starts_with("weight") || place.name.starts_with("bias");
    return parameters_[place] = parameter(place.read(weight ? case_.weights_name : case_.name).to(type_));
  }
  std::vector<RecurrentWeights> weights(int layer) {
    std::vector<RecurrentWeights> directions;
    for (int direction = 0; direction < case_.directions; ++direction) {
      const std::string suffix = "_l" + std::to_string(layer) + (direction == 1 ? "_reverse" : "");
      directions.push_back({take({"weight_ih" + suffix}), take({"weight_hh" + suffix}),
                            take({"bias_ih" + suffix}), take({"bias_hh" + suffix})});
    }
    return directions;
  }
  Var term(const Place& place, const Var& result) {
    results[place] = result.value();
    return sum(result * Var(Place{"loss." + place.name, place.layer}.read(case_.name).to(type_)));
  }

  Case case_;
  DType type_;
  std::shared_ptr<const Layout> layout_;
  std::map<Place, Var> parameters_;
};

/// Results and gradients that the file holds for a case.
std::set<std::string> stated(const Case& of) {
  std::set<std::string> names;
  for (const auto& [key, tensor] : golden()) {
    if (!key.starts_with(of.name + "/")) continue;
    const std::string name = key.substr(of.name.size() + 1);
    const bool operand = name == "x" || name == "h0" || name == "c0" || name.starts_with("loss.");
    if (!operand) names.insert(name);
  }
  return names;
}

void expect_golden(const Case& of, DType type, double tolerance) {
  SCOPED_TRACE(of.name);
  Network network(of, type);
  network.run();
  std::set<std::string> compared;
  for (const auto& [place, got] : network.results) {
    const Tensor wanted = place.read(of.name);
    ASSERT_EQ(got.shape(), wanted.shape()) << place.name;
    double worst = 0;
    for (std::int64_t i = 0; i < got.size(); ++i) {
      const double reference = wanted.at(i), off = std::abs(got.at(i) - reference);
      worst = std::isnan(off) ? off : std::max(worst, off / std::max(1.0, std::abs(reference)));
      if (std::isnan(worst)) break;
    }
    EXPECT_LE(worst, tolerance) << place.name << " of layer " << place.layer;
    compared.insert(place.name);
  }
  EXPECT_EQ(compared, stated(of));
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
}  // namespace rondo::testing_support
