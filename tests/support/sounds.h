/// Sounds made in memory: WAV files byte by byte, right and wrong ones.
#pragma once
#include <cmath>
#include <cstdint>
#include <fstream>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/sound.h>

namespace rondo::testing_support {

/// A number of `bytes` bytes, the least significant first unless `big`.
inline std::string number_bytes(std::uint64_t number, int bytes, bool big = false) {
  std::string text;
  for (int i = 0; i < bytes; ++i)
    text += static_cast<char>(number >> 8 * (big ? bytes - 1 - i : i) & 0xFF);
  return text;
}

inline std::string chunk(std::string_view tag, std::string_view body, bool big = false) {
  std::string text = std::string(tag) + number_bytes(body.size(), 4, big) + std::string(body);
  return body.size() % 2 == 1 ? text + '\0' : text;
}

struct WavForm {
  int coding = 1, channels = 1, rate = 16'000, bits = 16;
  std::string extra = {};  ///< behind the 16 bytes of 'fmt '
  bool big = false;

  std::string chunk_of() const {
    const int frame = channels * bits / 8;
    return chunk("fmt ",
                 number_bytes(static_cast<std::uint64_t>(coding), 2, big) +
                     number_bytes(static_cast<std::uint64_t>(channels), 2, big) +
                     number_bytes(static_cast<std::uint64_t>(rate), 4, big) +
                     number_bytes(static_cast<std::uint64_t>(rate * frame), 4, big) +
                     number_bytes(static_cast<std::uint64_t>(frame), 2, big) +
                     number_bytes(static_cast<std::uint64_t>(bits), 2, big) + extra,
                 big);
  }
};

/// A whole file around chunks.
inline std::string riff(std::string_view chunks, bool big = false) {
  return (big ? "RIFX" : "RIFF") + number_bytes(chunks.size() + 4, 4, big) + "WAVE" + std::string(chunks);
}
inline std::string wav(const WavForm& form, std::string_view data, std::string_view before = {},
                       std::string_view after = {}) {
  return riff(form.chunk_of() + std::string(before) + chunk("data", data, form.big) + std::string(after),
              form.big);
}

/// Whole numbers of 16 bits: a tone of half the full scale.
inline std::vector<std::int16_t> tone(std::size_t count, double hertz = 1000, double rate = 16'000,
                                      double peak = 16'384) {
  std::vector<std::int16_t> samples;
  for (std::size_t i = 0; i < count; ++i)
    samples.push_back(static_cast<std::int16_t>(
        std::lround(peak * std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) / rate))));
  return samples;
}

inline std::string s16(const std::vector<std::int16_t>& samples, bool big = false) {
  std::string bytes;
  for (const std::int16_t x : samples)
    bytes += number_bytes(static_cast<std::uint16_t>(x), 2, big);
  return bytes;
}

/// Takes bytes in pieces of `piece`; 0: all at once.
inline Sound decoded(std::string_view bytes, SoundOptions options = {}, std::size_t piece = 0,
                     std::vector<std::string>* notices = nullptr, int to_rate = 0) {
  SoundStream stream(options, "test", to_rate);
  Sound sound;
  if (piece == 0) piece = bytes.size() + 1;
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    stream.push(bytes.substr(at, piece), sound.samples);
  stream.finish(sound.samples);
  sound.rate = stream.rate();
  if (notices != nullptr) *notices = stream.take_notices();
  return sound;
}

/// A word as a chord of its own that swells and fades, a little noise from `seed` over it.
inline Sound spoken(int word, std::uint64_t seed, int rate = 8000, double seconds = 0.4) {
  Sound sound{.samples = {}, .rate = rate};
  std::uint64_t state = seed * 2654435761U + 12345;
  for (int i = 0; i < static_cast<int>(seconds * rate); ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const double noise = static_cast<double>(state >> 40) / (1 << 24) - 0.5;
    const double t = static_cast<double>(i) / rate,
                 f = 300 + 350 * word + 3.0 * static_cast<double>(seed % 7);
    const double swell = std::sqrt(std::sin(std::numbers::pi * t / seconds));
    sound.samples.push_back(static_cast<float>(swell * (0.3 * std::sin(2 * std::numbers::pi * f * t) +
                                                        0.2 * std::sin(2 * std::numbers::pi * 2.1 * f * t)) +
                                               0.02 * noise));
  }
  return sound;
}

inline std::string wav_of(const Sound& sound) {
  std::vector<std::int16_t> samples;
  for (const float x : sound.samples)
    samples.push_back(static_cast<std::int16_t>(std::lround(x * 32767)));
  return wav({.rate = sound.rate}, s16(samples));
}

inline void write_bytes(const std::filesystem::path& file, std::string_view bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

}  // namespace rondo::testing_support
