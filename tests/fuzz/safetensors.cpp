// Any bytes are a file that is read or refused with a reason; whatever is read can be written and read again.
#include "base/safetensors.h"

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include <rondo/error.h>

namespace {

using rondo::safetensors::Reader;
using rondo::safetensors::Type;

void read_and_write(const std::string& bytes) {
  const Reader reader = Reader::from_memory(bytes, "fuzz");
  std::vector<std::vector<float>> values;
  std::vector<rondo::safetensors::Item> items;
  for (const auto& entry : reader.entries()) {
    if (entry.type != Type::f32 && entry.type != Type::f16 && entry.type != Type::bf16) continue;
    std::vector<float>& array = values.emplace_back(entry.elements);
    reader.read(entry, std::span(array));
    items.push_back(rondo::safetensors::item(entry.name, entry.shape, std::span<const float>(array)));
  }
  const std::string again = rondo::safetensors::to_bytes(reader.metadata(), items);
  if (Reader::from_memory(again, "again").entries().size() != items.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    read_and_write(std::string(reinterpret_cast<const char*>(data), size));
  } catch (const rondo::Error&) {
  }
  return 0;
}
