/// The header of a WAV file (RIFF, and RIFX with the most significant byte first).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <rondo/sound.h>

namespace rondo::sound {

struct WavHeader {
  SoundFormat format = SoundFormat::automatic;  ///< automatic: a coding that libsndfile decodes
  int rate = 0, channels = 0;
  std::uint64_t begin = 0;             ///< where the samples begin
  std::optional<std::uint64_t> bytes;  ///< of samples, as promised; none: to the end of the file
  std::string notice = {};             ///< what is odd about it
};

bool is_wav(std::string_view bytes);

/// The header, or none if more bytes are needed; `all`: no more come. Error(data), naming `name`, for what is
/// broken and for codings that are not read.
std::optional<WavHeader> wav_header(std::string_view bytes, bool all, const std::string& name);

}  // namespace rondo::sound
