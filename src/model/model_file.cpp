#include "model/model_file.h"

#include <deque>
#include <optional>
#include <vector>

#include <rondo/error.h>

#include "autograd/visit.h"
#include "base/message.h"
#include "tensor/small_weights.h"

namespace rondo {
namespace {

/// The only entry of the metadata. It holds everything, so that other code can store it without looking
/// inside.
constexpr const char* header_key = "rondo";
/// The suffix of the scales that follow an 8-bit array, one scale per row.
constexpr std::string_view scale_suffix = ".scale";

/// A matrix in few bits, and the items that point into it.
struct Stored {
  std::vector<std::uint16_t> halves;
  Int8Matrix bytes;
};

void add_matrix(const std::string& name, const Tensor& value, WeightType type, Stored& stored,
                std::vector<safetensors::Item>& items) {
  const auto numbers = value.data<float>();
  if (type == WeightType::bf16) {
    for (const float number : numbers)
      stored.halves.push_back(to_bf16(number));
    const auto* const bytes = reinterpret_cast<const char*>(stored.halves.data());
    items.push_back({name, safetensors::Type::bf16, value.shape(), {bytes, 2 * stored.halves.size()}});
    return;
  }
  stored.bytes = to_int8(value.rows(), value.columns(), numbers.data());
  items.push_back(safetensors::item(name, value.shape(), std::span<const std::int8_t>(stored.bytes.numbers)));
  items.push_back(safetensors::item(name + std::string(scale_suffix), {value.rows()},
                                    std::span<const float>(stored.bytes.scales)));
}

}  // namespace

bool is_matrix(const Tensor& weight) {
  return weight.shape().size() == 2 && weight.dtype() == DType::f32;
}

void round_matrices(const ParameterStore& weights, WeightType type) {
  for (const Parameter& p : weights.parameters()) {
    Tensor& value = p.leaf->value;
    if (is_matrix(value)) round_to(type, value.rows(), value.columns(), value.data<float>().data());
  }
}

void write_model_file(const std::filesystem::path& file, const std::string& header,
                      const ParameterStore& weights, WeightType type) {
  std::vector<safetensors::Item> items;
  std::deque<Stored> stored;  // keeps its address
  for (const Parameter& p : weights.parameters()) {
    const Tensor& value = p.leaf->value;
    if (type != WeightType::f32 && is_matrix(value)) {
      add_matrix(p.name, value, type, stored.emplace_back(), items);
      continue;
    }
    visit_float(value.dtype(), p.name, [&]<class T>() {
      items.push_back(safetensors::item(p.name, value.shape(), value.data<T>()));
    });
  }
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

WeightType ModelFile::weight_type() const {
  std::optional<safetensors::Type> common;
  for (const safetensors::Entry& entry : reader_.entries()) {
    if (entry.shape.size() != 2) continue;
    if (common && *common != entry.type) return WeightType::f32;
    common = entry.type;
  }
  if (common == safetensors::Type::bf16) return WeightType::bf16;
  return common == safetensors::Type::i8 ? WeightType::int8 : WeightType::f32;
}

bool ModelFile::is_scale(const safetensors::Entry& entry) const {
  const std::string_view name = entry.name;
  if (!name.ends_with(scale_suffix)) return false;
  const safetensors::Entry* const matrix = reader_.find(name.substr(0, name.size() - scale_suffix.size()));
  return matrix != nullptr && matrix->type == safetensors::Type::i8;
}

Tensor ModelFile::tensor(const safetensors::Entry& entry) const {
  if (entry.type == safetensors::Type::i8) return scaled(entry);
  const DType type = entry.type == safetensors::Type::f64 ? DType::f64 : DType::f32;
  Tensor tensor = Tensor::uninitialised(entry.shape, type);
  visit_float(type, entry.name, [&]<class T>() { reader_.read(entry, tensor.data<T>()); });
  return tensor;
}

Tensor ModelFile::scaled(const safetensors::Entry& entry) const {
  const safetensors::Entry* const scale = reader_.find(entry.name + std::string(scale_suffix));
  if (entry.shape.size() != 2 || scale == nullptr || scale->shape != Shape{entry.shape[0]})
    fail(ErrorKind::format, name() + ": weight " + quote(entry.name) + " is in 8 bits and needs " +
                                quote(entry.name + std::string(scale_suffix)) + ", one number for each row");
  Tensor tensor = Tensor::uninitialised(entry.shape);
  std::vector<std::int8_t> numbers(entry.elements);
  std::vector<float> scales(scale->elements);
  reader_.read(entry, std::span<std::int8_t>(numbers));
  reader_.read(*scale, std::span<float>(scales));
  const auto columns = static_cast<std::size_t>(entry.shape[1]);
  const std::span<float> values = tensor.data<float>();
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = scales[i / columns] * static_cast<float>(numbers[i]);
  return tensor;
}

ParameterStore::Source ModelFile::source() const {
  return [this](const std::string& parameter, const Shape& shape) {
    const safetensors::Entry* entry = reader_.find(parameter);
    if (entry == nullptr) fail(ErrorKind::format, name() + ": weight " + quote(parameter) + " is missing");
    if (entry->shape != shape)  // before any allocation by the file's sizes
      fail(ErrorKind::format, name() + ": weight " + quote(parameter) + " should be " + to_string(shape) +
                                  ", got " + to_string(entry->shape));
    return tensor(*entry);
  };
}

void ModelFile::check_used(const ParameterStore& store) const {
  for (const safetensors::Entry& entry : reader_.entries())
    if (store.find(entry.name) == nullptr && !is_scale(entry))
      fail(ErrorKind::format, name() + ": the model has no weight " + quote(entry.name));
}

}  // namespace rondo
