/// The recurrent layers of a decoder, of any cell.
#pragma once
#include <cstdint>
#include <variant>
#include <vector>

#include <rondo/min_recurrent.h>
#include <rondo/network.h>
#include <rondo/nn.h>
#include <rondo/tasks/translate.h>

namespace rondo::translate {

/// Layers one above the other; their states stand one behind the other.
class DecoderLayers {
 public:
  DecoderLayers(const Scope& in, int input, const TranslationNetworkOptions& options, int count);
  nn::Recurrence run(const Sequences& x, const State& initial) const;
  /// One step on x [rows, input]; `time` keys what dropout drops.
  nn::Step step(const Var& x, const State& state, std::uint64_t time) const;

 private:
  std::variant<nn::RecurrentLayers, std::vector<nn::SSRU>> layers_;
};

/// Whether a layer's state is {h, c}; else it is one tensor.
bool has_cell_state(const TranslationNetworkOptions& options);
nn::RecurrentLayers recurrent(const Scope& in, int input, const TranslationNetworkOptions& options, int count,
                              bool both);

}  // namespace rondo::translate
