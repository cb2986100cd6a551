/// Checks the options of a live module.
#pragma once
#include <rondo/nn.h>

#include "base/fields.h"

namespace rondo::nn {

/// Returns `options` if every field is within its bounds. Error(option) names the module's place or, at the
/// root of the parameter tree, the layer's type.
template <Description D>
const D& checked(const std::string& place, const D& options) {
  check(options, {place.empty() ? std::string(D::type) : place, ErrorKind::option});
  return options;
}

}  // namespace rondo::nn
