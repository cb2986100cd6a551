#include "model/stream/plan.h"

#include <algorithm>

#include "base/message.h"
#include "runtime/parallel.h"

namespace rondo::streaming {
namespace {

/// Bytes of a layer's weights that make another thread worth while, even if it must be woken first.
constexpr Index worth_a_thread = 256 * 1024;

Index bytes_of(WeightType type) {
  return type == WeightType::f32 ? 4 : type == WeightType::bf16 ? 2 : 1;
}

/// Turns the layers of a model into steps, one after the other.
class Builder {
 public:
  explicit Builder(const Sequential::Impl& model)
      : model_(model),
        store_(*model.live("stream()").store()),
        setting_{model.weight_type, &kernels<float>(), parallelism()},
        plan_(std::make_shared<Plan>()) {}

  std::shared_ptr<const Plan> build() {
    for (at_ = 0; at_ < model_.layers.size(); ++at_) {
      std::visit([this](const auto& layer) { add(layer); }, model_.layers[at_]);
    }
    Plan& plan = *plan_;
    if (plan.steps.empty()) push(activation_step(setting_, model_.shapes.back().width, Activation::linear));
    plan.giver = model_.shapes.front().giver;
    plan.takes_ids = model_.takes_text();
    if (plan.takes_ids) plan.vocab = model_.encoder->vocab();
    if (!plan.takes_ids) plan.inputs = model_.shapes.front().width;
    for (const auto& step : plan.steps) {
      plan.state += step->state();
      plan.widest = std::max(plan.widest, step->width());
    }
    return plan_;
  }

 private:
  Index width_before() const { return model_.shapes[at_ - 1].width; }
  /// A weight of the layer; null when it has none of that name.
  const Tensor* find(const std::string& name) const {
    const Parameter* const parameter = store_.find(model_.names[at_] + "." + name);
    return parameter == nullptr ? nullptr : &parameter->leaf->value;
  }
  const float* numbers(const std::string& name) const {
    const Tensor* const tensor = find(name);
    return tensor == nullptr ? nullptr : tensor->data<float>().data();
  }
  Table table(const std::string& name) const {
    const Tensor* const tensor = find(name);
    if (tensor == nullptr) return {nullptr, 0, 0};
    return {tensor->data<float>().data(), tensor->rows(), tensor->columns()};
  }
  void push(std::unique_ptr<Step> step) { plan_->steps.push_back(std::move(step)); }

  void add(const layers::Tokens&) {}
  void add(const layers::Input&) {}
  void add(const layers::Dropout&) {}

  void add(const layers::Embedding&) {
    const TextEncoder& encoder = *model_.encoder;
    std::vector<Pair> pairs;
    // The first number stands for all pairs that are not kept.
    if (encoder.bigram_count() > 0) pairs.push_back({-2, -1});
    for (std::int32_t i = 1; i < encoder.bigram_count(); ++i)
      pairs.push_back({encoder.bigram(i).first, encoder.bigram(i).second});
    const Table tokens = table("weight");
    plan_->ids = tokens.count;
    push(embedding_step(setting_, tokens, table("bigram_weight"), pairs));
  }

  void add(const layers::LSTM& layer) { add_recurrent(layer, Cell::lstm); }
  void add(const layers::GRU& layer) {
    add_recurrent(layer, layer.reset_after ? Cell::gru : Cell::gru_reset_before);
  }
  void add(const layers::SimpleRNN& layer) {
    add_recurrent(layer, layer.activation == Activation::tanh ? Cell::rnn_tanh : Cell::rnn_relu);
  }
  template <class Layer>
  void add_recurrent(const Layer& layer, Cell cell) {
    if (layer.bidirectional)
      fail(ErrorKind::usage, "a stream of this model cannot be: " + quote(model_.names[at_]) + " (" +
                                 std::string(Layer::type) +
                                 ") is bidirectional and reads every sequence from its end, too; train it "
                                 "with bidirectional = false");
    for (int level = 0; level < layer.layers; ++level) {
      const std::string suffix = "_l" + std::to_string(level);
      push(recurrent_step(setting_, {cell, level == 0 ? width_before() : Index{layer.units}, layer.units,
                                     numbers("weight_ih" + suffix), numbers("weight_hh" + suffix),
                                     numbers("bias_ih" + suffix), numbers("bias_hh" + suffix)}));
    }
  }

  void add(const layers::Pooling& layer) { push(pooling_step(setting_, width_before(), layer.over_time)); }
  void add(const layers::Dense& layer) {
    push(dense_step(setting_, width_before(), layer.units, numbers("weight"), numbers("bias"),
                    layer.activation));
  }
  void add(const layers::LayerNorm& layer) {
    push(layer_norm_step(setting_, width_before(), numbers("weight"), numbers("bias"), layer.epsilon));
  }
  void add(const layers::Activate& layer) {
    push(activation_step(setting_, width_before(), layer.activation));
  }

  const Sequential::Impl& model_;
  const ParameterStore& store_;
  Setting setting_;
  std::shared_ptr<Plan> plan_;
  std::size_t at_ = 0;
};

}  // namespace

int parts_of(const Setting& setting, Index numbers) {
  const Index worth = numbers * bytes_of(setting.type) / worth_a_thread;
  return static_cast<int>(std::clamp<Index>(worth, 1, setting.threads));
}

Index part_begin(int part, int parts, Index count) {
  constexpr Index whole_vectors = 16;
  const Index begin = count * part / parts;
  return part == parts ? count : begin / whole_vectors * whole_vectors;
}

std::shared_ptr<const Plan> plan_of(const Sequential::Impl& model) {
  return Builder(model).build();
}

}  // namespace rondo::streaming
