/// Normalisation of text before it is cut into tokens.
#pragma once
#include <string>
#include <string_view>

#include <rondo/layers.h>

namespace rondo {

struct Normalizer {
  Normalization form = Normalization::nfkc;
  bool lowercase = true;
  bool fold_space = true;  // off: white space stays as it is, but for CR LF, which becomes LF

  /// Throws Error(data) for invalid UTF-8.
  std::string operator()(std::string_view text) const;
};

}  // namespace rondo
