// Saves and loads parameters without a model, as a safetensors file.
#include <set>

#include <rondo/error.h>
#include <rondo/parameters.h>

#include "autograd/visit.h"
#include "base/message.h"
#include "base/safetensors.h"

namespace rondo {

void save_parameters(const ParameterStore& store, const std::filesystem::path& file) {
  std::vector<safetensors::Item> items;
  for (const Parameter& p : store.parameters())
    visit_float(store.dtype(), p.name, [&]<class T>() {
      items.push_back(
          safetensors::item(p.name, p.leaf->value.shape(), std::as_const(p.leaf->value).data<T>()));
    });
  safetensors::write(file, {}, std::move(items));
}

struct ParameterFile::Impl {
  safetensors::Reader reader;
  std::set<std::string, std::less<>> read = {};

  [[noreturn]] void refuse(const std::string& name, const std::string& what) const {
    fail(ErrorKind::format, reader.name() + ": parameter " + quote(name) + " " + what);
  }
};

ParameterFile::ParameterFile(const std::filesystem::path& file)
    : impl_(std::make_shared<Impl>(Impl{safetensors::Reader(file)})) {}

Tensor ParameterFile::operator()(const std::string& name, const Shape& shape) const {
  using safetensors::Type;
  const safetensors::Entry* const entry = impl_->reader.find(name);
  if (entry == nullptr) impl_->refuse(name, "is missing");
  if (entry->shape != shape)  // before any allocation by the file's sizes
    impl_->refuse(name, "should be " + to_string(shape) + ", got " + to_string(entry->shape));
  const bool wide = entry->type == Type::f64;
  if (!wide && entry->type != Type::f32 && entry->type != Type::f16 && entry->type != Type::bf16)
    impl_->refuse(name, "should be F16, BF16, F32 or F64, got " + entry->type_name);
  Tensor tensor = Tensor::uninitialised(shape, wide ? DType::f64 : DType::f32);
  visit_float(tensor.dtype(), name, [&]<class T>() { impl_->reader.read(*entry, tensor.data<T>()); });
  impl_->read.insert(name);
  return tensor;
}

void ParameterFile::check_all_read() const {
  for (const safetensors::Entry& entry : impl_->reader.entries())
    if (!impl_->read.contains(entry.name))
      impl_->refuse(entry.name, "belongs to no module: the file holds another network");
}

}  // namespace rondo
