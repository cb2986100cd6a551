// Any bytes are the arrays of a wide branch that answers, or are refused with Error(format).
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <rondo/error.h>
#include <rondo/wide.h>

#include "base/safetensors.h"
#include "wide/classifier.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> texts = {"one two three", "two three four", "one two four three"};
  static const rondo::TextEncoder encoder = rondo::TextEncoder::learn(texts);
  for (const std::size_t classes : {2U, 3U}) {
    try {
      const std::vector<std::string> names = {"a", "b", "c"};
      const auto reader = rondo::safetensors::Reader::from_memory(bytes, "fuzz");
      const auto wide = rondo::wide::from_arrays(reader, "w.", {.wide_ngrams = 2}, encoder,
                                                 {names.begin(), names.begin() + classes});
      wide.probabilities("one two three four");
      wide.strongest(0, 3);
    } catch (const rondo::Error& error) {
      if (error.kind() != rondo::ErrorKind::format) std::abort();
    }
  }
  return 0;
}
