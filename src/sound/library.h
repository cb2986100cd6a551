/// What the plug-in does: coded files in memory, and other rates.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/sound.h>

namespace rondo::sound {

/// A coded file, whole in memory, decoded piece by piece.
class CodedFile {
 public:
  /// `bytes` must outlive it. Error(data) naming `name`; Error(option) without the plug-in.
  CodedFile(std::string_view bytes, const std::string& name);
  ~CodedFile();
  CodedFile(const CodedFile&) = delete;
  CodedFile& operator=(const CodedFile&) = delete;

  int rate() const noexcept { return rate_; }
  int channels() const noexcept { return channels_; }
  /// As the file promises; below 0: it does not say.
  std::int64_t promised() const noexcept { return promised_; }
  /// Appends the next frames, channels side by side; false at the end.
  bool next(std::vector<float>& to);
  /// Whether nothing broken was met.
  bool whole() const noexcept { return whole_; }

 private:
  void* opened_;
  int rate_ = 0, channels_ = 0;
  std::int64_t promised_ = -1;
  bool whole_ = true;
};

/// From one rate to another. The samples come in blocks of one size, so that pieces of any size give the same
/// bits; its filter's delay is taken out.
class Resampler {
 public:
  Resampler(int from, int to);
  Resampler(Resampler&& other) noexcept;
  Resampler& operator=(Resampler&&) = delete;
  ~Resampler();
  void push(const std::vector<float>& samples, std::vector<float>& to);
  void finish(std::vector<float>& to);

 private:
  void run(const float* samples, std::size_t count, std::vector<float>& to);
  void* resampler_;
  std::vector<float> waiting_, room_;
};

}  // namespace rondo::sound
