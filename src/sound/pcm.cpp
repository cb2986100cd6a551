#include "sound/pcm.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace rondo::sound {
namespace {

/// The bytes of a sample as an unsigned number.
template <int Bytes, bool Big>
std::uint64_t number_at(const char* bytes) {
  std::uint64_t number = 0;
  for (int i = 0; i < Bytes; ++i)
    number = number << 8 | static_cast<unsigned char>(bytes[Big ? i : Bytes - 1 - i]);
  return number;
}

template <int Bytes, bool Big>
float whole_number(const char* bytes) {
  constexpr int shift = 64 - 8 * Bytes;
  const auto wide = static_cast<std::int64_t>(number_at<Bytes, Big>(bytes) << shift);
  return static_cast<float>(static_cast<double>(wide) * 0x1p-63);
}

template <bool Big>
float float32(const char* bytes) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(number_at<4, Big>(bytes)));
}
template <bool Big>
float float64(const char* bytes) {
  return static_cast<float>(std::bit_cast<double>(number_at<8, Big>(bytes)));
}
float unsigned8(const char* bytes) {
  return (static_cast<float>(static_cast<unsigned char>(*bytes)) - 128) / 128;
}

using Decode = float (*)(const char*);

Decode decoder_of(SoundFormat format) {
  switch (format) {
    case SoundFormat::u8:
      return unsigned8;
    case SoundFormat::automatic:
    case SoundFormat::s16le:
      return whole_number<2, false>;
    case SoundFormat::s16be:
      return whole_number<2, true>;
    case SoundFormat::s24le:
      return whole_number<3, false>;
    case SoundFormat::s24be:
      return whole_number<3, true>;
    case SoundFormat::s32le:
      return whole_number<4, false>;
    case SoundFormat::s32be:
      return whole_number<4, true>;
    case SoundFormat::f32le:
      return float32<false>;
    case SoundFormat::f32be:
      return float32<true>;
    case SoundFormat::f64le:
      return float64<false>;
    case SoundFormat::f64be:
      return float64<true>;
  }
  return whole_number<2, false>;
}

}  // namespace

int bytes_of(SoundFormat format) noexcept {
  switch (format) {
    case SoundFormat::automatic:
      return 0;
    case SoundFormat::u8:
      return 1;
    case SoundFormat::s16le:
    case SoundFormat::s16be:
      return 2;
    case SoundFormat::s24le:
    case SoundFormat::s24be:
      return 3;
    case SoundFormat::f64le:
    case SoundFormat::f64be:
      return 8;
    default:
      return 4;
  }
}

PcmDecoder::PcmDecoder(SoundFormat format, int channels)
    : format_(format), frame_bytes_(static_cast<std::size_t>(bytes_of(format) * channels)) {}

void PcmDecoder::decode(std::string_view whole, std::vector<float>& to) const {
  const Decode one = decoder_of(format_);
  const auto bytes = static_cast<std::size_t>(bytes_of(format_));
  for (std::size_t at = 0; at < whole.size(); at += bytes)
    to.push_back(one(whole.data() + at));
}

void PcmDecoder::push(std::string_view bytes, std::vector<float>& to) {
  if (!rest_.empty()) {
    const std::size_t missing = std::min(frame_bytes_ - rest_.size(), bytes.size());
    rest_.append(bytes.substr(0, missing));
    bytes.remove_prefix(missing);
    if (rest_.size() < frame_bytes_) return;
    decode(rest_, to);
    rest_.clear();
  }
  const std::size_t whole = bytes.size() / frame_bytes_ * frame_bytes_;
  decode(bytes.substr(0, whole), to);
  rest_.append(bytes.substr(whole));
}

}  // namespace rondo::sound
