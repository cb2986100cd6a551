#include "sound/library.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/message.h"
#include "base/plugin.h"
#include "sound/plugin/interface.h"

namespace rondo {
namespace {

constexpr const char* plugin_name = "librondo_sound.so";
constexpr std::size_t block = 256, decoded_frames = 1 << 14;

struct Library {
  const RondoSoundInterface* interface = nullptr;
  std::string failure = {};
};

const Library& library() {
  static const Library opened = []() -> Library {
    Plugin plugin = open_plugin(plugin_name, RONDO_SOUND_SYMBOL);
    if (plugin.symbol == nullptr) return {nullptr, std::move(plugin.failure)};
    const auto* const interface = reinterpret_cast<decltype(&rondo_sound_interface)>(plugin.symbol)();
    if (interface->version != RONDO_SOUND_VERSION) return {nullptr, "belongs to another version of rondo"};
    return {interface, {}};
  }();
  return opened;
}

const RondoSoundInterface& required(const std::string& what) {
  if (library().interface == nullptr)
    fail(ErrorKind::option,
         what + " needs " + plugin_name + ", which " + library().failure +
             "; a rondo built with libsndfile and libsoxr (libsndfile1-dev, libsoxr-dev) has "
             "it: copy it beside the program, or name its folder in RONDO_PLUGIN_PATH");
  return *library().interface;
}

}  // namespace

bool sound_library_available() {
  return library().interface != nullptr;
}

namespace sound {

CodedFile::CodedFile(std::string_view bytes, const std::string& name) {
  const RondoSoundInterface& calls = required(name + ": a sound that is not plain WAV");
  std::array<char, 512> error{};
  RondoSoundInfo info{};
  opened_ = calls.open(bytes.data(), bytes.size(), &info, error.data(), error.size());
  if (opened_ == nullptr) fail(ErrorKind::data, name + ": it cannot be decoded: " + error.data());
  rate_ = info.rate;
  channels_ = info.channels;
  promised_ = info.frames;
}

CodedFile::~CodedFile() {
  library().interface->close(opened_);
}

bool CodedFile::next(std::vector<float>& to) {
  const std::size_t before = to.size(), channels = static_cast<std::size_t>(channels_);
  to.resize(before + decoded_frames * channels);
  int whole = 1;
  const std::size_t frames = library().interface->read(opened_, to.data() + before, decoded_frames, &whole);
  to.resize(before + frames * channels);
  if (whole == 0) whole_ = false;
  return frames > 0;
}

Resampler::Resampler(int from, int to) {
  const RondoSoundInterface& calls =
      required("a sound of " + std::to_string(from) + " Hz for a model of " + std::to_string(to) + " Hz");
  std::array<char, 512> error{};
  resampler_ = calls.resampler(from, to, error.data(), error.size());
  if (resampler_ == nullptr)
    fail(ErrorKind::data,
         "cannot go from " + std::to_string(from) + " to " + std::to_string(to) + " Hz: " + error.data());
  room_.resize(block + block * static_cast<std::size_t>(to) / static_cast<std::size_t>(from));
}

Resampler::Resampler(Resampler&& other) noexcept
    : resampler_(std::exchange(other.resampler_, nullptr)),
      waiting_(std::move(other.waiting_)),
      room_(std::move(other.room_)) {}

Resampler::~Resampler() {
  if (resampler_ != nullptr) library().interface->end_resampler(resampler_);
}

void Resampler::run(const float* samples, std::size_t count, std::vector<float>& to) {
  const bool ends = count == 0;
  while (true) {
    std::size_t taken = 0, given = 0;
    std::array<char, 512> error{};
    if (library().interface->resample(resampler_, samples, count, &taken, room_.data(), room_.size(), &given,
                                      error.data(), error.size()) == 0)
      fail(ErrorKind::data, std::string("another rate: ") + error.data());
    to.insert(to.end(), room_.begin(), room_.begin() + static_cast<std::ptrdiff_t>(given));
    samples += taken;
    count -= taken;
    if (given < room_.size() && (ends || count == 0)) return;
    if (!ends && count == 0) return;
  }
}

void Resampler::push(const std::vector<float>& samples, std::vector<float>& to) {
  waiting_.insert(waiting_.end(), samples.begin(), samples.end());
  std::size_t at = 0;
  for (; at + block <= waiting_.size(); at += block)
    run(waiting_.data() + at, block, to);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(at));
}

void Resampler::finish(std::vector<float>& to) {
  if (!waiting_.empty()) run(waiting_.data(), waiting_.size(), to);
  waiting_.clear();
  run(nullptr, 0, to);
}

}  // namespace sound
}  // namespace rondo
