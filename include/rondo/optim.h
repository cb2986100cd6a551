/// Optimisers and learning-rate schedules as plain data. The formulas, defaults and names of options are
/// PyTorch's, so that a recipe found anywhere can be typed in.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {

/// Parameters with row-sparse gradients (embeddings) are updated lazily by every optimiser: rows that a batch
/// did not touch keep their values and their state, and get no decay (torch.optim.SparseAdam).
namespace optim {

/// v = momentum · v + g; w -= learning_rate · v (nesterov: g + momentum · v). Sutskever et al. 2013.
struct SGD {
  float learning_rate = 1e-2F;
  float momentum = 0;
  bool nesterov = false;
  float weight_decay = 0;

  static constexpr std::string_view type = "sgd";
  static constexpr auto fields() {
    return std::tuple{
        field("learning_rate", &SGD::learning_rate, "size of a step", 0, 1e3),
        field("momentum", &SGD::momentum, "share of the last step that is kept", 0, 1),
        field("nesterov", &SGD::nesterov, "look ahead along the momentum"),
        field("weight_decay", &SGD::weight_decay, "added to the gradient: weight_decay * w", 0, 1e3)};
  }
};
static_assert(all_fields_listed<SGD>);

/// s += g²; w -= learning_rate · g / (sqrt(s) + epsilon). Duchi et al. 2011.
struct Adagrad {
  float learning_rate = 1e-2F;
  float epsilon = 1e-10F;
  float initial_sum = 0;
  float weight_decay = 0;

  static constexpr std::string_view type = "adagrad";
  static constexpr auto fields() {
    return std::tuple{
        field("learning_rate", &Adagrad::learning_rate, "size of a step", 0, 1e3),
        field("epsilon", &Adagrad::epsilon, "keeps the divisor from 0", 0, 1),
        field("initial_sum", &Adagrad::initial_sum, "sum of squares before the first step", 0, 1e6),
        field("weight_decay", &Adagrad::weight_decay, "added to the gradient: weight_decay * w", 0, 1e3)};
  }
};
static_assert(all_fields_listed<Adagrad>);

/// s = alpha · s + (1 - alpha) · g²; w -= learning_rate · g / (sqrt(s) + epsilon). Tieleman & Hinton 2012.
struct RMSprop {
  float learning_rate = 1e-2F;
  float alpha = 0.99F;
  float epsilon = 1e-8F;
  float momentum = 0;
  float weight_decay = 0;

  static constexpr std::string_view type = "rmsprop";
  static constexpr auto fields() {
    return std::tuple{
        field("learning_rate", &RMSprop::learning_rate, "size of a step", 0, 1e3),
        field("alpha", &RMSprop::alpha, "share of the mean square that is kept", 0, 1),
        field("epsilon", &RMSprop::epsilon, "keeps the divisor from 0", 0, 1),
        field("momentum", &RMSprop::momentum, "share of the last step that is kept", 0, 1),
        field("weight_decay", &RMSprop::weight_decay, "added to the gradient: weight_decay * w", 0, 1e3)};
  }
};
static_assert(all_fields_listed<RMSprop>);

/// Kingma & Ba 2015, with bias correction by the number of steps taken.
struct Adam {
  float learning_rate = 1e-3F;
  float beta1 = 0.9F;
  float beta2 = 0.999F;
  float epsilon = 1e-8F;
  float weight_decay = 0;

  static constexpr std::string_view type = "adam";
  static constexpr auto fields() {
    return std::tuple{
        field("learning_rate", &Adam::learning_rate, "size of a step", 0, 1e3),
        field("beta1", &Adam::beta1, "share of the mean gradient that is kept", 0, 0.999999),
        field("beta2", &Adam::beta2, "share of the mean square that is kept", 0, 0.999999),
        field("epsilon", &Adam::epsilon, "keeps the divisor from 0", 0, 1),
        field("weight_decay", &Adam::weight_decay, "added to the gradient: weight_decay * w", 0, 1e3)};
  }
};
static_assert(all_fields_listed<Adam>);

/// Adam whose decay does not pass through the moments: w -= learning_rate · weight_decay · w. Loshchilov &
/// Hutter 2019.
struct AdamW {
  float learning_rate = 1e-3F;
  float beta1 = 0.9F;
  float beta2 = 0.999F;
  float epsilon = 1e-8F;
  float weight_decay = 1e-2F;

  static constexpr std::string_view type = "adamw";
  static constexpr auto fields() {
    return std::tuple{field("learning_rate", &AdamW::learning_rate, "size of a step", 0, 1e3),
                      field("beta1", &AdamW::beta1, "share of the mean gradient that is kept", 0, 0.999999),
                      field("beta2", &AdamW::beta2, "share of the mean square that is kept", 0, 0.999999),
                      field("epsilon", &AdamW::epsilon, "keeps the divisor from 0", 0, 1),
                      field("weight_decay", &AdamW::weight_decay,
                            "taken off each weight: learning_rate * weight_decay * w", 0, 1e3)};
  }
};
static_assert(all_fields_listed<AdamW>);

}  // namespace optim

/// Any optimiser; each alternative has a `type` by which JSON and the command line name it.
using Optimizer = std::variant<optim::SGD, optim::Adagrad, optim::RMSprop, optim::Adam, optim::AdamW>;

/// How the learning rate changes during one fit: a factor on the optimiser's. Every schedule can begin with a
/// warm-up: over the first `warmup_steps` steps the factor rises in a straight line from 0, and the schedule
/// proper begins after it.
namespace schedule {

/// The same rate throughout.
struct Constant {
  int warmup_steps = 0;

  static constexpr std::string_view type = "constant";
  static constexpr auto fields() {
    return std::tuple{
        field("warmup_steps", &Constant::warmup_steps, "steps over which the rate rises from 0", 0, 1 << 30)};
  }
};
static_assert(all_fields_listed<Constant>);

/// Times `factor` after every `every` epochs. With `after` = n the rate stays for n epochs, is multiplied for
/// the first time then, and again after every `every` epochs more: factor^(1 + floor((epochs - n) / every))
/// from n epochs on (Zaremba et al. 2014: every = 1, after = 6, factor = 1 / 1.2).
struct Step {
  int every = 1;
  float factor = 0.1F;
  int after = 0;
  int warmup_steps = 0;

  static constexpr std::string_view type = "step";
  static constexpr auto fields() {
    return std::tuple{
        field("every", &Step::every, "epochs between two reductions", 1, 1 << 20),
        field("factor", &Step::factor, "what the rate is multiplied by", 0, 1),
        field("after", &Step::after, "epochs before the first reduction; 0: `every`", 0, 1 << 20),
        field("warmup_steps", &Step::warmup_steps, "steps over which the rate rises from 0", 0, 1 << 30)};
  }
};
static_assert(all_fields_listed<Step>);

/// factor^epochs, smoothly from step to step.
struct Exponential {
  float factor = 0.9F;
  int warmup_steps = 0;

  static constexpr std::string_view type = "exponential";
  static constexpr auto fields() {
    return std::tuple{
        field("factor", &Exponential::factor, "what the rate is multiplied by over an epoch", 0, 1),
        field("warmup_steps", &Exponential::warmup_steps, "steps over which the rate rises from 0", 0,
              1 << 30)};
  }
};
static_assert(all_fields_listed<Exponential>);

/// From 1 along half a cosine to `floor` at the last step. Loshchilov & Hutter 2017, without restarts.
struct Cosine {
  float floor = 0;
  int warmup_steps = 0;

  static constexpr std::string_view type = "cosine";
  static constexpr auto fields() {
    return std::tuple{
        field("floor", &Cosine::floor, "share of the rate that is left at the end", 0, 1),
        field("warmup_steps", &Cosine::warmup_steps, "steps over which the rate rises from 0", 0, 1 << 30)};
  }
};
static_assert(all_fields_listed<Cosine>);

/// From 1 in a straight line to `floor` at the last step.
struct Linear {
  float floor = 0;
  int warmup_steps = 0;

  static constexpr std::string_view type = "linear";
  static constexpr auto fields() {
    return std::tuple{
        field("floor", &Linear::floor, "share of the rate that is left at the end", 0, 1),
        field("warmup_steps", &Linear::warmup_steps, "steps over which the rate rises from 0", 0, 1 << 30)};
  }
};
static_assert(all_fields_listed<Linear>);

/// Times `factor` whenever `monitor` has not improved by more than `min_delta` for `patience` epochs in a
/// row.
struct ReduceOnPlateau {
  std::string monitor = "val_loss";
  float factor = 0.5F;
  int patience = 1;
  float min_delta = 1e-4F;
  float floor = 0;
  int warmup_steps = 0;

  static constexpr std::string_view type = "reduce_on_plateau";
  static constexpr auto fields() {
    return std::tuple{
        field("monitor", &ReduceOnPlateau::monitor, "value of the epoch that should improve"),
        field("factor", &ReduceOnPlateau::factor, "what the rate is multiplied by", 0, 1),
        field("patience", &ReduceOnPlateau::patience, "epochs in a row without improvement before it", 1,
              1 << 20),
        field("min_delta", &ReduceOnPlateau::min_delta, "smaller improvements do not count", 0, 1e6),
        field("floor", &ReduceOnPlateau::floor, "share of the rate below which it never falls", 0, 1),
        field("warmup_steps", &ReduceOnPlateau::warmup_steps, "steps over which the rate rises from 0", 0,
              1 << 30)};
  }
};
static_assert(all_fields_listed<ReduceOnPlateau>);

}  // namespace schedule

using Schedule = std::variant<schedule::Constant, schedule::Step, schedule::Exponential, schedule::Cosine,
                              schedule::Linear, schedule::ReduceOnPlateau>;

/// The name of the alternative chosen: "adam", "cosine", ...
template <class... D>
constexpr std::string_view type_of(const std::variant<D...>& description) {
  return std::visit([](const auto& d) { return std::remove_cvref_t<decltype(d)>::type; }, description);
}

}  // namespace rondo
