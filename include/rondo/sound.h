/// Sound: samples from files and streams, and the log-mel features that networks read.
///
///     const Sound sound = read_sound("yes.wav", {}, 16'000);
///     const Tensor features = log_mel(sound, {});      // [frames, mels]
///
/// WAV with PCM or floats is decoded here, byte by byte as it arrives; FLAC, Ogg, AIFF and what else
/// libsndfile knows, and other rates (libsoxr), need the plug-in librondo_sound.so.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/description.h>
#include <rondo/tensor.h>

namespace [[gnu::visibility("default")]] rondo {

/// What bytes are. automatic: by the first of them (RIFF, fLaC, OggS, ...). The others are raw PCM: signed or
/// unsigned integers or floats of so many bits, least (le) or most (be) significant byte first.
enum class SoundFormat {
  automatic,
  u8,
  s16le,
  s16be,
  s24le,
  s24be,
  s32le,
  s32be,
  f32le,
  f32be,
  f64le,
  f64be
};
constexpr std::array<std::string_view, 12> names_of(SoundFormat) {
  return {"auto",  "u8",    "s16le", "s16be", "s24le", "s24be",
          "s32le", "s32be", "f32le", "f32be", "f64le", "f64be"};
}

/// Which of several channels is heard. mean: all of them; if they cancel each other, the first.
enum class SoundChannel { mean, left, right };
constexpr std::array<std::string_view, 3> names_of(SoundChannel) {
  return {"mean", "left", "right"};
}

/// What becomes of a file that ends before its time or whose blocks are broken.
enum class DamagedSound { refuse, keep };
constexpr std::array<std::string_view, 2> names_of(DamagedSound) {
  return {"refuse", "keep"};
}

struct SoundOptions {
  SoundFormat format = SoundFormat::automatic;
  int rate = 0;      ///< of raw PCM, in Hz
  int channels = 0;  ///< of raw PCM; 0: 1
  SoundChannel channel = SoundChannel::mean;
  DamagedSound damaged = DamagedSound::refuse;

  static constexpr auto fields() {
    using O = SoundOptions;
    return std::tuple{
        field("format", &O::format, "what the bytes are; auto: by the first of them, raw PCM is s16le"),
        field("rate", &O::rate, "samples a second of raw PCM", 0, 768'000),
        field("channels", &O::channels, "channels of raw PCM; 0: 1", 0, 256),
        field("channel", &O::channel, "which channel is heard; mean: all of them"),
        field("damaged", &O::damaged, "a sound that is cut off or broken: refuse it, or keep what is left")};
  }
};
static_assert(all_fields_listed<SoundOptions>);

/// One channel of samples; whole numbers of n bits are divided by 2^(n-1).
struct Sound {
  std::vector<float> samples;
  int rate = 0;  ///< samples a second

  double seconds() const noexcept { return rate > 0 ? static_cast<double>(samples.size()) / rate : 0; }
};

/// What a sound's samples are like, before any change of rate.
struct SoundLevels {
  std::int64_t samples = 0;
  float peak = 0;            ///< the largest magnitude
  std::int64_t clipped = 0;  ///< samples at the limit of their format: 32767 or -32768 of 16 bits
  bool silent() const noexcept { return peak == 0; }
};

/// Bytes in, samples out: pieces of any size give the same samples as the whole.
class SoundStream {
 public:
  /// `name` stands in messages; `to_rate` is the rate wanted, in Hz, 0: that of the sound.
  SoundStream(SoundOptions options, std::string name, int to_rate = 0);
  SoundStream(SoundStream&&) noexcept;
  SoundStream& operator=(SoundStream&&) noexcept;
  ~SoundStream();

  /// Appends the samples that the bytes complete to `to`. Error(data) for what is no sound, for a coding that
  /// is not known, for samples that are not numbers.
  void push(std::string_view bytes, std::vector<float>& to);
  /// No more bytes come. Error(data) if there were no samples, or if the sound is damaged.
  void finish(std::vector<float>& to);

  /// Of the samples given out; 0 while it is not known.
  int rate() const noexcept;
  const SoundLevels& levels() const noexcept;
  /// What there was to say so far, a line each; they are taken out.
  std::vector<std::string> take_notices();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A file's samples. `notices`, if given, gets what there is to say. Error(io) or Error(data), naming the
/// file.
Sound read_sound(const std::filesystem::path& file, const SoundOptions& options = {}, int to_rate = 0,
                 std::vector<std::string>* notices = nullptr, SoundLevels* levels = nullptr);
/// Another rate, its filter's delay taken out: n samples become about n · rate / sound.rate. Error(option)
/// without the plug-in.
Sound resampled(const Sound& sound, int rate);
/// Whether the plug-in for coded files and for other rates can be opened.
bool sound_library_available();

/// How frequencies are bent. htk: 2595 log10(1 + f / 700). slaney: linear to 1 kHz, logarithmic above, and
/// filters of equal area (Auditory Toolbox; the default of librosa).
enum class MelScale { htk, slaney };
constexpr std::array<std::string_view, 2> names_of(MelScale) {
  return {"htk", "slaney"};
}

/// Log-mel features. Frame i sees the samples from i · hop on, `window` of them, weighted by a periodic Hann
/// window, zeros behind up to a power of two; not centred. A sound shorter than a window has one frame, with
/// zeros at its end; otherwise samples behind the last whole window are not seen. The power spectrum |X|² is
/// summed by triangular filters at equal distances in mels from `low` to `high`, and
/// feature = ln(max(sum, floor)). Nothing is drawn at random, and no frame depends on sound to come.
struct MelOptions {
  int rate = 16'000;
  float window = 25;
  float hop = 10;
  int mels = 40;
  MelScale scale = MelScale::htk;
  float low = 20;
  float high = 0;
  float floor = 1e-10F;
  float preemphasis = 0;

  static constexpr auto fields() {
    using O = MelOptions;
    return std::tuple{field("rate", &O::rate, "samples a second; 0: that of the training data", 0, 768'000),
                      field("window", &O::window, "milliseconds that a frame sees", 1, 1000),
                      field("hop", &O::hop, "milliseconds from one frame to the next", 1, 1000),
                      field("mels", &O::mels, "features of a frame", 1, 1024),
                      field("scale", &O::scale, "how frequencies are bent: htk or slaney"),
                      field("low", &O::low, "lowest frequency, in Hz", 0, 384'000),
                      field("high", &O::high, "highest frequency, in Hz; 0: half the rate", 0, 384'000),
                      field("floor", &O::floor, "smallest power that is told apart from none", 1e-30, 1),
                      field("preemphasis", &O::preemphasis,
                            "share of the sample before that is taken off each; 0: none", 0, 1)};
  }
};
static_assert(all_fields_listed<MelOptions>);

/// Makes frames of samples as they come.
class LogMel {
 public:
  /// Error(option) for frequencies that leave a filter without a bin of the spectrum, and for `low` not below
  /// `high`.
  explicit LogMel(const MelOptions& options);
  LogMel(LogMel&&) noexcept;
  LogMel& operator=(LogMel&&) noexcept;
  ~LogMel();

  /// Appends the frames that the samples complete to `to`, `mels` numbers each.
  void push(std::span<const float> samples, std::vector<float>& to);
  /// No more samples come: a sound shorter than a window gets its frame. The next push begins a new sound.
  void finish(std::vector<float>& to);

  int window() const noexcept;  ///< in samples
  int hop() const noexcept;     ///< in samples
  int mels() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The frames of a whole sound, f32 [frames, mels]. Error(usage) for a sound of another rate, or without
/// samples.
Tensor log_mel(const Sound& sound, const MelOptions& options);

/// Changes of a training example, each drawn by a seed; 0 leaves it out.
struct AugmentOptions {
  float noise = 0;
  float shift = 0;
  float speed = 0;
  int time_masks = 0;
  int time_width = 10;
  int mel_masks = 0;
  int mel_width = 6;

  static constexpr auto fields() {
    using O = AugmentOptions;
    return std::tuple{
        field("noise", &O::noise, "loudest white noise added, as a share of the sound's own level", 0, 10),
        field("shift", &O::shift, "longest silence put in front or taken off, in milliseconds", 0, 10'000),
        field("speed", &O::speed, "largest change of speed, as a share: 0.1 is 0.9 to 1.1", 0, 0.5),
        field("time_masks", &O::time_masks, "stretches of frames hidden (SpecAugment, Park et al. 2019)", 0,
              100),
        field("time_width", &O::time_width, "longest of these, in frames", 1, 10'000),
        field("mel_masks", &O::mel_masks, "bands of features hidden", 0, 100),
        field("mel_width", &O::mel_width, "widest of these, in features", 1, 1024)};
  }
};
static_assert(all_fields_listed<AugmentOptions>);

/// The sound with noise, shift and speed drawn by (seed, stream): the same every time.
Sound augmented(const Sound& sound, const AugmentOptions& options, std::uint64_t seed, std::uint64_t stream);
/// Sets stretches and bands of [frames, mels] to `fill`, drawn by (seed, stream).
void mask_features(std::span<float> features, int mels, const AugmentOptions& options, float fill,
                   std::uint64_t seed, std::uint64_t stream);

}  // namespace rondo
