/// Optimisers and learning-rate schedules as plain data. Formulas, defaults and option names are PyTorch's,
/// so published recipes can be used unchanged.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {

/// Every optimiser updates parameters with row-sparse gradients (embeddings) lazily: rows that a batch did
/// not touch keep their values and their state and get no decay, as in torch.optim.SparseAdam.
namespace optim {

/// v = momentum · v + g; w -= learning_rate · v (nesterov: g + momentum · v). Sutskever et al. 2013.
struct SGD {
  float learning_rate = 1e-2F;
  float momentum = 0;
  bool nesterov = false;
  float weight_decay = 0;

  static constexpr std::string_view type = "sgd";
  static constexpr auto fields() {
    return std::tuple{field("learning_rate", &SGD::learning_rate, "size of a step", 0, 1e3),
                      field("momentum", &SGD::momentum, "share of the previous step that is kept", 0, 1),
                      field("nesterov", &SGD::nesterov, "use Nesterov momentum"),
                      field("weight_decay", &SGD::weight_decay,
                            "L2 penalty: adds weight_decay * w to the gradient", 0, 1e3)};
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
        field("epsilon", &Adagrad::epsilon, "added to the divisor to avoid division by zero", 0, 1),
        field("initial_sum", &Adagrad::initial_sum, "sum of squares before the first step", 0, 1e6),
        field("weight_decay", &Adagrad::weight_decay, "L2 penalty: adds weight_decay * w to the gradient", 0,
              1e3)};
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
        field("epsilon", &RMSprop::epsilon, "added to the divisor to avoid division by zero", 0, 1),
        field("momentum", &RMSprop::momentum, "share of the previous step that is kept", 0, 1),
        field("weight_decay", &RMSprop::weight_decay, "L2 penalty: adds weight_decay * w to the gradient", 0,
              1e3)};
  }
};
static_assert(all_fields_listed<RMSprop>);

/// Kingma & Ba 2015, with bias correction by the number of steps.
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
        field("epsilon", &Adam::epsilon, "added to the divisor to avoid division by zero", 0, 1),
        field("weight_decay", &Adam::weight_decay, "L2 penalty: adds weight_decay * w to the gradient", 0,
              1e3)};
  }
};
static_assert(all_fields_listed<Adam>);

/// Adam with decoupled weight decay, which does not enter the moments: w -= learning_rate · weight_decay · w.
/// Loshchilov & Hutter 2019.
struct AdamW {
  float learning_rate = 1e-3F;
  float beta1 = 0.9F;
  float beta2 = 0.999F;
  float epsilon = 1e-8F;
  float weight_decay = 1e-2F;

  static constexpr std::string_view type = "adamw";
  static constexpr auto fields() {
    return std::tuple{
        field("learning_rate", &AdamW::learning_rate, "size of a step", 0, 1e3),
        field("beta1", &AdamW::beta1, "share of the mean gradient that is kept", 0, 0.999999),
        field("beta2", &AdamW::beta2, "share of the mean square that is kept", 0, 0.999999),
        field("epsilon", &AdamW::epsilon, "added to the divisor to avoid division by zero", 0, 1),
        field("weight_decay", &AdamW::weight_decay,
              "subtracts learning_rate * weight_decay * w from each weight", 0, 1e3)};
  }
};
static_assert(all_fields_listed<AdamW>);

}  // namespace optim

/// Any optimiser. JSON and the command line name an alternative by its `type`.
using Optimizer = std::variant<optim::SGD, optim::Adagrad, optim::RMSprop, optim::Adam, optim::AdamW>;

/// How the learning rate changes during one fit. A schedule is a factor on the optimiser's rate. Every
/// schedule can begin with a warm-up: the factor rises linearly from 0 over the first `warmup_steps` steps,
/// and the schedule itself begins after that.
namespace schedule {

/// A constant rate.
struct Constant {
  int warmup_steps = 0;

  static constexpr std::string_view type = "constant";
  static constexpr auto fields() {
    return std::tuple{field("warmup_steps", &Constant::warmup_steps,
                            "number of steps over which the rate rises from 0", 0, 1 << 30)};
  }
};
static_assert(all_fields_listed<Constant>);

/// Multiplies the rate by `factor` after every `every` epochs. With `after` = n, the rate is constant for n
/// epochs, is then multiplied for the first time, and again after every `every` further epochs: the factor is
/// factor^(1 + floor((epochs - n) / every)) from n epochs on (Zaremba et al. 2014: every = 1, after = 6,
/// factor = 1 / 1.2).
struct Step {
  int every = 1;
  float factor = 0.1F;
  int after = 0;
  int warmup_steps = 0;

  static constexpr std::string_view type = "step";
  static constexpr auto fields() {
    return std::tuple{
        field("every", &Step::every, "epochs between two reductions", 1, 1 << 20),
        field("factor", &Step::factor, "number that multiplies the rate", 0, 1),
        field("after", &Step::after, "epochs before the first reduction; 0: same as every", 0, 1 << 20),
        field("warmup_steps", &Step::warmup_steps, "number of steps over which the rate rises from 0", 0,
              1 << 30)};
  }
};
static_assert(all_fields_listed<Step>);

/// Exponential decay: the factor is factor^epochs, with fractions of epochs, so it changes at each step.
struct Exponential {
  float factor = 0.9F;
  int warmup_steps = 0;

  static constexpr std::string_view type = "exponential";
  static constexpr auto fields() {
    return std::tuple{
        field("factor", &Exponential::factor, "number that multiplies the rate over an epoch", 0, 1),
        field("warmup_steps", &Exponential::warmup_steps, "number of steps over which the rate rises from 0",
              0, 1 << 30)};
  }
};
static_assert(all_fields_listed<Exponential>);

/// Falls from 1 to `floor` along half a cosine; reaches it at the last step. Loshchilov & Hutter 2017,
/// without restarts.
struct Cosine {
  float floor = 0;
  int warmup_steps = 0;

  static constexpr std::string_view type = "cosine";
  static constexpr auto fields() {
    return std::tuple{field("floor", &Cosine::floor, "share of the rate at the last step", 0, 1),
                      field("warmup_steps", &Cosine::warmup_steps,
                            "number of steps over which the rate rises from 0", 0, 1 << 30)};
  }
};
static_assert(all_fields_listed<Cosine>);

/// Falls linearly from 1 to `floor`; reaches it at the last step.
struct Linear {
  float floor = 0;
  int warmup_steps = 0;

  static constexpr std::string_view type = "linear";
  static constexpr auto fields() {
    return std::tuple{field("floor", &Linear::floor, "share of the rate at the last step", 0, 1),
                      field("warmup_steps", &Linear::warmup_steps,
                            "number of steps over which the rate rises from 0", 0, 1 << 30)};
  }
};
static_assert(all_fields_listed<Linear>);

/// Multiplies the rate by `factor` whenever `monitor` has not improved by more than `min_delta` for
/// `patience` epochs in a row.
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
        field("monitor", &ReduceOnPlateau::monitor, "epoch value that should improve"),
        field("factor", &ReduceOnPlateau::factor, "number that multiplies the rate", 0, 1),
        field("patience", &ReduceOnPlateau::patience,
              "epochs in a row without improvement before a reduction", 1, 1 << 20),
        field("min_delta", &ReduceOnPlateau::min_delta, "smaller improvements do not count", 0, 1e6),
        field("floor", &ReduceOnPlateau::floor, "smallest share of the rate", 0, 1),
        field("warmup_steps", &ReduceOnPlateau::warmup_steps,
              "number of steps over which the rate rises from 0", 0, 1 << 30)};
  }
};
static_assert(all_fields_listed<ReduceOnPlateau>);

}  // namespace schedule

using Schedule = std::variant<schedule::Constant, schedule::Step, schedule::Exponential, schedule::Cosine,
                              schedule::Linear, schedule::ReduceOnPlateau>;

/// The type of the chosen alternative: "adam", "cosine", ...
template <class... D>
constexpr std::string_view type_of(const std::variant<D...>& description) {
  return std::visit([](const auto& d) { return std::remove_cvref_t<decltype(d)>::type; }, description);
}

}  // namespace rondo
