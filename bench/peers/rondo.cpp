// rondo itself, through its operations and, one step at a time, its streams. Also answers "peak": GFLOP/s of
// one core with nothing but multiply-adds.
#include <optional>

#include <rondo/model.h>
#include <rondo/ops.h>
#include <rondo/runtime.h>
#include <rondo/version.h>

#include "autograd/tape.h"
#include "peers/case.h"
#include "peers/rondo_step.h"
#include "support/fma_peak.h"
#include "tensor/small_weights.h"

namespace peers {
namespace {

using namespace rondo;

Var parameter(Tensor value) {
  auto leaf = std::make_shared<Leaf>();
  leaf->gradient = Tensor::zeros(value.shape());
  leaf->value = std::move(value);
  return Var::parameter(std::move(leaf));
}

WeightType weight_type_of(const Case& given) {
  const std::string type = given.text("weights");
  return type == "int8" ? WeightType::int8 : type == "w8a8" ? WeightType::w8a8 : WeightType::f32;
}

/// The layers' weights by their names, the matrices in one type.
class Weights {
 public:
  explicit Weights(const Case& given, WeightType type = WeightType::f32) : given_(given), type_(type) {}

  RecurrentWeights of(std::int64_t layer, std::int64_t direction) {
    const std::int64_t rows = given_.gates * given_.hidden;
    return {.weight_ih = matrix(name_of("weight_ih", layer, direction), rows, given_.width_into(layer)),
            .weight_hh = matrix(name_of("weight_hh", layer, direction), rows, given_.hidden),
            .bias_ih = add(name_of("bias_ih", layer, direction), {rows}),
            .bias_hh = add(name_of("bias_hh", layer, direction), {rows})};
  }
  Var add(const std::string& name, Shape shape) {
    const Var made = parameter(Tensor::of<float>(std::move(shape), given_.floats(name)));
    all_.emplace_back(name, made);
    return made;
  }
  void clear_gradients() {
    for (auto& [name, var] : all_)
      zero_gradient(*var.leaf());
  }
  void write_gradients(const std::string& folder) const {
    for (const auto& [name, var] : all_) {
      const auto values = std::as_const(var.leaf()->gradient).data<float>();
      write(folder, "d_" + name, values.data(), values.size());
    }
  }

 private:
  Var matrix(const std::string& name, std::int64_t rows, std::int64_t columns) {
    const Var made = add(name, {rows, columns});
    Leaf& leaf = *made.leaf();
    round_to(type_, rows, columns, leaf.value.data<float>().data());
    leaf.weight_type = type_;
    return made;
  }

  const Case& given_;
  WeightType type_;
  std::vector<std::pair<std::string, Var>> all_;
};

Cell cell_of(const Case& given) {
  return given.cell == "lstm" ? Cell::lstm : given.cell == "gru" ? Cell::gru : Cell::rnn_tanh;
}

void write(const std::string& folder, const std::string& name, const Var& var) {
  peers::write(folder, name, var.values().data(), var.values().size());
}

/// Whole sequences of one length: packed rows are then PyTorch's [steps, batch].
class Network {
 public:
  explicit Network(const Case& given)
      : given_(given),
        weights_(given, weight_type_of(given)),
        layout_(Layout::uniform(given.batch, given.steps)) {
    x_ = weights_.add("x", {layout_->rows(), given.input});
    for (std::int64_t layer = 0; layer < given.layers; ++layer) {
      layers_.emplace_back();
      for (std::int64_t direction = 0; direction < given.directions; ++direction)
        layers_.back().push_back(weights_.of(layer, direction));
    }
    if (given.training)
      dy_ = Tensor::of<float>({layout_->rows(), given.directions * given.hidden}, given.floats("dy"));
  }

  void pass() {
    if (!given_.training) {
      if (!inference_) inference_.emplace();
      y_ = forward();
      return;
    }
    weights_.clear_gradients();
    const Recording recording;
    y_ = forward();
    // A loss that costs nothing: its gradient is there already.
    const Var loss = record(Tensor::zeros({}), {y_}, [this](Gradients& g) { g.give(y_, dy_); });
    loss.backward();
  }
  void check(const std::string& folder) {
    pass();
    write(folder, "y", y_);
    if (given_.training) weights_.write_gradients(folder);
  }

 private:
  Var forward() const {
    Sequences x(x_, layout_);
    for (const std::vector<RecurrentWeights>& layer : layers_)
      x = recurrent(cell_of(given_), x, layer).outputs;
    return x.rows();
  }

  const Case& given_;
  Weights weights_;
  std::shared_ptr<const Layout> layout_;
  Var x_, y_;
  std::vector<std::vector<RecurrentWeights>> layers_;
  Tensor dy_;
  std::optional<InferenceMode> inference_;  ///< weights stay the same, and laid out, as those of the others
};

/// One step at a time, as an application would have it.
class Stream {
 public:
  explicit Stream(const Case& given)
      : x_(given.floats("x")), width_(static_cast<std::size_t>(given.input)), stream_(stream_of(given)) {}

  void pass() {
    y_ = stream_.push(std::span(x_).subspan(next_, width_));
    next_ = (next_ + width_) % x_.size();
  }
  void check(const std::string& folder) {
    next_ = 0;
    stream_.reset();
    std::vector<float> y;
    do {
      pass();
      y.insert(y.end(), y_.begin(), y_.end());
    } while (next_ != 0);
    peers::write(folder, "y", y.data(), y.size());
  }

 private:
  static rondo::Stream stream_of(const Case& given) {
    const int width = static_cast<int>(given.input);
    Sequential model{layers::Input{.features = width}, layers::LSTM{.units = static_cast<int>(given.hidden)}};
    const std::vector<std::string> label = {"any"};
    model.prepare(data::labelled_features({Tensor::zeros({1, width})}, label));
    Weights all(given);
    const RecurrentWeights weights = all.of(0, 0);
    model.weights().set("lstm.weight_ih_l0", weights.weight_ih.value());
    model.weights().set("lstm.weight_hh_l0", weights.weight_hh.value());
    model.weights().set("lstm.bias_ih_l0", weights.bias_ih.value());
    model.weights().set("lstm.bias_hh_l0", weights.bias_hh.value());
    model.quantize(weight_type_of(given));
    return model.stream();
  }

  std::vector<float> x_;
  std::size_t width_, next_ = 0;
  rondo::Stream stream_;
  std::span<const float> y_;
};

/// Rows by weights, a dense layer without its bias.
class Product {
 public:
  explicit Product(const Case& given)
      : x_(Tensor::of<float>({given.batch, given.input}, given.floats("x"))),
        weight_(Tensor::of<float>({given.hidden, given.input}, given.floats("weight"))) {}
  void pass() { y_ = linear(x_, weight_); }
  void check(const std::string& folder) {
    pass();
    write(folder, "y", y_);
  }

 private:
  Var x_, weight_, y_;
};

Prepared prepare(const Case& given, std::string& version) {
  static Runtime runtime({.threads = given.threads, .isa = {}});
  static const Runtime::Use use(runtime);
  version = "rondo " + std::string(rondo::version()) + " " + std::string(runtime.isa());
  Prepared made = given.suite == "product"  ? prepared(std::make_shared<Product>(given))
                  : given.suite == "step"   ? prepared(std::make_shared<StepModel>(given))
                  : given.suite == "stream" ? prepared(std::make_shared<Stream>(given))
                                            : prepared(std::make_shared<Network>(given));
  made.more["peak"] = [] { return std::to_string(bench::fma_peak(runtime.isa())); };
  return made;
}

}  // namespace
}  // namespace peers

int main(int count, char** words) {
  return peers::run(count, words, peers::prepare);
}
