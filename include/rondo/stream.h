/// A model one step at a time: numbers or tokens in as they arrive, the model's output for all of them so far
/// out, the recurrent state kept in between.
///
///     const Sequential weather = load("weather.rondo");
///     Stream forecast = weather.stream();
///     for (float reading; std::cin >> reading;) std::cout << forecast.push(reading) << '\n';
#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace [[gnu::visibility("default")]] rondo {

/// All that a stream remembers, for saving and going on elsewhere.
struct StreamState {
  std::vector<float> values;
  std::int64_t steps = 0;  ///< pushed so far
};

/// One sequence through a Sequential whose recurrent layers read forward only; made by Sequential::stream().
///
/// After each push the output is what the model would say of the sequence up to there: what the last layer
/// gives, its activation included. With weights in f32 or bf16 it has the bits of Sequential::outputs() on
/// the whole sequence, with weights in int8 it differs in the third digit or so (see docs/guide.md).
///
/// A push allocates nothing. It runs on the caller's thread, and on others beside it where a layer is so
/// large that this pays, which never changes a result. A stream keeps its own copy of the weights, as they
/// were when it was made; copies of it share them, so further streams are best made by copying. Different
/// streams may be used by different threads at once.
class Stream {
 public:
  Stream(const Stream& other);
  Stream& operator=(const Stream& other);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  /// Numbers that a step takes (0 for a model of texts), and numbers of an output.
  int inputs() const noexcept;
  int outputs() const noexcept;
  /// Steps pushed since the start or the last reset().
  std::int64_t steps() const noexcept;

  /// One step of inputs() numbers. The span is valid until the next push. Error(shape) for another number of
  /// them, Error(usage) for a model of texts.
  std::span<const float> push(std::span<const float> x);
  std::span<const float> push(std::initializer_list<float> x);
  /// For models with one number in and one number out.
  float push(float x);
  /// One token as the model's encoder would have it, or its number; one that the vocabulary lacks is unknown.
  /// Error(usage) for a model of numbers, Error(data) for a number outside the vocabulary.
  std::span<const float> push(std::string_view token);
  std::span<const float> push_id(std::int32_t token);

  /// Back to the start of a sequence.
  void reset() noexcept;
  StreamState state() const;
  /// Error(shape) for the state of another model.
  void set_state(const StreamState& state);

  /// Of the library's own use.
  struct Impl;
  explicit Stream(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

/// Several sequences through one model that advance together; made by Sequential::streams(). Each gets the
/// bits that it would get alone.
class StreamBatch {
 public:
  StreamBatch(const StreamBatch& other);
  StreamBatch& operator=(const StreamBatch& other);
  StreamBatch(StreamBatch&&) noexcept;
  StreamBatch& operator=(StreamBatch&&) noexcept;
  ~StreamBatch();

  int size() const noexcept;
  int inputs() const noexcept;
  int outputs() const noexcept;
  std::int64_t steps(int stream) const;

  /// The next step of every stream: [size(), inputs()] in, [size(), outputs()] out.
  std::span<const float> push(std::span<const float> x);
  /// The next token of every stream.
  std::span<const float> push_ids(std::span<const std::int32_t> tokens);

  void reset() noexcept;
  /// One of the streams, from 0; Error(usage) when there is none of that number.
  void reset(int stream);
  StreamState state(int stream) const;
  void set_state(int stream, const StreamState& state);

  explicit StreamBatch(std::unique_ptr<Stream::Impl> impl);

 private:
  std::unique_ptr<Stream::Impl> impl_;
};

}  // namespace rondo
