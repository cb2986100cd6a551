// Sounds: bytes from anywhere become samples or an Error, the same ones in pieces, and features of them.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include <rondo/error.h>
#include <rondo/sound.h>

#include "tasks/speech/input.h"

namespace {

using namespace rondo;

/// The samples, or none for an Error.
std::vector<float> samples_of(std::string_view bytes, const SoundOptions& options, std::size_t piece) {
  std::vector<float> samples;
  try {
    SoundStream stream(options, "fuzz");
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      stream.push(bytes.substr(at, piece), samples);
    stream.finish(samples);
  } catch (const Error&) {
    return {};
  }
  return samples;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const SoundOptions& options :
       {SoundOptions{}, SoundOptions{.rate = 16'000}, SoundOptions{.damaged = DamagedSound::keep},
        SoundOptions{.format = SoundFormat::s24be, .rate = 8000, .channels = 3}}) {
    const std::vector<float> whole = samples_of(text, options, size + 1);
    if (samples_of(text, options, 5) != whole) std::abort();
    std::vector<float> frames;
    LogMel mel({});
    mel.push(whole, frames);
    mel.finish(frames);
    for (const float x : frames)
      if (std::isnan(x)) std::abort();
  }
  try {
    speech::SpeechInput::from_json(text);
  } catch (const Error&) {
  }
  return 0;
}
