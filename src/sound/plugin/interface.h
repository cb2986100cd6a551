/// The C interface of the sound plug-in: coded files by libsndfile, other rates by libsoxr.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct RondoSoundInfo {
  int rate, channels;
  int64_t frames;  ///< as the file promises; below 0: it does not say
};

/// Functions that return int give 1 for success; else they have written a reason, ended by 0, to `error`.
struct RondoSoundInterface {
  int version;
  /// Opens a whole file in memory, which must outlive what is returned. Null on failure.
  void* (*open)(const char* bytes, size_t size, struct RondoSoundInfo* info, char* error, size_t error_size);
  /// Decodes up to `frames` frames, channels side by side; the number decoded, 0 at the end. `whole` becomes
  /// 0 when the library met something broken.
  size_t (*read)(void* opened, float* to, size_t frames, int* whole);
  void (*close)(void* opened);

  /// Null on failure. One channel.
  void* (*resampler)(double from, double to, char* error, size_t error_size);
  /// Takes `count` samples (0: no more come) and gives up to `room` samples.
  int (*resample)(void* resampler, const float* samples, size_t count, size_t* taken, float* to, size_t room,
                  size_t* given, char* error, size_t error_size);
  void (*end_resampler)(void* resampler);
};

#define RONDO_SOUND_VERSION 1
#define RONDO_SOUND_SYMBOL "rondo_sound_interface"

/// The one symbol that the plug-in exports.
const struct RondoSoundInterface* rondo_sound_interface(void);

#ifdef __cplusplus
}
#endif
