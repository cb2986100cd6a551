#include <algorithm>
#include <functional>

#include <rondo/stream.h>

#include "base/message.h"
#include "model/stream/plan.h"
#include "runtime/buffers.h"
#include "runtime/flush_denormals.h"

namespace rondo {
namespace {

constexpr int most_streams = 1024;

}  // namespace

Stream::Impl::Impl(std::shared_ptr<const streaming::Plan> shared, Index count)
    : plan(std::move(shared)),
      rows(count),
      steps(static_cast<std::size_t>(count)),
      input(static_cast<std::size_t>(count * plan->inputs)) {
  for (auto& state : states)
    state.resize(static_cast<std::size_t>(rows * plan->state));
  for (auto& output : outputs_of_layers)
    output.resize(static_cast<std::size_t>(rows * plan->widest));
  for (const auto& step : plan->steps)
    arena_size = std::max(arena_size, step->memory(rows));
  arena = acquire_buffer(arena_size);
}

Stream::Impl::Impl(const Impl& other) : Impl(other.plan, other.rows) {
  std::copy(std::begin(other.states), std::end(other.states), states);
  std::copy(std::begin(other.outputs_of_layers), std::end(other.outputs_of_layers), outputs_of_layers);
  current = other.current;
  steps = other.steps;
}

bool Stream::Impl::overwrites(const float* x) const {
  const std::less<> before;
  const auto meets = [&](const std::vector<float>& memory) {
    return before(x, memory.data() + memory.size()) && before(memory.data(), x + input.size());
  };
  return meets(states[1 - current]) || meets(outputs_of_layers[0]) || meets(outputs_of_layers[1]);
}

std::span<const float> Stream::Impl::advance(const float* x, const std::int32_t* ids) {
  const FlushDenormals flush;
  if (x != nullptr && overwrites(x)) x = std::copy_n(x, input.size(), input.data()) - input.size();
  for (std::int64_t& count : steps)
    ++count;
  std::vector<float>&before = states[current], &after = states[1 - current];
  streaming::Moment now{.rows = rows,
                        .x = x,
                        .ids = ids,
                        .y = nullptr,
                        .before = before.data(),
                        .after = after.data(),
                        .state_stride = plan->state,
                        .steps = steps.data(),
                        .arena = Arena(static_cast<std::byte*>(arena.get()), arena_size)};
  std::size_t next = 0;
  for (const auto& step : plan->steps) {
    now.y = outputs_of_layers[next].data();
    now.x = step->run(now);
    now.before += step->state();
    now.after += step->state();
    next = 1 - next;
  }
  current = 1 - current;
  return {now.x, static_cast<std::size_t>(rows * outputs())};
}

void Stream::Impl::check_numbers(std::size_t count) const {
  if (plan->takes_ids) fail(ErrorKind::usage, "push(): the model takes tokens, got numbers");
  if (static_cast<Index>(count) != rows * plan->inputs)
    fail(ErrorKind::shape, plan->giver + " takes " + std::to_string(plan->inputs) + " numbers per step" +
                               (rows > 1 ? " of each of " + std::to_string(rows) + " streams" : "") +
                               ", got " + std::to_string(count) + (rows > 1 ? " in all" : ""));
}

void Stream::Impl::check_ids(std::span<const std::int32_t> tokens) const {
  if (!plan->takes_ids) fail(ErrorKind::usage, "push(): the model takes numbers, got tokens");
  if (static_cast<Index>(tokens.size()) != rows)
    fail(ErrorKind::shape, "push_ids() takes a token for each of " + std::to_string(rows) + " streams, got " +
                               std::to_string(tokens.size()));
  for (const std::int32_t token : tokens)
    if (token < 0 || token >= plan->ids)
      fail(ErrorKind::data, "push_id(): a token is a number from 0 to " + std::to_string(plan->ids - 1) +
                                ", got " + std::to_string(token));
}

float* Stream::Impl::to_remember(Index row) noexcept {
  // The last output of a single stream may be in its state.
  if (rows == 1) current = 1 - current;
  return states[current].data() + row * plan->state;
}

void Stream::Impl::reset(Index row) noexcept {
  std::fill_n(to_remember(row), plan->state, 0.0F);
  steps[static_cast<std::size_t>(row)] = 0;
}

StreamState Stream::Impl::state(Index row) const {
  const float* const from = states[current].data() + row * plan->state;
  return {{from, from + plan->state}, steps[static_cast<std::size_t>(row)]};
}

void Stream::Impl::set_state(Index row, const StreamState& state) {
  if (static_cast<Index>(state.values.size()) != plan->state || state.steps < 0)
    fail(ErrorKind::shape, "set_state(): the model remembers " + std::to_string(plan->state) +
                               " numbers, got " + std::to_string(state.values.size()) + " after " +
                               std::to_string(state.steps) + " steps; is it another model's state?");
  std::copy(state.values.begin(), state.values.end(), to_remember(row));
  steps[static_cast<std::size_t>(row)] = state.steps;
}

Stream::Stream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Stream::Stream(const Stream& other) : impl_(std::make_unique<Impl>(*other.impl_)) {}
Stream& Stream::operator=(const Stream& other) {
  if (this != &other) impl_ = std::make_unique<Impl>(*other.impl_);
  return *this;
}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;
Stream::~Stream() = default;

int Stream::inputs() const noexcept {
  return static_cast<int>(impl_->plan->inputs);
}
int Stream::outputs() const noexcept {
  return static_cast<int>(impl_->outputs());
}
std::int64_t Stream::steps() const noexcept {
  return impl_->steps.front();
}
int Stream::max_length() const noexcept {
  return impl_->plan->max_length;
}

std::span<const float> Stream::push(std::span<const float> x) {
  impl_->check_numbers(x.size());
  return impl_->advance(x.data(), nullptr);
}
std::span<const float> Stream::push(std::initializer_list<float> x) {
  return push(std::span<const float>(x.begin(), x.size()));
}
float Stream::push(float x) {
  if (outputs() != 1)
    fail(ErrorKind::usage, "push(float) is for models with one output, got one with " +
                               std::to_string(outputs()) + "; push({x}) gives them all");
  return push(std::span<const float>(&x, 1)).front();
}
std::span<const float> Stream::push(std::string_view token) {
  return push_id(impl_->plan->vocab.find(token));
}
std::span<const float> Stream::push_id(std::int32_t token) {
  impl_->check_ids({&token, 1});
  return impl_->advance(nullptr, &token);
}

void Stream::reset() noexcept {
  impl_->reset(0);
}
StreamState Stream::state() const {
  return impl_->state(0);
}
void Stream::set_state(const StreamState& state) {
  impl_->set_state(0, state);
}

StreamBatch::StreamBatch(std::unique_ptr<Stream::Impl> impl) : impl_(std::move(impl)) {}
StreamBatch::StreamBatch(const StreamBatch& other) : impl_(std::make_unique<Stream::Impl>(*other.impl_)) {}
StreamBatch& StreamBatch::operator=(const StreamBatch& other) {
  if (this != &other) impl_ = std::make_unique<Stream::Impl>(*other.impl_);
  return *this;
}
StreamBatch::StreamBatch(StreamBatch&&) noexcept = default;
StreamBatch& StreamBatch::operator=(StreamBatch&&) noexcept = default;
StreamBatch::~StreamBatch() = default;

int StreamBatch::size() const noexcept {
  return static_cast<int>(impl_->rows);
}
int StreamBatch::inputs() const noexcept {
  return static_cast<int>(impl_->plan->inputs);
}
int StreamBatch::outputs() const noexcept {
  return static_cast<int>(impl_->outputs());
}

std::span<const float> StreamBatch::push(std::span<const float> x) {
  impl_->check_numbers(x.size());
  return impl_->advance(x.data(), nullptr);
}
std::span<const float> StreamBatch::push_ids(std::span<const std::int32_t> tokens) {
  impl_->check_ids(tokens);
  return impl_->advance(nullptr, tokens.data());
}

namespace {

Index checked_row(const Stream::Impl& streams, int stream) {
  if (stream < 0 || stream >= streams.rows)
    fail(ErrorKind::usage,
         "there are streams 0 to " + std::to_string(streams.rows - 1) + ", not " + std::to_string(stream));
  return stream;
}

}  // namespace

std::int64_t StreamBatch::steps(int stream) const {
  return impl_->steps[static_cast<std::size_t>(checked_row(*impl_, stream))];
}
void StreamBatch::reset() noexcept {
  for (Index row = 0; row < impl_->rows; ++row)
    impl_->reset(row);
}
void StreamBatch::reset(int stream) {
  impl_->reset(checked_row(*impl_, stream));
}
StreamState StreamBatch::state(int stream) const {
  return impl_->state(checked_row(*impl_, stream));
}
void StreamBatch::set_state(int stream, const StreamState& state) {
  impl_->set_state(checked_row(*impl_, stream), state);
}

Stream Sequential::stream() const {
  return Stream(std::make_unique<Stream::Impl>(streaming::plan_of(*impl_), 1));
}

StreamBatch Sequential::streams(int count) const {
  if (count < 1 || count > most_streams)
    fail(ErrorKind::option, "streams() takes a number from 1 to " + std::to_string(most_streams) + ", got " +
                                std::to_string(count));
  return StreamBatch(std::make_unique<Stream::Impl>(streaming::plan_of(*impl_), count));
}

}  // namespace rondo
