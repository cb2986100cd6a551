// Any bytes are a saved text encoder or are refused with a reason; one that is read encodes and writes
// itself.
#include <cstdint>
#include <cstdlib>
#include <string>

#include <rondo/error.h>
#include <rondo/text.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string json(reinterpret_cast<const char*>(data), size);
  try {
    const auto encoder = rondo::TextEncoder::from_json(json);
    const auto encoded = encoder.encode("Don't <br /> 我们 :-) www.a.org 1,000");
    encoder.decode(encoded.tokens);
    const std::string again = encoder.to_json();
    if (rondo::TextEncoder::from_json(again).to_json() != again) std::abort();
  } catch (const rondo::Error&) {
  }
  return 0;
}
