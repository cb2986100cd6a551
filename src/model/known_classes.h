/// Further data for a model whose classes are fixed.
#pragma once
#include <string>
#include <vector>

#include <rondo/data.h>

#include "base/message.h"

namespace rondo {

/// The same examples, with classes numbered as in `classes`. Error(data) if an example has another class.
inline Dataset with_known_classes(const Dataset& examples, const std::vector<std::string>& classes) {
  if (examples.class_names().empty() || classes.empty() || examples.class_names() == classes) return examples;
  std::size_t left_out = 0;
  Dataset known = examples.with_classes(classes, &left_out);
  if (left_out > 0)
    fail(ErrorKind::data, std::to_string(left_out) + " of " + std::to_string(examples.size()) +
                              " examples have a class that the model does not know; it knows " +
                              enumerate(classes, "and"));
  return known;
}

}  // namespace rondo
