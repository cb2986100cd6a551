/// Runs a model one step at a time. A stream takes numbers or tokens as they arrive, keeps the recurrent
/// state, and returns the model's output for the sequence so far.
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

/// Everything that a stream remembers. Use it to save a stream and to continue elsewhere.
struct StreamState {
  std::vector<float> values;
  std::int64_t steps = 0;  ///< number of steps pushed so far
};

/// One sequence through a Sequential whose recurrent layers read forward only. Sequential::stream() makes it.
///
/// After each push, the output is the model's output for the sequence so far: that of the last layer,
/// including its activation. It has the bits of Sequential::outputs() on the whole sequence, whatever the
/// type of the weights.
///
/// A push allocates no memory. It runs on the caller's thread; if a layer is large enough, other threads
/// help, which never changes a result. A stream has its own copy of the weights, from the time it was made.
/// Copies of a stream share that copy, so make further streams by copying. Different threads may use
/// different streams at once.
class Stream {
 public:
  Stream(const Stream& other);
  Stream& operator=(const Stream& other);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  /// How many numbers a step takes; 0 for a model of texts.
  int inputs() const noexcept;
  /// How many numbers an output has.
  int outputs() const noexcept;
  /// Steps pushed since the start or the last reset().
  std::int64_t steps() const noexcept;
  /// Of a model of texts, the number of tokens to which predict() cuts a longer text; 0 if it cuts none. A
  /// stream cuts nothing: once steps() is greater than this, its output is no longer that of predict().
  int max_length() const noexcept;

  /// Pushes one step of inputs() numbers and returns the output. The span is valid until the next push.
  /// Error(shape) for another number of inputs, Error(usage) for a model of texts.
  std::span<const float> push(std::span<const float> x);
  std::span<const float> push(std::initializer_list<float> x);
  /// For models with one number as input and one as output.
  float push(float x);
  /// Pushes one token in the form that the model's encoder gives it, or its number. A token that is not in
  /// the vocabulary is unknown. Error(usage) for a model of numbers, Error(data) for a number outside the
  /// vocabulary.
  std::span<const float> push(std::string_view token);
  std::span<const float> push_id(std::int32_t token);

  /// Returns to the start of a sequence.
  void reset() noexcept;
  StreamState state() const;
  /// Error(shape) for the state of another model.
  void set_state(const StreamState& state);

  /// For the library's own use.
  struct Impl;
  explicit Stream(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

/// Several sequences through one model that advance together. Sequential::streams() makes it. Each sequence
/// gets the bits that it would get alone.
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

  /// Pushes the next step of every stream: takes [size(), inputs()], returns [size(), outputs()].
  std::span<const float> push(std::span<const float> x);
  /// Pushes the next token of every stream.
  std::span<const float> push_ids(std::span<const std::int32_t> tokens);

  void reset() noexcept;
  /// Resets one stream, counted from 0. Error(usage) if there is no stream of that number.
  void reset(int stream);
  StreamState state(int stream) const;
  void set_state(int stream, const StreamState& state);

  explicit StreamBatch(std::unique_ptr<Stream::Impl> impl);

 private:
  std::unique_ptr<Stream::Impl> impl_;
};

}  // namespace rondo
