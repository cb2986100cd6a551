#include "model/model_file.h"

#include <rondo/error.h>

#include "autograd/visit.h"
#include "base/message.h"

namespace rondo {
namespace {

/// The one entry of the metadata: all of it, so that who stores it elsewhere need not look inside.
constexpr const char* header_key = "rondo";

}  // namespace

void write_model_file(const std::filesystem::path& file, const std::string& header,
                      const ParameterStore& weights) {
  std::vector<safetensors::Item> items;
  for (const Parameter& p : weights.parameters())
    visit_float(p.leaf->value.dtype(), p.name, [&]<class T>() {
      const Tensor& value = p.leaf->value;
      items.push_back(safetensors::item(p.name, value.shape(), value.data<T>()));
    });
  safetensors::write(file, {{header_key, header}}, std::move(items));
}

ModelFile::ModelFile(const std::filesystem::path& file) : ModelFile(safetensors::Reader(file)) {}

ModelFile::ModelFile(safetensors::Reader reader) : reader_(std::move(reader)) {
  if (!reader_.metadata().contains(header_key))
    fail(
        ErrorKind::format,
        name() + ": a safetensors file, but not a model of rondo: its metadata have no '" + header_key + "'");
}

const std::string& ModelFile::header() const {
  return reader_.metadata().at(header_key);
}

Tensor ModelFile::tensor(const safetensors::Entry& entry) const {
  const DType type = entry.type == safetensors::Type::f64 ? DType::f64 : DType::f32;
  Tensor tensor = Tensor::uninitialised(entry.shape, type);
  visit_float(type, entry.name, [&]<class T>() { reader_.read(entry, tensor.data<T>()); });
  return tensor;
}

ParameterStore::Source ModelFile::source() const {
  return [this](const std::string& parameter, const Shape& shape) {
    const safetensors::Entry* entry = reader_.find(parameter);
    if (entry == nullptr) fail(ErrorKind::format, name() + ": weight " + quote(parameter) + " is missing");
    if (entry->shape != shape)  // before anything of the file's size is allocated
      fail(ErrorKind::format, name() + ": weight " + quote(parameter) + " should be " + to_string(shape) +
                                  ", got " + to_string(entry->shape));
    return tensor(*entry);
  };
}

void ModelFile::check_used(const ParameterStore& store) const {
  for (const safetensors::Entry& entry : reader_.entries())
    if (store.find(entry.name) == nullptr)
      fail(ErrorKind::format, name() + ": the model has no weight " + quote(entry.name));
}

}  // namespace rondo
