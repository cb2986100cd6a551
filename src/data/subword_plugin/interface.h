/// The C interface of the subword plug-in. Nothing of its C++ library crosses this border, so that a program
/// can use another copy of what that library brings along (protobuf).
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct RondoSubwordText {
  const char* data;
  size_t size;
};

/// Receives results; called before the function it was given to returns.
typedef void (*RondoSubwordIds)(void* context, const int32_t* ids, size_t count);
typedef void (*RondoSubwordBytes)(void* context, const char* bytes, size_t size);

/// Functions that return int give 1 for success; else they have written a reason, ended by 0, to `error`.
struct RondoSubwordInterface {
  int version;
  /// Learns pieces from texts of at most 4 000 bytes and hands the model's bytes to `model`. Characters that
  /// are none of the commonest, which make up `coverage` of the texts, are unknown.
  int (*train)(const struct RondoSubwordText* texts, size_t count, int pieces, double coverage, uint32_t seed,
               RondoSubwordBytes model, void* context, char* error, size_t error_size);
  /// Null on failure. A loaded model may be used from several threads.
  void* (*load)(struct RondoSubwordText model, char* error, size_t error_size);
  void (*unload)(void* loaded);
  int (*size)(const void* loaded);
  /// Lives as long as the model; ended by 0.
  const char* (*piece)(const void* loaded, int id);
  int (*encode)(const void* loaded, struct RondoSubwordText text, RondoSubwordIds ids, void* context,
                char* error, size_t error_size);
  int (*decode)(const void* loaded, const int32_t* ids, size_t count, RondoSubwordBytes text, void* context,
                char* error, size_t error_size);
};

#define RONDO_SUBWORD_VERSION 2
#define RONDO_SUBWORD_SYMBOL "rondo_subword_interface"

/// The one symbol that the plug-in exports.
const struct RondoSubwordInterface* rondo_subword_interface(void);

#ifdef __cplusplus
}
#endif
