/// Batches of any type, packed ahead by one background thread.
#pragma once
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace [[gnu::visibility("default")]] rondo {
namespace data {

namespace detail {

/// Prefetch without the type of its batches.
class Ahead {
 public:
  using Make = std::function<std::shared_ptr<void>(std::size_t number)>;
  Ahead(std::size_t begin, std::size_t end, Make make);
  Ahead(Ahead&&) noexcept;
  Ahead& operator=(Ahead&&) noexcept;
  ~Ahead();

  std::shared_ptr<void> next();
  std::size_t position() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

template <class E>
using BatchOf = decltype(std::declval<E&>().batch(std::size_t{}));

}  // namespace detail

/// Gives the batches from `begin` to `end` - 1. One background thread makes the next ones meanwhile: at most
/// two wait while it makes a third. The results are always make(begin), make(begin + 1), ...
///
///     data::Prefetch upcoming(batches.epoch(3));
///     while (const std::optional<data::Batch> batch = upcoming.next()) ...
template <class Batch>
class Prefetch {
 public:
  /// Only the background thread calls `make`, in order, until the Prefetch is destroyed.
  Prefetch(std::size_t begin, std::size_t end, std::function<Batch(std::size_t number)> make)
      : ahead_(begin, end, [make = std::move(make)](std::size_t number) -> std::shared_ptr<void> {
          return std::make_shared<Batch>(make(number));
        }) {}
  /// The batches of an epoch from `begin` to the last. An epoch is anything with size() and batch(number).
  template <class E>
  requires std::same_as<detail::BatchOf<E>, Batch>
  explicit Prefetch(E epoch, std::size_t begin = 0)
      : Prefetch(std::make_shared<E>(std::move(epoch)), begin) {}

  /// The next batch; nothing after the last one. An error in making a batch is thrown here, after the batches
  /// before it.
  std::optional<Batch> next() {
    const std::shared_ptr<void> batch = ahead_.next();
    if (!batch) return std::nullopt;
    return std::move(*static_cast<Batch*>(batch.get()));
  }
  /// The number of the batch that next() will return.
  std::size_t position() const noexcept { return ahead_.position(); }

 private:
  template <class E>
  Prefetch(std::shared_ptr<E> epoch, std::size_t begin)
      : Prefetch(begin, epoch->size(), [epoch](std::size_t number) { return epoch->batch(number); }) {}

  detail::Ahead ahead_;
};

template <class E>
Prefetch(E, std::size_t = 0) -> Prefetch<detail::BatchOf<E>>;

}  // namespace data
}  // namespace rondo
