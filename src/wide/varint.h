/// Whole numbers from 0 on in as few bytes as they need: seven bits a byte, the lowest first, the eighth bit
/// set where more follow (LEB128).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rondo::wide {

inline void put_varint(std::string& bytes, std::uint32_t number) {
  for (; number >= 0x80; number >>= 7)
    bytes += static_cast<char>(number | 0x80);
  bytes += static_cast<char>(number);
}

class VarintReader {
 public:
  explicit VarintReader(std::string_view bytes) : bytes_(bytes) {}
  bool at_end() const noexcept { return at_ == bytes_.size(); }
  std::size_t left() const noexcept { return bytes_.size() - at_; }
  /// Nothing at the end, for a number over 32 bits, and for one with needless bytes.
  std::optional<std::uint32_t> next() {
    std::uint64_t number = 0;
    for (int shift = 0; shift < 35 && at_ < bytes_.size(); shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) != 0) continue;
      if (number > UINT32_MAX || (byte == 0 && shift > 0)) return {};
      return static_cast<std::uint32_t>(number);
    }
    return {};
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace rondo::wide
