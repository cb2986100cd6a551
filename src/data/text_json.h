/// A TextEncoder as a tree of JSON values: what its to_json() writes down, for who does not want it as one
/// text.
#pragma once
#include <rondo/text.h>

#include "base/json.h"

namespace rondo {

struct EncoderTree {
  static Json of(const TextEncoder& encoder);
  /// Error(format) "text encoder: ..." for anything that of() cannot have given.
  static TextEncoder read(const Json& tree);
};

}  // namespace rondo
