#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include <sndfile.h>
#include <soxr.h>

#include "sound/plugin/interface.h"

namespace {

void refuse(const char* reason, char* error, size_t size) noexcept {
  if (size == 0) return;
  const size_t length = std::min(std::strlen(reason), size - 1);
  std::memcpy(error, reason, length);
  error[length] = '\0';
}

/// A file in memory as libsndfile reads it.
struct Memory {
  const char* bytes;
  sf_count_t size, at;
  SNDFILE* file = nullptr;
  int channels = 0;
};

Memory& memory(void* user) {
  return *static_cast<Memory*>(user);
}
sf_count_t size_of(void* user) {
  return memory(user).size;
}
sf_count_t seek(sf_count_t offset, int whence, void* user) {
  Memory& m = memory(user);
  const sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? m.at : m.size;
  m.at = std::clamp<sf_count_t>(from + offset, 0, m.size);
  return m.at;
}
sf_count_t read_bytes(void* to, sf_count_t count, void* user) {
  Memory& m = memory(user);
  const sf_count_t taken = std::clamp<sf_count_t>(count, 0, m.size - m.at);
  if (taken > 0) std::memcpy(to, m.bytes + m.at, static_cast<size_t>(taken));
  m.at += taken;
  return taken;
}
sf_count_t write_bytes(const void*, sf_count_t, void*) {
  return 0;
}
sf_count_t tell(void* user) {
  return memory(user).at;
}

void* open_sound(const char* bytes, size_t size, RondoSoundInfo* info, char* error, size_t error_size) {
  auto opened = std::make_unique<Memory>(Memory{bytes, static_cast<sf_count_t>(size), 0});
  SF_VIRTUAL_IO io{size_of, seek, read_bytes, write_bytes, tell};
  SF_INFO found{};
  opened->file = sf_open_virtual(&io, SFM_READ, &found, opened.get());
  if (opened->file == nullptr) {
    refuse(sf_strerror(nullptr), error, error_size);
    return nullptr;
  }
  opened->channels = found.channels;
  // FLAC of unknown length promises the largest number there is.
  constexpr sf_count_t unbelievable = sf_count_t{1} << 60;
  *info = {found.samplerate, found.channels, found.frames < unbelievable ? found.frames : -1};
  return opened.release();
}

size_t read_sound(void* opened, float* to, size_t frames, int* whole) {
  Memory& m = memory(opened);
  const sf_count_t got = sf_readf_float(m.file, to, static_cast<sf_count_t>(frames));
  *whole = got >= 0 && sf_error(m.file) == SF_ERR_NO_ERROR ? 1 : 0;
  return static_cast<size_t>(std::max<sf_count_t>(got, 0));
}

void close_sound(void* opened) {
  sf_close(memory(opened).file);
  delete static_cast<Memory*>(opened);
}

void* new_resampler(double from, double to, char* error, size_t error_size) {
  soxr_error_t problem = nullptr;
  const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
  soxr_t made = soxr_create(from, to, 1, &problem, &io, &quality, &runtime);
  if (problem != nullptr) refuse(soxr_strerror(problem), error, error_size);
  return problem == nullptr ? made : nullptr;
}

int resample(void* resampler, const float* samples, size_t count, size_t* taken, float* to, size_t room,
             size_t* given, char* error, size_t error_size) {
  const soxr_error_t problem = soxr_process(static_cast<soxr_t>(resampler), count > 0 ? samples : nullptr,
                                            count, taken, to, room, given);
  if (problem != nullptr) refuse(soxr_strerror(problem), error, error_size);
  return problem == nullptr ? 1 : 0;
}

void end_resampler(void* resampler) {
  soxr_delete(static_cast<soxr_t>(resampler));
}

}  // namespace

extern "C" [[gnu::visibility("default")]] const RondoSoundInterface* rondo_sound_interface() {
  static const RondoSoundInterface interface = {RONDO_SOUND_VERSION, open_sound, read_sound,   close_sound,
                                                new_resampler,       resample,   end_resampler};
  return &interface;
}
