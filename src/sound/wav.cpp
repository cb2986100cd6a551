#include "sound/wav.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/message.h"

namespace rondo::sound {
namespace {

constexpr std::uint16_t pcm = 1, ieee_float = 3, a_law = 6, mu_law = 7, extensible = 0xFFFE;
/// More than any header: what comes before the samples is kept in memory until they begin.
constexpr std::size_t most_before = std::size_t{64} << 20;

/// The last twelve bytes of every format that has a number in the first four.
constexpr std::string_view known_guid("\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71", 12);

class Header {
 public:
  Header(std::string_view bytes, bool all, const std::string& name)
      : bytes_(bytes), all_(all), name_(name), big_(bytes.starts_with("RIFX")) {}

  std::optional<WavHeader> read() {
    std::uint64_t at = 12;
    while (true) {
      if (at + 8 > bytes_.size()) return more_or("its header has no 'data' chunk");
      const std::string_view tag = bytes_.substr(at, 4);
      const std::uint64_t size = number(at + 4, 4), body = at + 8;
      if (tag == "data") return samples(body, size);
      if (tag == "fmt ") {
        if (body + std::min<std::uint64_t>(size, 40) > bytes_.size())
          return more_or("it ends within its header");
        read_format(body, size);
      }
      const std::uint64_t end = body + size;
      if (end + 5 > bytes_.size() && end % 2 == 1 && !all_) return more_or("");
      at = next_chunk(end);
      if (at > most_before) refuse("its header has no 'data' chunk in the first 64 MiB");
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { fail(ErrorKind::data, name_ + ": " + what); }

  std::optional<WavHeader> more_or(const std::string& what) const {
    if (all_) refuse(what + "; the file is broken or cut off");
    if (bytes_.size() > most_before) refuse("its header has no 'data' chunk in the first 64 MiB");
    return std::nullopt;
  }

  std::uint64_t number(std::uint64_t at, int bytes) const {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) {
      const auto place = static_cast<std::size_t>(at) + static_cast<std::size_t>(big_ ? i : bytes - 1 - i);
      value = value << 8 | static_cast<unsigned char>(bytes_[place]);
    }
    return value;
  }

  bool is_tag(std::uint64_t at) const {
    if (at + 4 > bytes_.size()) return false;
    return std::all_of(bytes_.begin() + static_cast<std::ptrdiff_t>(at),
                       bytes_.begin() + static_cast<std::ptrdiff_t>(at) + 4,
                       [](char c) { return c >= 32 && c < 127; });
  }

  /// Chunks begin at even places; some writers forget the byte that fills an odd one.
  std::uint64_t next_chunk(std::uint64_t end) {
    if (end % 2 == 0) return end;
    if (!is_tag(end + 1) && is_tag(end)) {
      found_.notice = "a chunk of odd size is not filled up";
      return end;
    }
    return end + 1;
  }

  void read_format(std::uint64_t at, std::uint64_t size) {
    if (size < 16) refuse("its 'fmt ' chunk has " + std::to_string(size) + " bytes, wanted 16 or more");
    auto coding = static_cast<std::uint16_t>(number(at, 2));
    const std::uint64_t channels = number(at + 2, 2), rate = number(at + 4, 4), bits = number(at + 14, 2);
    if (coding == extensible) coding = extended(at, size);
    if (channels < 1 || channels > 256)
      refuse("it has " + std::to_string(channels) + " channels, wanted 1 to 256");
    if (rate < 1000 || rate > 768'000)
      refuse("its rate is " + std::to_string(rate) + " Hz, wanted 1 000 to 768 000");
    found_.rate = static_cast<int>(rate);
    found_.channels = static_cast<int>(channels);
    found_.format = format_of(coding, bits);
    const std::uint64_t block = number(at + 12, 2);
    const auto wanted = channels * static_cast<std::uint64_t>((bits + 7) / 8);
    if (found_.format != SoundFormat::automatic && block != wanted)
      refuse("a frame has " + std::to_string(block) + " bytes by its header, wanted " +
             std::to_string(wanted) + " for " + std::to_string(channels) + " channels of " +
             std::to_string(bits) + " bits");
    has_format_ = true;
  }

  std::uint16_t extended(std::uint64_t at, std::uint64_t size) const {
    if (size < 40 || number(at + 16, 2) < 22)
      refuse("it is WAVE_FORMAT_EXTENSIBLE without the extension that says how samples are coded");
    if (bytes_.substr(static_cast<std::size_t>(at) + 28, 12) != known_guid || number(at + 26, 2) != 0)
      refuse(
          "it is WAVE_FORMAT_EXTENSIBLE with a coding of its own (GUID) that is not known; convert it to "
          "PCM");
    return static_cast<std::uint16_t>(number(at + 24, 2));
  }

  SoundFormat format_of(std::uint16_t coding, std::uint64_t bits) const {
    using F = SoundFormat;
    if (coding == pcm && bits == 8) return F::u8;
    if (coding == pcm && bits == 16) return big_ ? F::s16be : F::s16le;
    if (coding == pcm && bits == 24) return big_ ? F::s24be : F::s24le;
    if (coding == pcm && bits == 32) return big_ ? F::s32be : F::s32le;
    if (coding == ieee_float && bits == 32) return big_ ? F::f32be : F::f32le;
    if (coding == ieee_float && bits == 64) return big_ ? F::f64be : F::f64le;
    if ((coding == a_law || coding == mu_law) && bits == 8) return F::automatic;
    refuse("its samples are coded as " + coding_name(coding) + " with " + std::to_string(bits) +
           " bits, wanted PCM (8, 16, 24, 32 bits), floats (32, 64), A-law or mu-law; convert it, as in "
           "'sox FILE -e signed -b 16 OUT.wav'");
  }

  static std::string coding_name(std::uint16_t coding) {
    constexpr std::array<std::pair<std::uint16_t, const char*>, 8> names = {{{pcm, "PCM"},
                                                                             {ieee_float, "floats"},
                                                                             {0x2, "Microsoft ADPCM"},
                                                                             {0x11, "IMA ADPCM"},
                                                                             {0x31, "GSM 6.10"},
                                                                             {0x40, "G.721 ADPCM"},
                                                                             {0x50, "MPEG"},
                                                                             {0x55, "MP3"}}};
    for (const auto& [number, name] : names)
      if (number == coding) return name;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "number 0x%04X", coding);
    return text.data();
  }

  std::optional<WavHeader> samples(std::uint64_t begin, std::uint64_t size) {
    if (!has_format_) refuse("its 'data' chunk comes before the 'fmt ' chunk that says what is in it");
    found_.begin = begin;
    if (size == 0xFFFFFFFF) {
      found_.notice = "its header does not say how long it is; read to the end";
    } else if (size == 0) {
      // Nothing, or a writer that never came back to fill in the length.
      if (begin + 8 > bytes_.size() && !all_) return std::nullopt;
      if (begin == bytes_.size() || is_last_chunk(begin))
        found_.bytes = 0;
      else
        found_.notice = "its header says that it is empty; read to the end";
    } else {
      found_.bytes = size;
    }
    return found_;
  }

  bool is_last_chunk(std::uint64_t at) const {
    if (at + 8 > bytes_.size() || !is_tag(at)) return false;
    const std::string_view tag = bytes_.substr(at, 4);
    return tag == "LIST" || tag == "id3 " || tag == "ID3 " || tag == "fact" || tag == "junk" || tag == "JUNK";
  }

  std::string_view bytes_;
  bool all_;
  const std::string& name_;
  bool big_, has_format_ = false;
  WavHeader found_;
};

}  // namespace

bool is_wav(std::string_view bytes) {
  return bytes.size() >= 12 && (bytes.starts_with("RIFF") || bytes.starts_with("RIFX")) &&
         bytes.substr(8, 4) == "WAVE";
}

std::optional<WavHeader> wav_header(std::string_view bytes, bool all, const std::string& name) {
  return Header(bytes, all, name).read();
}

}  // namespace rondo::sound
