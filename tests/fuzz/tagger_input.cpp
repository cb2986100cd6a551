// Any bytes are the words and tags of a tagger, or are refused with a reason; what is read is written back as
// it was read, and pairs are of tokens that it has.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <rondo/error.h>

#include "tasks/tag/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  using rondo::tag::TaggerInput;
  std::string written;
  try {
    const TaggerInput input = TaggerInput::from_json(bytes);
    for (const auto& [previous, token] : input.bigrams->pairs())
      if (previous >= input.tokens.size() || token >= input.tokens.size()) std::abort();
    written = input.to_json();
  } catch (const rondo::Error&) {
    return 0;
  }
  if (TaggerInput::from_json(written).to_json() != written) std::abort();
  return 0;
}
