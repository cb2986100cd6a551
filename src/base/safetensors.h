/// The safetensors format: named arrays and a text header in one file, read without trusting it.
///
/// Eight bytes of header length, the header in JSON, then the arrays, little-endian and in C order:
/// https://github.com/huggingface/safetensors. Reading refuses, before it allocates anything for an array: a
/// header over 100 MB or longer than the file, JSON that is not strict, duplicate names, shapes whose size
/// overflows, and offsets that leave a hole, overlap, or do not end exactly at the end of the file.
///
/// A file may hold checksums, one for each block of an array and for each text of its metadata, as one more
/// text there (`checksums`): then nothing is given out that differs from what was written.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/checksums.h"

namespace rondo::safetensors {

/// The types that can be written and read. A file may hold others; reading them is an error that names the
/// type.
enum class Type { u8, i8, f16, bf16, i32, f32, i64, f64, other };

/// "F32", ...: as in the file.
std::string_view name_of(Type type);
std::size_t size_of(Type type);

/// The type of an array of T in memory.
template <class T>
inline constexpr Type type_of = Type::other;
template <>
inline constexpr Type type_of<std::uint8_t> = Type::u8;
template <>
inline constexpr Type type_of<std::int8_t> = Type::i8;
template <>
inline constexpr Type type_of<std::int32_t> = Type::i32;
template <>
inline constexpr Type type_of<float> = Type::f32;
template <>
inline constexpr Type type_of<std::int64_t> = Type::i64;
template <>
inline constexpr Type type_of<double> = Type::f64;

using Shape = std::vector<std::int64_t>;
using Metadata = std::map<std::string, std::string>;

/// One array of a file.
struct Entry {
  std::string name;
  Type type = Type::other;
  std::string type_name;  ///< as the file has it
  Shape shape;
  std::uint64_t elements = 0;
  std::uint64_t begin = 0, end = 0;  ///< bytes, counted from the end of the header
};

/// Whether a file gets checksums.
enum class Sums { none, crc64 };

/// The header of a file or buffer, checked; the arrays are read when asked for, straight to where they go.
/// Faults of the content are Error(format) naming the file and the array, a wrong checksum among them.
///
/// The file stays open, and one that is renamed or deleted is read as it was. What is read after others have
/// cut or overwritten it is an Error(io), or an Error(format) where it has checksums. Several threads may
/// read.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& file);
  /// `name` stands for the buffer in messages.
  static Reader from_memory(std::string bytes, std::string name);
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  /// The file's name in messages.
  const std::string& name() const noexcept { return name_; }
  /// Without the checksums.
  const Metadata& metadata() const noexcept { return metadata_; }
  /// Whether the file has them; those of the metadata were right.
  bool has_checksums() const noexcept { return checksums_.has_value(); }
  /// In the order of their bytes.
  const std::vector<Entry>& entries() const noexcept { return entries_; }
  /// nullptr if there is none of that name.
  const Entry* find(std::string_view name) const;

  /// Copies an array of entry.elements numbers. The file's type must be T or convert to it without loss: F16
  /// and BF16 to float or double, F32 to double, I32 to int64. Another length of `to` is a Bug.
  void read(const Entry& entry, std::span<float> to) const;
  void read(const Entry& entry, std::span<double> to) const;
  void read(const Entry& entry, std::span<std::int32_t> to) const;
  void read(const Entry& entry, std::span<std::int64_t> to) const;
  void read(const Entry& entry, std::span<std::uint8_t> to) const;
  void read(const Entry& entry, std::span<std::int8_t> to) const;

  /// Arrays are stored, read and checked in blocks of so many numbers, the last of them being shorter.
  std::uint64_t block_elements(const Entry& entry) const { return block() / size_of(entry.type); }
  /// How many blocks an array has.
  std::uint64_t blocks_in(const Entry& entry) const {
    return (entry.end - entry.begin + block() - 1) / block();
  }
  /// A block of an array: its numbers from block · block_elements(entry) on. T and its length as for read().
  template <class T>
  void read_block(const Entry& entry, std::uint64_t block, std::span<T> to) const;

 private:
  class Source;

  /// Bytes of a block.
  std::size_t block() const { return checksums_ ? checksums_->block() : Checksums::usual_block; }

  Reader(std::unique_ptr<Source> source, std::string name);
  void check_header(std::string_view text);
  void check_offsets();
  void check_checksums();
  /// The bytes of a block, compared with their checksum.
  void read_bytes(const Entry& entry, std::uint64_t index, std::span<char> to) const;
  template <class T, class Convert>
  void read_converted(const Entry& entry, std::uint64_t block, std::span<T> to, Convert convert) const;
  template <class T>
  void read_all(const Entry& entry, std::span<T> to) const;

  std::string name_;
  std::unique_ptr<Source> source_;
  std::uint64_t data_begin_ = 0;
  Metadata metadata_;
  std::vector<Entry> entries_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::optional<Checksums> checksums_;
};

/// An array to write. `bytes` must live until it is written.
struct Item {
  std::string name;
  Type type = Type::f32;
  Shape shape;
  std::string_view bytes;  ///< little-endian, C order
};

/// Makes an Item of an array in memory.
template <class T>
Item item(std::string name, Shape shape, std::span<const T> values) {
  static_assert(type_of<T> != Type::other, "no array type of the format");
  return {std::move(name),
          type_of<T>,
          std::move(shape),
          {reinterpret_cast<const char*>(values.data()), values.size_bytes()}};
}

/// Writes a file that appears whole or not at all. The bytes depend on names, types, shapes, values and
/// metadata only: arrays stand in order of falling size of their type, then by name. Two of the same name, or
/// a length that does not fit the shape, is a Bug.
void write(const std::filesystem::path& file, const Metadata& metadata, std::vector<Item> items,
           Sums sums = Sums::none);
/// The same bytes in memory.
std::string to_bytes(const Metadata& metadata, std::vector<Item> items, Sums sums = Sums::none);

}  // namespace rondo::safetensors
