/// Raw PCM: bytes as they arrive, in pieces that may cut a sample.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/sound.h>

namespace rondo::sound {

/// Bytes of a sample; 0 for automatic.
int bytes_of(SoundFormat format) noexcept;

/// Decodes whole frames and keeps what is left of one for the next piece.
class PcmDecoder {
 public:
  PcmDecoder(SoundFormat format, int channels);
  /// Appends the samples, channels side by side.
  void push(std::string_view bytes, std::vector<float>& to);
  /// Bytes of a frame that was not completed.
  std::size_t left() const noexcept { return rest_.size(); }

 private:
  void decode(std::string_view whole_frames, std::vector<float>& to) const;

  SoundFormat format_;
  std::size_t frame_bytes_;
  std::string rest_;
};

}  // namespace rondo::sound
