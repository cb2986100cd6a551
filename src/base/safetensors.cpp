#include "base/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <functional>
#include <limits>
#include <optional>
#include <type_traits>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/files.h"
#include "base/json.h"
#include "base/message.h"

namespace rondo::safetensors {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are copied as they are");

constexpr std::uint64_t length_size = 8, largest_header = 100'000'000;
constexpr std::string_view metadata_key = "__metadata__";
constexpr const char* checksums_key = "checksums";  // in the metadata

struct TypeInfo {
  std::string_view name;
  Type type;
  unsigned bits;
};

/// All types of the format, because the sizes of arrays that are never read are checked, too.
constexpr std::array types = {
    TypeInfo{"U8", Type::u8, 8},
    TypeInfo{"I8", Type::i8, 8},
    TypeInfo{"F16", Type::f16, 16},
    TypeInfo{"BF16", Type::bf16, 16},
    TypeInfo{"I32", Type::i32, 32},
    TypeInfo{"F32", Type::f32, 32},
    TypeInfo{"I64", Type::i64, 64},
    TypeInfo{"F64", Type::f64, 64},
    TypeInfo{"BOOL", Type::other, 8},
    TypeInfo{"I16", Type::other, 16},
    TypeInfo{"U16", Type::other, 16},
    TypeInfo{"U32", Type::other, 32},
    TypeInfo{"U64", Type::other, 64},
    TypeInfo{"C64", Type::other, 64},
    TypeInfo{"F8_E4M3", Type::other, 8},
    TypeInfo{"F8_E5M2", Type::other, 8},
    TypeInfo{"F8_E8M0", Type::other, 8},
    TypeInfo{"F8_E4M3FNUZ", Type::other, 8},
    TypeInfo{"F8_E5M2FNUZ", Type::other, 8},
    TypeInfo{"F4", Type::other, 4},
    TypeInfo{"F6_E2M3", Type::other, 6},
    TypeInfo{"F6_E3M2", Type::other, 6},
};

const TypeInfo& info_of(Type type) {
  for (const TypeInfo& info : types)
    if (info.type == type && type != Type::other) return info;
  throw Bug("a safetensors type without a name");
}

/// a·b, or nothing if it does not fit.
std::optional<std::uint64_t> product(std::uint64_t a, std::uint64_t b) {
  if (b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b) return std::nullopt;
  return a * b;
}

std::optional<std::uint64_t> elements_in(const Shape& shape) {
  std::optional<std::uint64_t> elements = 1;
  for (const std::int64_t size : shape) {
    if (size < 0) return std::nullopt;
    elements = product(*elements, static_cast<std::uint64_t>(size));
    if (!elements) return std::nullopt;
  }
  return elements;
}

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  fail(ErrorKind::format, file + ": " + what);
}

/// After the name of what differs.
constexpr std::string_view other_sum =
    " differs from its checksum; copy the file again, or train the model again";
/// Why the checksums may fit nothing at all.
constexpr std::string_view by_others =
    "; a program that changes a file leaves 'checksums' out of its __metadata__";

/// A whole number that is neither negative nor too large to count bytes with.
std::int64_t count_in(const Json& json, const std::string& file, const std::string& what) {
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() > largest)
    refuse(file, what + " must be whole numbers from 0 to 2^63 - 1");
  return json.get<std::int64_t>();
}

Entry read_entry(const std::string& name, const Json& json, const std::string& file) {
  const std::string tensor = "tensor " + quote(name) + ": ";
  if (!json.is_object() || json.size() != 3 || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets"))
    refuse(file, tensor + "must have dtype, shape and data_offsets, and nothing else");
  const Json &dtype = json["dtype"], &shape = json["shape"], &offsets = json["data_offsets"];
  if (!dtype.is_string() || !shape.is_array() || !offsets.is_array() || offsets.size() != 2)
    refuse(file, tensor + "dtype must be text, shape a list, data_offsets a list of two");

  Entry entry{.name = name, .type_name = dtype.get<std::string>(), .shape = {}};
  const auto known = std::find_if(types.begin(), types.end(),
                                  [&](const TypeInfo& info) { return info.name == entry.type_name; });
  if (known == types.end()) refuse(file, tensor + "unknown dtype " + quote(entry.type_name));
  entry.type = known->type;
  entry.shape.reserve(shape.size());
  for (const Json& size : shape)
    entry.shape.push_back(count_in(size, file, tensor + "the sizes of its shape"));
  entry.begin = static_cast<std::uint64_t>(count_in(offsets[0], file, tensor + "data_offsets"));
  entry.end = static_cast<std::uint64_t>(count_in(offsets[1], file, tensor + "data_offsets"));

  const std::optional<std::uint64_t> elements = elements_in(entry.shape);
  const std::optional<std::uint64_t> bits = elements ? product(*elements, known->bits) : std::nullopt;
  if (!bits) refuse(file, tensor + "the shape is too large");
  if (*bits % 8 != 0) refuse(file, tensor + "does not fill whole bytes");
  entry.elements = *elements;
  if (entry.end < entry.begin || entry.end - entry.begin != *bits / 8)
    refuse(file, tensor + entry.type_name + " " + shape_text(entry.shape) + " takes " +
                     std::to_string(*bits / 8) + " bytes, but data_offsets are " +
                     std::to_string(entry.begin) + " and " + std::to_string(entry.end));
  return entry;
}

/// Whether numbers of a type in a file can be read as T without loss.
template <class T>
bool converts(Type type) {
  if (type == type_of<T>) return true;
  if (std::is_same_v<T, std::int64_t>) return type == Type::i32;
  if (!std::is_floating_point_v<T>) return false;
  return type == Type::f16 || type == Type::bf16 || (std::is_same_v<T, double> && type == Type::f32);
}

float from_half(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half & 0x8000u} << 16, fraction = half & 0x3ffu;
  const std::uint32_t exponent = (half >> 10) & 0x1fu;
  if (exponent == 0) {  // zero or denormal: fraction · 2^-24, exact
    const float size = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -size : size;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 127 - 15;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

float from_bfloat(std::uint16_t bits) {
  return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

/// The order in which arrays are written; two of one name are a Bug.
void sort_items(std::vector<Item>& items) {
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return size_of(a.type) != size_of(b.type) ? size_of(a.type) > size_of(b.type) : a.name < b.name;
  });
  std::vector<std::string_view> names = {metadata_key};
  for (const Item& item : items)
    names.push_back(item.name);
  std::sort(names.begin(), names.end());
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
    throw Bug("two tensors called " + quote(*twice));
}

Json header_of(const Metadata& metadata, const std::vector<Item>& items) {
  Json header = Json::object();
  if (!metadata.empty()) header[std::string(metadata_key)] = metadata;
  std::uint64_t begin = 0;
  for (const Item& item : items) {
    const std::optional<std::uint64_t> elements = elements_in(item.shape);
    if (!elements || product(*elements, size_of(item.type)) != item.bytes.size())
      throw Bug("tensor " + quote(item.name) + ": " + std::to_string(item.bytes.size()) + " bytes for " +
                shape_text(item.shape));
    const std::uint64_t end = begin + item.bytes.size();
    append_member(
        header, item.name,
        {{"dtype", std::string(name_of(item.type))}, {"shape", item.shape}, {"data_offsets", {begin, end}}});
    begin = end;
  }
  return header;
}

/// Other readers refuse a header with bytes that are no UTF-8, and dump_json would change names without a
/// word.
std::string checked_text(const Json& header) {
  try {
    return header.dump();
  } catch (const Json::exception& error) {
    throw Bug("a header with text that is no UTF-8: " + std::string(error.what()));
  }
}

std::string checksums_of(const Metadata& metadata, const std::vector<Item>& items) {
  Checksums sums;
  for (const auto& [key, text] : metadata)
    sums.add_text(key, text);
  for (const Item& item : items)
    sums.add_array(item.name, item.bytes);
  return sums.to_text();
}

void write_to(const std::function<void(std::string_view)>& put, Metadata metadata, std::vector<Item> items,
              Sums sums) {
  sort_items(items);
  if (sums == Sums::crc64) metadata[checksums_key] = checksums_of(metadata, items);
  std::string text = checked_text(header_of(metadata, items));
  text.append((length_size - text.size() % length_size) % length_size, ' ');
  if (text.size() > largest_header) throw Bug("the header of a safetensors file grew over 100 MB");
  std::array<char, length_size> length;
  store_little_endian<std::uint64_t>(text.size(), length.data());
  put({length.data(), length.size()});
  put(text);
  for (const Item& item : items)
    put(item.bytes);
}

}  // namespace

std::string_view name_of(Type type) {
  return info_of(type).name;
}
std::size_t size_of(Type type) {
  return info_of(type).bits / 8;
}

/// Where the bytes come from. Arrays are read by pread: a mapped file that someone cuts short would kill the
/// process, and copying to where the array goes costs the same. Any number of threads may read.
class Reader::Source {
 public:
  explicit Source(std::string bytes) : bytes_(std::move(bytes)), size_(bytes_.size()) {}
  explicit Source(const std::filesystem::path& path) : file_(open_to_read(path)), path_(path) {
    struct stat status = {};
    if (::fstat(file_.get(), &status) != 0) fail_io(path, "read", errno);
    if (!S_ISREG(status.st_mode)) fail(ErrorKind::io, path.string() + ": is not a plain file");
    size_ = static_cast<std::uint64_t>(status.st_size);
  }

  std::uint64_t size() const { return size_; }

  void read(std::uint64_t offset, char* to, std::size_t count) const {
    if (!file_.open()) {
      if (count > 0) std::memcpy(to, bytes_.data() + offset, count);
      return;
    }
    while (count > 0) {
      const ssize_t got = ::pread(file_.get(), to, count, static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail_io(path_, "read", errno);
      if (got == 0) fail(ErrorKind::io, path_.string() + ": was cut short since it was opened");
      offset += static_cast<std::uint64_t>(got);
      to += got;
      count -= static_cast<std::size_t>(got);
    }
  }

 private:
  std::string bytes_;
  FileDescriptor file_;
  std::filesystem::path path_;
  std::uint64_t size_ = 0;
};

Reader::Reader(const std::filesystem::path& file) : Reader(std::make_unique<Source>(file), file.string()) {}

Reader Reader::from_memory(std::string bytes, std::string name) {
  return Reader(std::make_unique<Source>(std::move(bytes)), std::move(name));
}

Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Reader::Reader(std::unique_ptr<Source> source, std::string name)
    : name_(std::move(name)), source_(std::move(source)) {
  if (source_->size() < length_size)
    refuse(name_, "is not a rondo model file: it has only " + std::to_string(source_->size()) + " bytes");
  std::array<char, length_size> length;
  source_->read(0, length.data(), length.size());
  const auto header_size = load_little_endian<std::uint64_t>(length.data());
  if (header_size > largest_header) refuse(name_, "is not a rondo model file");
  if (header_size > source_->size() - length_size)
    refuse(name_, "the header of " + std::to_string(header_size) + " bytes does not fit the file of " +
                      std::to_string(source_->size()) + "; it is cut short or not a rondo model file");
  data_begin_ = length_size + header_size;
  std::string header(header_size, '\0');
  source_->read(length_size, header.data(), header.size());
  check_header(header);
  check_offsets();
  check_checksums();
}

void Reader::check_header(std::string_view text) {
  if (!text.starts_with('{')) refuse(name_, "is not a rondo model file: the header is not JSON");
  constexpr int depth = 8;
  const Json header =
      parse_json(text, {.name = name_ + ": header", .size_cap = largest_header, .depth_cap = depth});
  for (const auto& member : header.items()) {
    if (member.key() != metadata_key) {
      entries_.push_back(read_entry(member.key(), member.value(), name_));
      continue;
    }
    if (!member.value().is_object()) refuse(name_, "__metadata__ must be an object of texts");
    for (const auto& pair : member.value().items()) {
      if (!pair.value().is_string()) refuse(name_, "__metadata__ " + quote(pair.key()) + " must be text");
      metadata_.emplace(pair.key(), pair.value().get<std::string>());
    }
  }
}

void Reader::check_offsets() {
  // An empty array begins where the next one does, so the order is by end, too.
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.begin != expected)
      refuse(name_, "tensor " + quote(entry.name) + " begins at byte " + std::to_string(entry.begin) +
                        (entry.begin < expected ? ", inside the one before it" : ", after a hole") +
                        " that ends at " + std::to_string(expected));
    expected = entry.end;
    by_name_.emplace(entry.name, i);
  }
  const std::uint64_t data_size = source_->size() - data_begin_;
  if (expected != data_size)
    refuse(name_, "the tensors take " + std::to_string(expected) + " bytes, but " +
                      std::to_string(data_size) + " follow the header; the file is " +
                      (expected > data_size ? "cut short" : "too long"));
}

const Entry* Reader::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &entries_[found->second];
}

/// Takes them out of the metadata, whose texts they are compared with at once.
void Reader::check_checksums() {
  const auto found = metadata_.find(checksums_key);
  if (found == metadata_.end()) return;
  const Checksums& sums = checksums_.emplace(Checksums::from_text(found->second, name_ + ": checksums"));
  metadata_.erase(found);
  for (const auto& [key, text] : metadata_) {
    const std::uint64_t* const sum = sums.text(key);
    if (sum == nullptr || *sum != crc64(text))
      refuse(name_, "the header is damaged: " + quote(key) + std::string(other_sum));
  }
  for (const Entry& entry : entries_) {
    const std::vector<std::uint64_t>* const blocks = sums.array(entry.name);
    if (blocks == nullptr || blocks->size() != blocks_in(entry))
      refuse(name_,
             "tensor " + quote(entry.name) + " has not one checksum for each block" + std::string(by_others));
  }
  if (sums.texts() != metadata_.size() || sums.arrays() != entries_.size())
    refuse(name_, "there are checksums of more than it holds" + std::string(by_others));
}

void Reader::read_bytes(const Entry& entry, std::uint64_t index, std::span<char> to) const {
  const std::uint64_t begin = index * block();
  source_->read(data_begin_ + entry.begin + begin, to.data(), to.size());
  if (!checksums_ || checksums_->array(entry.name)->at(index) == crc64({to.data(), to.size()})) return;
  refuse(name_, "tensor " + quote(entry.name) + " is damaged: block " + std::to_string(index + 1) + " of " +
                    std::to_string(blocks_in(entry)) + " (from byte " +
                    std::to_string(data_begin_ + entry.begin + begin) + " of the file on)" +
                    std::string(other_sum));
}

/// `convert` takes a number as the file has it.
template <class T, class Convert>
void Reader::read_converted(const Entry& entry, std::uint64_t block, std::span<T> to, Convert convert) const {
  using Stored = typename Convert::Stored;
  std::vector<Stored> stored(to.size());
  read_bytes(entry, block, {reinterpret_cast<char*>(stored.data()), stored.size() * sizeof(Stored)});
  std::transform(stored.begin(), stored.end(), to.begin(),
                 [&](Stored x) { return static_cast<T>(convert(x)); });
}

namespace {

struct Half {
  using Stored = std::uint16_t;
  float operator()(Stored bits) const { return from_half(bits); }
};
struct BFloat {
  using Stored = std::uint16_t;
  float operator()(Stored bits) const { return from_bfloat(bits); }
};
template <class T>
struct Plain {
  using Stored = T;
  T operator()(Stored value) const { return value; }
};

void require_length(const Entry& entry, std::uint64_t wanted, std::size_t asked) {
  if (asked != wanted)
    throw Bug("tensor " + quote(entry.name) + " has " + std::to_string(wanted) + " elements, asked for " +
              std::to_string(asked));
}

}  // namespace

template <class T>
void Reader::read_block(const Entry& entry, std::uint64_t block, std::span<T> to) const {
  const std::uint64_t most = block_elements(entry), before = std::min(entry.elements, block * most);
  require_length(entry, std::min(most, entry.elements - before), to.size());
  if (to.empty()) return;
  if (entry.type == type_of<T>)
    return read_bytes(entry, block, {reinterpret_cast<char*>(to.data()), to.size_bytes()});
  if constexpr (std::is_floating_point_v<T>) {
    if (entry.type == Type::f16) return read_converted(entry, block, to, Half{});
    if (entry.type == Type::bf16) return read_converted(entry, block, to, BFloat{});
    if (entry.type == Type::f32) return read_converted(entry, block, to, Plain<float>{});
  }
  if constexpr (std::is_same_v<T, std::int64_t>)
    if (entry.type == Type::i32) return read_converted(entry, block, to, Plain<std::int32_t>{});
  throw Bug("tensor " + quote(entry.name) + " is read as numbers that its own do not convert to");
}

template <class T>
void Reader::read_all(const Entry& entry, std::span<T> to) const {
  require_length(entry, entry.elements, to.size());
  if (!converts<T>(entry.type))
    refuse(name_, "tensor " + quote(entry.name) + " holds " + entry.type_name + ", wanted " +
                      std::string(name_of(type_of<T>)));
  const std::uint64_t most = block_elements(entry);
  for (std::uint64_t block = 0; !to.empty(); ++block) {
    const std::size_t count = std::min<std::uint64_t>(most, to.size());
    read_block(entry, block, to.first(count));
    to = to.subspan(count);
  }
}

void Reader::read(const Entry& entry, std::span<float> to) const {
  read_all(entry, to);
}
void Reader::read(const Entry& entry, std::span<double> to) const {
  read_all(entry, to);
}
void Reader::read(const Entry& entry, std::span<std::int32_t> to) const {
  read_all(entry, to);
}
void Reader::read(const Entry& entry, std::span<std::int64_t> to) const {
  read_all(entry, to);
}
void Reader::read(const Entry& entry, std::span<std::uint8_t> to) const {
  read_all(entry, to);
}
void Reader::read(const Entry& entry, std::span<std::int8_t> to) const {
  read_all(entry, to);
}

template void Reader::read_block(const Entry&, std::uint64_t, std::span<float>) const;
template void Reader::read_block(const Entry&, std::uint64_t, std::span<double>) const;
template void Reader::read_block(const Entry&, std::uint64_t, std::span<std::int8_t>) const;

void write(const std::filesystem::path& file, const Metadata& metadata, std::vector<Item> items, Sums sums) {
  write_file_atomically(file, [&](AtomicFile& out) {
    write_to([&](std::string_view bytes) { out.write(bytes); }, metadata, std::move(items), sums);
  });
}

std::string to_bytes(const Metadata& metadata, std::vector<Item> items, Sums sums) {
  std::string all;
  write_to([&](std::string_view bytes) { all += bytes; }, metadata, std::move(items), sums);
  return all;
}

}  // namespace rondo::safetensors
