// From bytes to one channel of samples at the rate wanted.
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <rondo/sound.h>

#include "base/files.h"
#include "base/message.h"
#include "base/shown.h"
#include "sound/channels.h"
#include "sound/library.h"
#include "sound/pcm.h"
#include "sound/wav.h"

namespace rondo {
namespace {

constexpr std::size_t sniffed = 64;

bool starts_with_text(std::string_view bytes, std::string_view text) {
  const std::size_t begin = bytes.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || bytes.size() - begin < text.size()) return false;
  return std::equal(text.begin(), text.end(), bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

bool is_coded(std::string_view bytes) {
  for (const std::string_view magic : {"fLaC", "OggS", "FORM", ".snd", "caff", "RF64", "riff", "ID3"})
    if (bytes.starts_with(magic)) return true;
  return bytes.size() >= 2 && bytes[0] == '\xff' && (bytes[1] & '\xe0') == '\xe0';  // MPEG without a tag
}

/// Error(data) saying what it is instead of a sound.
[[noreturn]] void refuse_unknown(std::string_view bytes, const std::string& name) {
  if (starts_with_text(bytes, "version https://git-lfs"))
    fail(ErrorKind::data, name + ": it is a Git LFS pointer, not the sound; fetch it with 'git lfs pull'");
  if (starts_with_text(bytes, "<!doctype") || starts_with_text(bytes, "<html"))
    fail(ErrorKind::data, name + ": it is a web page, not a sound; download it again");
  fail(ErrorKind::data, name +
                            ": wanted a sound (WAV, FLAC, Ogg, AIFF, ...), got bytes that begin like none; "
                            "raw PCM needs its rate, as in --rate 16000 --format s16le");
}

/// How much neighbours differ, by how large they are: sound is smooth, noise is not.
double roughness(std::span<const float> x) {
  double change = 0, size = 0;
  for (std::size_t i = 1; i < x.size(); ++i) {
    change += std::abs(static_cast<double>(x[i]) - static_cast<double>(x[i - 1]));
    size += std::abs(static_cast<double>(x[i]));
  }
  return size > 0 ? change / size : 0;
}

}  // namespace

struct SoundStream::Impl {
  enum class State { unknown, wav, raw, coded };

  SoundOptions options;
  std::string name;
  int to_rate = 0;
  State state = State::unknown;
  std::string bytes = {};  // what waits for its header, or for the whole file
  std::uint64_t received = 0;
  std::optional<sound::WavHeader> wav = {};
  std::uint64_t wav_bytes = 0;  // of samples so far
  std::optional<sound::PcmDecoder> pcm = {};
  std::optional<sound::ChannelMixer> mixer = {};
  std::optional<sound::Resampler> resampler = {};
  int from_rate = 0;
  std::int64_t frames = 0;
  SoundLevels levels = {};
  std::vector<std::string> notices = {};
  std::string first_bytes = {};  // of raw PCM, to look at their order

  void say(const std::string& what) { notices.push_back(name + ": " + what); }

  void begin(int rate, int channels) {
    from_rate = rate;
    mixer.emplace(options.channel, channels);
    if (options.channel == SoundChannel::right && channels < 2)
      fail(ErrorKind::data, name + ": it has one channel, and --channel right was asked for");
    if (to_rate != 0 && to_rate != rate) resampler.emplace(rate, to_rate);
  }

  void begin_raw() {
    if (options.rate == 0) fail(ErrorKind::option, name + ": raw PCM needs its rate, as in --rate 16000");
    state = State::raw;
    pcm.emplace(options.format, std::max(1, options.channels));
    begin(options.rate, std::max(1, options.channels));
    if (sound::is_wav(bytes) || is_coded(bytes))
      say("it is read as raw PCM, but begins with the header of a sound file; leave --format away");
  }

  /// Settles what the bytes are, as soon as that can be told.
  void settle(bool all) {
    if (options.format != SoundFormat::automatic) {
      if (all || bytes.size() >= 12) begin_raw();
      return;
    }
    if (!all && bytes.size() < sniffed) return;
    if (sound::is_wav(bytes)) {
      state = State::wav;
      if (options.rate != 0) say("--rate is for raw PCM; its header says what it is");
    } else if (is_coded(bytes)) {
      state = State::coded;
    } else if (options.rate != 0) {
      options.format = SoundFormat::s16le;
      begin_raw();
    } else {
      refuse_unknown(bytes, name);
    }
  }

  void check(const std::vector<float>& samples, int channels) {
    for (std::size_t i = 0; i < samples.size(); ++i)
      if (!std::isfinite(samples[i])) {
        const std::int64_t frame = frames + static_cast<std::int64_t>(i) / channels;
        fail(ErrorKind::data, name + ": sample " + std::to_string(frame) + " (" +
                                  fixed(1000.0 * static_cast<double>(frame) / from_rate, 1) +
                                  " ms) is not a number");
      }
    frames += static_cast<std::int64_t>(samples.size()) / channels;
  }

  /// Whole frames, channels side by side.
  void take(const std::vector<float>& samples, int channels, std::vector<float>& to) {
    check(samples, channels);
    std::vector<float> mono;
    mixer->push(samples, mono);
    give(mono, to);
  }

  void give(const std::vector<float>& mono, std::vector<float>& to) {
    for (const float x : mono) {
      const float size = std::abs(x);
      levels.peak = std::max(levels.peak, size);
      if (x >= 32767.0F / 32768 && x <= 1) ++levels.clipped;
      if (x == -1) ++levels.clipped;
    }
    levels.samples += static_cast<std::int64_t>(mono.size());
    if (resampler)
      resampler->push(mono, to);
    else
      to.insert(to.end(), mono.begin(), mono.end());
  }

  void take_pcm(std::string_view piece, int channels, std::vector<float>& to) {
    std::vector<float> samples;
    pcm->push(piece, samples);
    take(samples, channels, to);
  }

  void take_raw(std::string_view piece, std::vector<float>& to) {
    if (first_bytes.size() < 8192) first_bytes.append(piece.substr(0, 8192 - first_bytes.size()));
    take_pcm(piece, std::max(1, options.channels), to);
  }

  void take_wav(std::string_view piece, std::vector<float>& to) {
    if (wav->bytes)
      piece = piece.substr(
          0, static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), *wav->bytes - wav_bytes)));
    wav_bytes += piece.size();
    take_pcm(piece, wav->channels, to);
  }

  void read_wav_header(bool all, std::vector<float>& to) {
    wav = sound::wav_header(bytes, all, name);
    if (!wav) return;
    if (!wav->notice.empty()) say(wav->notice);
    if (wav->format == SoundFormat::automatic) {
      state = State::coded;
      return;
    }
    begin(wav->rate, wav->channels);
    pcm.emplace(wav->format, wav->channels);
    const std::string whole = std::exchange(bytes, {});
    if (whole.size() > wav->begin)
      take_wav(std::string_view(whole).substr(static_cast<std::size_t>(wav->begin)), to);
  }

  void push(std::string_view piece, std::vector<float>& to, bool all) {
    received += piece.size();
    if (state == State::raw) return take_raw(piece, to);
    if (state == State::wav && wav) return take_wav(piece, to);
    bytes.append(piece);
    if (state == State::unknown && (all || !bytes.empty())) settle(all);
    if (state == State::raw) take_raw(std::exchange(bytes, {}), to);
    if (state == State::wav && !wav) read_wav_header(all, to);
  }

  void decode(std::vector<float>& to) {
    sound::CodedFile file(bytes, name);
    if (file.rate() < 1000 || file.rate() > 768'000)
      fail(ErrorKind::data,
           name + ": its rate is " + std::to_string(file.rate()) + " Hz, wanted 1 000 to 768 000");
    begin(file.rate(), file.channels());
    std::vector<float> samples;
    while (file.next(samples)) {
      take(samples, file.channels(), to);
      samples.clear();
    }
    if (file.whole() && (file.promised() < 0 || file.promised() == frames)) return;
    const std::string what = "damaged: " + grouped(frames) +
                             (file.promised() > 0 ? " of " + grouped(file.promised()) : "") +
                             " samples can be decoded";
    if (options.damaged == DamagedSound::refuse)
      fail(ErrorKind::data, name + ": " + what + "; --damaged keep takes what is left");
    say(what);
  }

  void end_pcm() {
    if (wav && wav->bytes && *wav->bytes > wav_bytes)
      say("its header promises " +
          grouped(static_cast<std::int64_t>(
              *wav->bytes / static_cast<std::uint64_t>(sound::bytes_of(wav->format) * wav->channels))) +
          " samples, it has " + grouped(frames));
    if (pcm->left() > 0) {
      say(std::to_string(pcm->left()) +
          (pcm->left() == 1 ? " byte at the end makes" : " bytes at the end make") +
          " no whole sample, left out");
    }
    const SoundFormat format = options.format;
    if (state != State::raw || (format != SoundFormat::s16le && format != SoundFormat::s16be)) return;
    std::vector<float> as_read, swapped;
    sound::PcmDecoder(format, 1).push(first_bytes, as_read);
    sound::PcmDecoder(format == SoundFormat::s16le ? SoundFormat::s16be : SoundFormat::s16le, 1)
        .push(first_bytes, swapped);
    if (roughness(as_read) > 0.9 && roughness(swapped) < 0.7 * roughness(as_read))
      say("it sounds like noise, and looks like the other byte order; try --format " +
          std::string(format == SoundFormat::s16le ? "s16be" : "s16le"));
  }

  void finish(std::vector<float>& to) {
    if (received == 0) fail(ErrorKind::data, name + ": it is empty (0 bytes)");
    push({}, to, true);
    if (state == State::coded)
      decode(to);
    else
      end_pcm();
    std::vector<float> mono;
    mixer->finish(mono);
    give(mono, to);
    if (resampler) resampler->finish(to);
    if (levels.samples == 0) fail(ErrorKind::data, name + ": it is empty: it holds no samples");
    say_levels();
  }

  void say_levels() {
    if (mixer->cancelled()) say("the channels cancel each other out; the first one is taken");
    if (levels.silent()) say("it is silent");
    if (levels.peak > 1)
      say("it is louder than full scale: peak " + significant(static_cast<double>(levels.peak), 4));
    const double share = static_cast<double>(levels.clipped) / static_cast<double>(levels.samples);
    if (share >= 0.01 && levels.clipped >= 10)
      say(fixed(100 * share, 1) + " % of the samples are at the limit: it is clipped");
  }
};

SoundStream::SoundStream(SoundOptions options, std::string name, int to_rate)
    : impl_(std::make_unique<Impl>(Impl{.options = options, .name = std::move(name), .to_rate = to_rate})) {
  if (options.channels > 0 && options.rate == 0 && options.format == SoundFormat::automatic)
    impl_->say("--channels is for raw PCM; leave it away for files with a header");
}
SoundStream::SoundStream(SoundStream&&) noexcept = default;
SoundStream& SoundStream::operator=(SoundStream&&) noexcept = default;
SoundStream::~SoundStream() = default;

void SoundStream::push(std::string_view bytes, std::vector<float>& to) {
  impl_->push(bytes, to, false);
}
void SoundStream::finish(std::vector<float>& to) {
  impl_->finish(to);
}
int SoundStream::rate() const noexcept {
  return impl_->to_rate != 0 ? impl_->to_rate : impl_->from_rate;
}
const SoundLevels& SoundStream::levels() const noexcept {
  return impl_->levels;
}
std::vector<std::string> SoundStream::take_notices() {
  return std::exchange(impl_->notices, {});
}

Sound read_sound(const std::filesystem::path& path, const SoundOptions& options, int to_rate,
                 std::vector<std::string>* notices, SoundLevels* levels) {
  SoundStream stream(options, "'" + path.string() + "'", to_rate);
  InputFile file(path);
  Sound sound;
  std::string buffer(std::size_t{1} << 16, '\0');
  while (const std::size_t size = file.read(buffer.data(), buffer.size()))
    stream.push(std::string_view(buffer).substr(0, size), sound.samples);
  stream.finish(sound.samples);
  sound.rate = stream.rate();
  if (levels != nullptr) *levels = stream.levels();
  if (notices != nullptr)
    for (std::string& notice : stream.take_notices())
      notices->push_back(std::move(notice));
  return sound;
}

Sound resampled(const Sound& sound, int rate) {
  if (rate == sound.rate) return sound;
  sound::Resampler resampler(sound.rate, rate);
  Sound result{.samples = {}, .rate = rate};
  resampler.push(sound.samples, result.samples);
  resampler.finish(result.samples);
  return result;
}

}  // namespace rondo
