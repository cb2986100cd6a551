/// Minimal recurrent layers, whose gates see the input alone: MinGRU, MinLSTM, SSRU.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>
#include <rondo/layers/choices.h>

namespace [[gnu::visibility("default")]] rondo {
namespace layers {

/// minGRU (Feng et al. 2024, "Were RNNs all we needed?", section 3.1): z = sigmoid(W_z x + b_z),
/// h~ = W_h x + b_h, h_t = (1 - z_t) h_{t-1} + z_t h~_t.
struct MinGRU {
  Required<int> units;
  bool bias = true;
  Initializer kernel_init = Initializer::glorot_uniform;

  static constexpr std::string_view type = "min_gru";
  static constexpr auto fields() {
    return std::tuple{field("units", &MinGRU::units, "size of the hidden state", 1, 1 << 20),
                      field("bias", &MinGRU::bias, "add bias vectors"),
                      field("kernel_init", &MinGRU::kernel_init, "initial values of the weights")};
  }
};

/// minLSTM (the same, section 3.2), with gates that sum to 1: f = sigmoid(W_f x + b_f),
/// i = sigmoid(W_i x + b_i), h~ = W_h x + b_h, h_t = (f_t h_{t-1} + i_t h~_t) / (f_t + i_t).
struct MinLSTM {
  Required<int> units;
  bool bias = true;
  Initializer kernel_init = Initializer::glorot_uniform;

  static constexpr std::string_view type = "min_lstm";
  static constexpr auto fields() {
    return std::tuple{field("units", &MinLSTM::units, "size of the hidden state", 1, 1 << 20),
                      field("bias", &MinLSTM::bias, "add bias vectors"),
                      field("kernel_init", &MinLSTM::kernel_init, "initial values of the weights")};
  }
};

/// Simpler simple recurrent unit (Kim et al. 2019, "From Research to Production and Back", section 3.2):
/// f = sigmoid(W_f x + b_f), c_t = f_t c_{t-1} + (1 - f_t) W x_t, h_t = relu(c_t).
struct SSRU {
  Required<int> units;
  bool bias = true;
  Initializer kernel_init = Initializer::glorot_uniform;

  static constexpr std::string_view type = "ssru";
  static constexpr auto fields() {
    return std::tuple{field("units", &SSRU::units, "size of the hidden state", 1, 1 << 20),
                      field("bias", &SSRU::bias, "add a bias vector to the gate"),
                      field("kernel_init", &SSRU::kernel_init, "initial values of the weights")};
  }
};

static_assert(all_fields_listed<MinGRU>);
static_assert(all_fields_listed<MinLSTM>);
static_assert(all_fields_listed<SSRU>);

}  // namespace layers
}  // namespace rondo
