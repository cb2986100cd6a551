/// A TextEncoder as a tree of JSON values: what its to_json() writes down, for who does not want it as one
/// text.
#pragma once
#include <functional>
#include <string>

#include <rondo/text.h>

#include "base/json.h"
#include "data/vocab_arrays.h"

namespace rondo {

/// How a tree has a large vocabulary.
enum class VocabForm {
  text,   ///< as text, for JSON
  table,  ///< as bytes (Json::binary) that need no parsing
};
/// The bytes for which a text stands in a tree that is read. Error(format) where there are none.
using BytesOf = std::function<SharedBytes(const std::string& place)>;

struct EncoderTree {
  static Json of(const TextEncoder& encoder, VocabForm form = VocabForm::text);
  /// Error(format) "text encoder: ..." for anything that of() cannot have given. Where there were bytes,
  /// there is a text for bytes_of(); without it, a tree is all text.
  static TextEncoder read(const Json& tree, const BytesOf& bytes_of = {});
};

}  // namespace rondo
