/// Collects the steps of a model's layers.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <rondo/nn.h>
#include <rondo/text.h>

#include "model/stream/step.h"

namespace rondo::streaming {

/// Collects the steps of a model, layer by layer; a layer may add any number of them. Steps copy what they
/// need.
class Builder {
 public:
  /// `encoder`: null in a model of numbers.
  Builder(const Setting& setting, const ParameterStore& weights, const TextEncoder* encoder)
      : setting_(setting), weights_(weights), encoder_(encoder) {}

  /// Continues with the layer of that name. `input` is the number of numbers in an input row; 0 for token
  /// numbers.
  void begin(std::string name, Index input) {
    name_ = std::move(name);
    input_ = input;
  }

  const Setting& setting() const noexcept { return setting_; }
  const std::string& name() const noexcept { return name_; }
  Index input() const noexcept { return input_; }
  const TextEncoder& encoder() const noexcept { return *encoder_; }
  /// A weight of the layer; null when it has none of that name.
  const Tensor* find(const std::string& weight) const {
    const Parameter* const parameter = weights_.find(name_ + "." + weight);
    return parameter == nullptr ? nullptr : &parameter->leaf->value;
  }
  const float* numbers(const std::string& weight) const {
    const Tensor* const tensor = find(weight);
    return tensor == nullptr ? nullptr : tensor->data<float>().data();
  }

  void push(std::unique_ptr<Step> step) { steps_.push_back(std::move(step)); }
  /// Sets the limit of token numbers: they are below `count`.
  void limit_ids(Index count) noexcept { ids_ = count; }

  std::vector<std::unique_ptr<const Step>> take_steps() { return std::move(steps_); }
  Index ids() const noexcept { return ids_; }

 private:
  Setting setting_;
  const ParameterStore& weights_;
  const TextEncoder* encoder_;
  std::string name_;
  Index input_ = 0, ids_ = 0;
  std::vector<std::unique_ptr<const Step>> steps_;
};

}  // namespace rondo::streaming
