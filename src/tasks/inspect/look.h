/// The page of `rondo inspect --text`: what every network shows of itself. An application describes its
/// answer to one line as a Subject, and adds sections of its own.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include <rondo/inspect.h>

#include "tasks/inspect/page.h"

namespace rondo::inspect {

/// An answer to look into.
struct Subject {
  std::vector<std::string> tokens;  ///< what the recurrent layers read, step by step
  Words value;                      ///< the number that is explained: "ln P(positive)"
  std::function<Var()> score;       ///< computes it anew
  /// The Input whose steps are the tokens; empty: the first one that has as many.
  std::string input = {};
  /// The number without each token, and with an unknown one in its place; empty: not computed.
  std::vector<double> without = {}, replaced = {};
};

/// What the number depends on, then each recurrent level that reads the tokens, then the recurrent weights.
std::vector<Section> look_into(const Subject& subject, const ParameterStore& weights);

/// One level: gates, states, gradients.
Section section_of(const Run& run, const std::vector<std::string>& tokens);
/// Of all recurrent weights.
Section section_of(const ParameterStore& weights);

}  // namespace rondo::inspect
