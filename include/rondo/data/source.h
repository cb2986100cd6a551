/// The origin of a Dataset's examples: Source, and ExampleList for examples of any type.
#pragma once
#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {
namespace data {

/// A 64-bit hash of the content (XXH64), the same on every machine.
std::uint64_t content_hash(std::string_view bytes);

/// Examples at places 0 to size() - 1, with what a Dataset needs to order, split and identify them. Only the
/// derived class, and the code that packs its examples (Dataset::source_as), know what an example holds. A
/// Source must not change once a Dataset has it. Any number of threads may use it at once.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source();

  virtual std::size_t size() const = 0;
  /// The number of steps of an example, at least 1. Batches group examples of similar length.
  virtual std::int32_t length(std::size_t place) const = 0;
  /// A hash of everything in an example.
  virtual std::uint64_t content(std::size_t place) const = 0;
  /// Examples with equal keys stay in one part of a split.
  virtual std::uint64_t key(std::size_t place) const { return content(place); }
  /// The number of strata (classes) that a split divides evenly; 0: none.
  virtual std::size_t strata() const { return 0; }
  /// The stratum of an example, 0 to strata() - 1. Called only if there are strata.
  virtual std::size_t stratum(std::size_t /*place*/) const { return 0; }
  /// A hash of the examples at these places, in this order.
  virtual std::uint64_t fingerprint(std::span<const std::size_t> places) const;
};

namespace detail {

/// A source that stores the properties of each example.
class ListedSource : public Source {
 public:
  std::size_t size() const override { return contents_.size(); }
  std::int32_t length(std::size_t place) const override { return lengths_[place]; }
  std::uint64_t content(std::size_t place) const override { return contents_[place]; }
  std::uint64_t key(std::size_t place) const override { return keys_[place]; }
  std::size_t strata() const override { return strata_; }
  std::size_t stratum(std::size_t place) const override { return static_cast<std::size_t>(of_[place]); }

 protected:
  /// Adds the next example. Error(data) names an example with a bad length or stratum.
  void add(std::string_view content, std::string_view key, std::int64_t length,
           std::optional<std::int64_t> stratum);

 private:
  std::vector<std::uint64_t> contents_, keys_;
  std::vector<std::int32_t> lengths_, of_;
  std::size_t strata_ = 0;
};

template <class Part>
void append_content(std::string& bytes, const Part& part) {
  if constexpr (std::is_arithmetic_v<Part> || std::is_enum_v<Part>) {
    std::array<char, sizeof part> copy{};
    std::copy_n(reinterpret_cast<const char*>(&part), sizeof part, copy.begin());
    bytes.append(copy.data(), copy.size());
  } else if constexpr (std::convertible_to<const Part&, std::string_view>) {
    const std::string_view text(part);
    append_content(bytes, static_cast<std::uint64_t>(text.size()));
    bytes.append(text);
  } else if constexpr (std::ranges::range<const Part&>) {
    append_content(bytes, static_cast<std::uint64_t>(std::ranges::distance(part)));
    for (const auto& entry : part)
      append_content(bytes, entry);
  } else {
    std::apply([&](const auto&... parts) { (append_content(bytes, parts), ...); }, part);
  }
}

}  // namespace detail

/// Bytes that identify an example by its parts: numbers, texts, and lists, pairs and tuples of these. Texts
/// and lists include their length, so that different parts never give the same bytes.
template <class... Parts>
std::string content_of(const Parts&... parts) {
  std::string bytes;
  (detail::append_content(bytes, parts), ...);
  return bytes;
}

/// What a Dataset needs to know about an example of type T. `content` and `key` return bytes, for example
/// from content_of().
template <class T>
struct About {
  Required<std::function<std::string(const T&)>> content;  ///< equal for equal examples only
  std::function<std::int64_t(const T&)> length = {};       ///< number of steps, at least 1; default: 1
  std::function<std::int64_t(const T&)> stratum = {};      ///< a class number from 0; default: no classes
  /// Examples with equal keys stay in one part of a split; default: `content`.
  std::function<std::string(const T&)> key = {};
};

/// A list of examples of type T.
template <class T>
class ExampleList final : public detail::ListedSource {
 public:
  /// Calls the functions of `about` once per example. Error(data) for a length below 1 or a class below 0.
  ExampleList(std::vector<T> examples, const About<T>& about) : examples_(std::move(examples)) {
    for (const T& example : examples_) {
      const std::string content = about.content.value()(example);
      add(content, about.key ? about.key(example) : content, about.length ? about.length(example) : 1,
          about.stratum ? std::optional(about.stratum(example)) : std::nullopt);
    }
  }
  const T& example(std::size_t place) const { return examples_[place]; }

 private:
  std::vector<T> examples_;
};

}  // namespace data
}  // namespace rondo
