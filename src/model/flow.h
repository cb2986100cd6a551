/// What flows from layer to layer of a Sequential, and its shape, which is known in advance.
#pragma once
#include <string>
#include <variant>

#include <rondo/autograd.h>

namespace rondo {

/// Token numbers, one row per step, or one row per sequence.
using Flow = std::variant<Ids, Sequences, Var>;

/// The shape of a layer's output, and the layer that gives it: for the next layer, and for messages.
struct Signature {
  enum class Kind { nothing, ids, steps, rows };
  Kind kind = Kind::nothing;
  int width = 0;           ///< numbers per row; 0 for ids
  bool bigrams = false;    ///< whether bigrams come with the ids
  std::string giver = {};  ///< "'lstm' (lstm, both directions side by side)"
  /// The layer that made the steps others than those of the model's input; empty: none did.
  std::string resampled = {};

  /// "[T]" for ids, "[T, 64]" for steps, "[64]" for rows.
  std::string shape() const;
  /// "one row of 64 per sequence from 'lstm' (lstm)"
  std::string in_words() const;
};

}  // namespace rondo
