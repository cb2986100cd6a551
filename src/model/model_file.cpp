#include "model/model_file.h"

#include <array>
#include <bit>
#include <cmath>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

#include <rondo/error.h>

#include "autograd/visit.h"
#include "base/message.h"
#include "base/utf8.h"
#include "model/header.h"
#include "runtime/buffers.h"
#include "tensor/deferred.h"
#include "tensor/small_weights.h"

namespace rondo {
namespace {

/// The only entry of the metadata. It holds everything, so that other code can store it without looking
/// inside.
constexpr const char *header_key = "rondo", *arithmetic_key = "arithmetic";
/// The suffix of the scales that follow an 8-bit array, one scale per row.
constexpr std::string_view scale_suffix = ".scale";

using safetensors::Entry;
using safetensors::Reader;
using safetensors::Type;

// A vocabulary of thousands of tokens would take longer to parse than all else. So the bytes and long texts
// of these parts of the header are arrays of their own, named by their place there, and an object with one
// member stands for each.
constexpr std::array parts_with_texts = {"text_encoder", "input"};
constexpr std::string_view text_prefix = "header/";                // no parameter is called so
constexpr const char *text_key = "/array", *bytes_key = "/bytes";  // no options either
constexpr std::size_t long_text = 1000;

/// Moves bytes and long texts to `taken` and `items`.
void take_texts(Json& value, const std::string& place, std::deque<Json>& taken,
                std::vector<safetensors::Item>& items) {
  if (value.is_object())
    for (const auto& member : value.items())
      take_texts(member.value(), place + "/" + member.key(), taken, items);
  std::string_view bytes;
  const bool binary = value.is_binary();
  if (!binary && (!value.is_string() || value.get_ref<const std::string&>().size() < long_text)) return;
  const Json& kept = taken.emplace_back(std::move(value));
  if (binary)
    bytes = {reinterpret_cast<const char*>(kept.get_binary().data()), kept.get_binary().size()};
  else
    bytes = kept.get_ref<const std::string&>();
  items.push_back({place, Type::u8, {std::ssize(bytes)}, bytes});
  value = {{binary ? bytes_key : text_key, place}};
}

/// Of bytes, only the place. `read`: the names of those that were put back before, each of which has one.
void put_texts_back(Json& value, const Reader& file, std::set<std::string>& read) {
  if (!value.is_object()) return;
  const bool binary = value.contains(bytes_key);
  if (value.size() != 1 || !(binary || value.contains(text_key))) {
    for (const auto& member : value.items())
      put_texts_back(member.value(), file, read);
    return;
  }
  const Json place = value[binary ? bytes_key : text_key];
  const Entry* const entry = place.is_string() ? file.find(place.get_ref<const std::string&>()) : nullptr;
  if (entry == nullptr || entry->type != Type::u8 || !entry->name.starts_with(text_prefix) ||
      !read.insert(entry->name).second)
    fail(ErrorKind::format,
         file.name() + ": the header's text " + dump_json(place) + " is no array of its own");
  if (binary) {
    value = place;
    return;
  }
  std::string text(entry->elements, '\0');
  file.read(*entry, std::span(reinterpret_cast<std::uint8_t*>(text.data()), text.size()));
  require_utf8(text, file.name() + " " + quote(entry->name), 1, ErrorKind::format);
  value = std::move(text);
}

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

std::string scale_of(const Entry& entry) {
  return entry.name + std::string(scale_suffix);
}

/// Error(format) unless a weight can be read from that array.
void check_stored(const Reader& file, const Entry& entry) {
  if (entry.type == Type::i8) {
    const Entry* const scale = file.find(scale_of(entry));
    if (entry.shape.size() == 2 && scale != nullptr && scale->shape == Shape{entry.shape[0]} &&
        scale->type == Type::f32)
      return;
    fail(ErrorKind::format, file.name() + ": weight " + quote(entry.name) + " is in 8 bits and needs " +
                                quote(scale_of(entry)) + ", one number in F32 for each row");
  }
  if (entry.type != Type::f16 && entry.type != Type::bf16 && entry.type != Type::f32 &&
      entry.type != Type::f64)
    fail(ErrorKind::format, file.name() + ": weight " + quote(entry.name) +
                                " should be F16, BF16, F32, F64 or I8, got " + entry.type_name);
}

/// Reads an array that is no weight, and so its checksums.
template <class T>
void read_all(const Reader& file, const Entry& entry) {
  std::vector<T> numbers(entry.elements);
  file.read(entry, std::span<T>(numbers));
}

void read_wide(const Reader& file, const Entry& entry) {
  if (entry.type == Type::i8) return read_all<std::int8_t>(file, entry);
  if (entry.type == Type::f32) return read_all<float>(file, entry);
  fail(ErrorKind::format, file.name() + ": a wide branch has no array of " + entry.type_name);
}

/// The place of the first number that is infinite or none at all; as many as there are when all are finite.
template <class T>
std::size_t first_not_finite(std::span<const T> numbers) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  const Bits exponent = std::bit_cast<Bits>(std::numeric_limits<T>::infinity());
  constexpr std::size_t width = 256;  // known, so that the compiler compares several at a time
  std::size_t at = 0;
  for (; at + width <= numbers.size(); at += width) {
    Bits found = 0;
    for (std::size_t i = 0; i < width; ++i)
      found |= static_cast<Bits>((std::bit_cast<Bits>(numbers[at + i]) & exponent) == exponent);
    if (found != 0) break;
  }
  while (at < numbers.size() && std::isfinite(numbers[at]))
    ++at;
  return at;
}

/// An array of a file, from which blocks are read as the numbers that they stand for.
template <class T>
class Weight {
 public:
  /// `scales`: of its rows, where it is in 8 bits.
  Weight(std::shared_ptr<const Reader> file, const Entry& entry, Tensor scales)
      : file_(std::move(file)), entry_(&entry), scales_(std::move(scales)) {}

  void fill(std::uint64_t block, std::span<T> to) const {
    if (scales_.empty())
      file_->read_block(*entry_, block, to);
    else
      fill_scaled(block, to);
    const std::size_t bad = first_not_finite(std::span<const T>(to));
    if (bad == to.size()) return;
    const std::uint64_t place = block * file_->block_elements(*entry_) + bad;
    fail(ErrorKind::format, file_->name() + ": weight " + quote(entry_->name) + " is " +
                                (std::isnan(to[bad]) ? "not a number" : "infinite") + " at place " +
                                std::to_string(place) + " of " + to_string(entry_->shape) +
                                "; the file is damaged, or the training failed");
  }

 private:
  void fill_scaled(std::uint64_t block, std::span<T> to) const {
    std::vector<std::int8_t> numbers(to.size());
    file_->read_block(*entry_, block, std::span<std::int8_t>(numbers));
    const auto columns = static_cast<std::uint64_t>(entry_->shape[1]);
    const std::uint64_t begin = block * file_->block_elements(*entry_), row = begin / columns;
    const Tensor of_rows = scales_.slice_rows(
        static_cast<std::int64_t>(row), static_cast<std::int64_t>((begin + to.size() - 1) / columns + 1));
    const std::span<const float> scales = of_rows.data<float>();
    for (std::size_t i = 0; i < to.size(); ++i)
      to[i] = static_cast<T>(scales[(begin + i) / columns - row] * static_cast<float>(numbers[i]));
  }

  std::shared_ptr<const Reader> file_;
  const Entry* entry_;
  Tensor scales_;
};

}  // namespace

bool is_matrix(const Tensor& weight) {
  return weight.shape().size() == 2 && weight.dtype() == DType::f32;
}

void round_matrices(const ParameterStore& weights, WeightType type) {
  weights.read_all();  // what is damaged is found before anything changes
  for (const Parameter& p : weights.parameters()) {
    Tensor& value = p.leaf->value;
    if (is_matrix(value)) round_to(type, value.rows(), value.columns(), value.data<float>().data());
  }
  mark_matrices(weights, type);
}

void mark_matrices(const ParameterStore& weights, WeightType type) {
  for (const Parameter& p : weights.parameters())
    if (is_matrix(p.leaf->value)) p.leaf->weight_type = type;
}

namespace {

/// Hands the metadata and the arrays of a model file to `write`.
template <class Write>
void with_items(Json header, const ParameterStore& weights, WeightType type,
                std::vector<safetensors::Item> others, Write&& write) {
  if (type == WeightType::w8a8) header[arithmetic_key] = name_of(type);  // the arrays are those of int8
  std::vector<safetensors::Item> items = std::move(others);
  std::deque<Stored> stored;  // stays where it is
  std::deque<Json> taken;     // likewise
  for (const char* const part : parts_with_texts)
    if (header.contains(part)) take_texts(header[part], std::string(text_prefix) + part, taken, items);
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
  write(safetensors::Metadata{{header_key, dump_json(header)}}, std::move(items));
}

}  // namespace

void write_model_file(const std::filesystem::path& file, Json header, const ParameterStore& weights,
                      WeightType type, std::vector<safetensors::Item> others) {
  with_items(std::move(header), weights, type, std::move(others),
             [&](const safetensors::Metadata& metadata, std::vector<safetensors::Item> items) {
               safetensors::write(file, metadata, std::move(items), safetensors::Sums::crc64);
             });
}

std::string model_file_bytes(Json header, const ParameterStore& weights, WeightType type) {
  std::string bytes;
  with_items(std::move(header), weights, type, {},
             [&](const safetensors::Metadata& metadata, std::vector<safetensors::Item> items) {
               bytes = safetensors::to_bytes(metadata, std::move(items), safetensors::Sums::crc64);
             });
  return bytes;
}

ModelFile::ModelFile(const std::filesystem::path& file) : ModelFile(safetensors::Reader(file)) {}

struct ModelFile::Header {
  std::once_flag once;
  Json json;
};

/// Where the arrays of a file come to lie: all in one block, of which the system supplies what is used. One
/// large block is in huge pages, for each of which there is one fault in place of hundreds.
class ModelFile::Memory {
 public:
  explicit Memory(const Reader& file) : file_(file), taken_(file.entries().size()) {
    for (const Entry& entry : file.entries()) {
      begins_.push_back(bytes_);
      bytes_ += (bytes_of(entry) + alignment - 1) / alignment * alignment;
    }
  }

  /// The place of an array's numbers; null for one that was given out before, whose owner may have changed
  /// them since.
  std::shared_ptr<void> take(const Entry& entry) {
    const auto index = static_cast<std::size_t>(file_.find(entry.name) - file_.entries().data());
    const std::lock_guard lock(mutex_);
    if (taken_[index]) return nullptr;
    taken_[index] = true;
    std::shared_ptr<void> all = block_.lock();
    if (all == nullptr) block_ = all = untouched_zeros(std::max<std::size_t>(1, bytes_));
    return {all, static_cast<std::byte*>(all.get()) + begins_[index]};
  }

 private:
  static constexpr std::size_t alignment = 64;
  /// As tensor() and bytes_of() have them.
  static std::size_t bytes_of(const Entry& entry) {
    return entry.elements * (entry.type == Type::u8    ? 1
                             : entry.type == Type::f64 ? sizeof(double)
                                                       : sizeof(float));
  }

  const Reader& file_;
  std::size_t bytes_ = 0;
  std::vector<std::size_t> begins_;
  std::vector<bool> taken_;
  std::mutex mutex_;
  std::weak_ptr<void> block_;
};

ModelFile::ModelFile(safetensors::Reader reader)
    : reader_(std::make_shared<const safetensors::Reader>(std::move(reader))),
      header_(std::make_shared<Header>()),
      memory_(std::make_shared<Memory>(*reader_)) {
  if (!reader_->metadata().contains(header_key))
    fail(
        ErrorKind::format,
        name() + ": a safetensors file, but not a model of rondo: its metadata have no '" + header_key + "'");
}

const Json& ModelFile::header() const {
  std::call_once(header_->once,
                 [&] { header_->json = any_header(reader_->metadata().at(header_key), name()); });
  return header_->json;
}

ModelKind ModelFile::kind() const {
  return kind_in(header(), name());
}

WeightType ModelFile::weight_type() const {
  std::optional<safetensors::Type> common;
  for (const safetensors::Entry& entry : reader_->entries()) {
    if (entry.shape.size() != 2) continue;
    if (common && *common != entry.type) return WeightType::f32;
    common = entry.type;
  }
  if (common == safetensors::Type::bf16) return WeightType::bf16;
  if (common != safetensors::Type::i8) return WeightType::f32;
  if (!header().contains(arithmetic_key)) return WeightType::int8;
  const Json& arithmetic = header().at(arithmetic_key);
  if (arithmetic != name_of(WeightType::w8a8))
    fail(ErrorKind::format, name() + ": its header's arithmetic should be " +
                                quote(name_of(WeightType::w8a8)) + " or absent, got " +
                                dump_json(arithmetic) + "; a newer rondo may know it");
  return WeightType::w8a8;
}

Json ModelFile::header_tree(ModelKind kind) const {
  require_kind(header(), kind, name());
  Json json = header();
  json.erase(arithmetic_key);  // weight_type() reads it
  std::set<std::string> read;
  for (const char* const part : parts_with_texts)
    if (json.contains(part)) put_texts_back(json[part], *reader_, read);
  for (const Entry& entry : reader_->entries())
    if ((entry.name.starts_with(text_prefix) && !read.contains(entry.name)) ||
        (entry.name.starts_with(wide_prefix) && kind != ModelKind::wide))
      fail(ErrorKind::format, name() + ": the header has no place for " + quote(entry.name));
  return json;
}

BytesOf ModelFile::bytes_of() const {
  return [file = *this](const std::string& place) -> SharedBytes {
    const Entry* const entry = file.reader_->find(place);
    if (entry == nullptr || entry->type != Type::u8 || !entry->name.starts_with(text_prefix))
      fail(ErrorKind::format, file.name() + ": the header's bytes " + quote(place) + " are no array of U8");
    std::shared_ptr<void> memory = file.memory_->take(*entry);
    if (memory == nullptr) memory = untouched_zeros(std::max<std::size_t>(1, entry->elements));
    auto* const bytes = static_cast<std::uint8_t*>(memory.get());
    file.reader_->read(*entry, std::span(bytes, entry->elements));
    return {memory, {reinterpret_cast<const char*>(bytes), entry->elements}};
  };
}

bool ModelFile::is_weight(const Entry& entry) const {
  const std::string_view own = entry.name;
  if (own.starts_with(text_prefix) || own.starts_with(wide_prefix)) return false;
  if (!own.ends_with(scale_suffix)) return true;
  const Entry* const matrix = reader_->find(own.substr(0, own.size() - scale_suffix.size()));
  return matrix == nullptr || matrix->type != Type::i8;
}

Tensor ModelFile::tensor(const safetensors::Entry& entry) const {
  const DType type = entry.type == Type::f64 ? DType::f64 : DType::f32;
  check_stored(*reader_, entry);
  const Tensor scales = entry.type == Type::i8 ? tensor(*reader_->find(scale_of(entry))) : Tensor{};
  return visit_float(type, entry.name, [&]<class T>() {
    const Weight<T> weight(reader_, entry, scales);
    const std::size_t block = reader_->block_elements(entry);
    Tensor tensor = Tensor::deferred(entry.shape, type,
                                     std::make_shared<Deferred>(
                                         entry.elements * sizeof(T), block * sizeof(T),
                                         [weight](std::size_t index, std::byte* to, std::size_t bytes) {
                                           weight.fill(index, {reinterpret_cast<T*>(to), bytes / sizeof(T)});
                                         },
                                         memory_->take(entry)));
    if (!reader_->has_checksums()) std::as_const(tensor).data<T>();
    return tensor;
  });
}

ParameterStore::Source ModelFile::source() const {
  return [file = *this](const std::string& parameter, const Shape& shape) {
    const safetensors::Entry* entry = file.arrays().find(parameter);
    if (entry == nullptr)
      fail(ErrorKind::format, file.name() + ": weight " + quote(parameter) + " is missing");
    if (entry->shape != shape)  // before anything of the file's size is allocated
      fail(ErrorKind::format, file.name() + ": weight " + quote(parameter) + " should be " +
                                  to_string(shape) + ", got " + to_string(entry->shape));
    return file.tensor(*entry);
  };
}

void ModelFile::check_used(const ParameterStore& store) const {
  for (const safetensors::Entry& entry : reader_->entries())
    if (store.find(entry.name) == nullptr && is_weight(entry))
      fail(ErrorKind::format, name() + ": the model has no weight " + quote(entry.name));
}

Verified verify(const ModelFile& file) {
  const safetensors::Reader& arrays = file.arrays();
  Verified verified{.checksums = arrays.has_checksums()};
  std::vector<std::string> faults;
  for (const safetensors::Entry& entry : arrays.entries()) {
    verified.blocks += arrays.blocks_in(entry);
    try {
      if (entry.type == Type::u8) {
        read_all<std::uint8_t>(arrays, entry);
      } else if (entry.name.starts_with(wide_prefix)) {
        read_wide(arrays, entry);
      } else if (file.is_weight(entry)) {  // scales are read with their matrix
        const Tensor tensor = file.tensor(entry);
        visit_float(tensor.dtype(), entry.name, [&]<class T>() { tensor.data<T>(); });
      }
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::format) throw;
      faults.push_back(quote(entry.name));
    }
  }
  if (!faults.empty())
    fail(ErrorKind::format, file.name() + ": damaged are " + std::to_string(faults.size()) + " of " +
                                std::to_string(arrays.entries().size()) + " tensors: " +
                                enumerate(faults, "and") + "; copy the file again, or train the model again");
  return verified;
}

}  // namespace rondo
