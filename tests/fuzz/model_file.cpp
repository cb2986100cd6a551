// Any bytes are a model that loads and predicts, or are refused with Error(format).
#include "model/model_file.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <rondo/error.h>
#include <rondo/model.h>

#include "model/wide_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const rondo::ModelFile file(rondo::safetensors::Reader::from_memory(bytes, "fuzz"));
    rondo::verify(file);
    if (file.kind() == rondo::ModelKind::wide) {
      const rondo::WideModel both = rondo::load_wide(file);
      if (both.wide) both.wide->probabilities("a lovely film");
      if (both.network) both.network->predict("a lovely film");
      return 0;
    }
    const rondo::Sequential model = rondo::load_sequential(file);
    if (std::get_if<rondo::layers::Input>(&model.layers()[0]) != nullptr) return 0;
    if (model.target() == rondo::Target::labels) model.predict("a lovely film");
    model.encoder().vocab().count(0);
  } catch (const rondo::Error& error) {
    if (error.kind() != rondo::ErrorKind::format) std::abort();
  }
  return 0;
}
