/// The ranges of what a live module is made of.
#pragma once
#include <rondo/nn.h>

#include "base/fields.h"

namespace rondo::nn {

/// `options`, if each field is within its bounds; Error(option) naming it by the module's place, or, at the
/// root of the parameter tree, by the layer's type.
template <Description D>
const D& checked(const std::string& place, const D& options) {
  check(options, {place.empty() ? std::string(D::type) : place, ErrorKind::option});
  return options;
}

}  // namespace rondo::nn
