// Any bytes are a model that loads and predicts, or are refused with Error(format).
#include "model/model_file.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <rondo/error.h>
#include <rondo/model.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const rondo::ModelFile file(rondo::safetensors::Reader::from_memory(bytes, "fuzz"));
    rondo::verify(file);
    const rondo::Sequential model = rondo::load_sequential(file);
    if (model.target() == rondo::Target::labels && !std::get_if<rondo::layers::Input>(&model.layers()[0]))
      model.predict("a lovely film");
  } catch (const rondo::Error& error) {
    if (error.kind() != rondo::ErrorKind::format) std::abort();
  }
  return 0;
}
