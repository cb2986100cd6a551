// JSON from anywhere is refused with an Error or read; what was read is written as text that reads the same.
#include "base/json.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <rondo/error.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const rondo::Json first = rondo::parse_json(text, {.name = "fuzz"});
    const rondo::Json second = rondo::parse_json(rondo::dump_json(first), {.name = "again"});
    if (rondo::dump_json(first) != rondo::dump_json(second)) std::abort();
  } catch (const rondo::Error&) {
  }
  return 0;
}
