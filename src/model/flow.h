/// What flows from layer to layer of a Sequential, and its shape before anything flows.
#pragma once
#include <string>
#include <variant>

#include <rondo/autograd.h>

namespace rondo {

/// Token numbers, a row a step, or a row a sequence.
using Flow = std::variant<Ids, Sequences, Var>;

/// The shape of a layer's output, and who gives it: for the layer after it, and for messages.
struct Signature {
  enum class Kind { nothing, ids, steps, rows };
  Kind kind = Kind::nothing;
  int width = 0;         ///< numbers a row; of ids 0
  bool bigrams = false;  ///< ids come with bigrams beside them
  std::string giver;     ///< "'lstm' (lstm, both directions side by side)"

  /// "[T]" for ids, "[T, 64]" for steps, "[64]" for rows.
  std::string shape() const;
  /// "a row of 64 a sequence from 'lstm' (lstm)"
  std::string in_words() const;
};

}  // namespace rondo
