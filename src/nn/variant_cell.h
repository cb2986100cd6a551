/// Variants of LSTM and GRU that no fused cell computes: other activations, peepholes, layer normalisation, a
/// projection. They are made of operations, step by step, in plain words of docs/gates.md.
#pragma once
#include <span>
#include <string>
#include <vector>

#include <rondo/nn.h>

namespace rondo::nn {

/// How a cell differs from the fused one of its kind.
struct Variant {
  Activation activation = Activation::tanh, recurrent_activation = Activation::sigmoid;
  int proj_size = 0;  ///< 0: h is not projected
  bool peepholes = false, layer_norm = false;

  bool operator==(const Variant&) const = default;
  /// Whether it does not differ.
  bool none() const { return *this == Variant{}; }
};

/// The variant that a description asks for. Error(option), naming the layer's place, for functions that a
/// gate cannot have.
template <class Options>
Variant variant_of(const std::string& where, const Options& o);
template <>
Variant variant_of(const std::string& where, const layers::LSTM& o);
template <>
Variant variant_of(const std::string& where, const layers::GRU& o);

/// The parameters that a variant has beside RecurrentWeights, of one direction.
struct VariantWeights {
  Var projection;                             ///< [proj_size, units]
  Var peephole_i, peephole_f, peephole_o;     ///< [units]
  Var norm_ih, norm_hh, norm_c, norm_c_bias;  ///< gains of W x, U h and c; the bias of c
};
VariantWeights variant_weights(const Scope& in, const Variant& variant, int units, const std::string& suffix);

/// As recurrent(), for a variant of Cell::lstm, Cell::gru or Cell::gru_reset_before.
RecurrentResult run_variant(Cell kind, const Variant& variant, const Sequences& x,
                            std::span<const RecurrentWeights> directions,
                            std::span<const VariantWeights> beside, const Var& h0, const Var& c0,
                            const RecurrentOptions& options);

}  // namespace rondo::nn
