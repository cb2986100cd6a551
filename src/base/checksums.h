/// Checksums of the arrays of a file, block by block, so that a damaged one is noticed wherever it is read.
///
/// CRC-64/XZ (ECMA-182, reflected), the checksum of .xz files: about as fast as memory where the processor
/// multiplies without carries.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rondo {

std::uint64_t crc64(std::string_view bytes) noexcept;

/// The checksums of a file's arrays and of the texts beside them, by name.
class Checksums {
 public:
  /// Bytes of a block in files that are written. Small, because a program that answers one text needs a few
  /// rows here and there; large beside the 16 digits that a block's checksum takes.
  static constexpr std::size_t usual_block = std::size_t{1} << 16;
  /// Blocks of files that are read are powers of two in this range.
  static constexpr std::size_t least_block = std::size_t{1} << 12, largest_block = std::size_t{1} << 30;

  explicit Checksums(std::size_t block = usual_block) : block_(block) {}

  /// Bytes of a block; the last block of an array may be shorter.
  std::size_t block() const noexcept { return block_; }

  void add_array(const std::string& name, std::string_view bytes);
  void add_text(const std::string& name, std::string_view text);

  /// One JSON object.
  std::string to_text() const;
  /// What to_text() gave. Error(format) "NAME: ..." for anything else.
  static Checksums from_text(std::string_view text, const std::string& name);

  /// One for each block of an array; null for an array that was not added.
  const std::vector<std::uint64_t>* array(std::string_view name) const;
  /// Null for a text that was not added.
  const std::uint64_t* text(std::string_view name) const;
  std::size_t arrays() const noexcept { return arrays_.size(); }
  std::size_t texts() const noexcept { return texts_.size(); }

 private:
  std::size_t block_;
  std::map<std::string, std::vector<std::uint64_t>, std::less<>> arrays_;
  std::map<std::string, std::uint64_t, std::less<>> texts_;
};

}  // namespace rondo
