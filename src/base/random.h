/// Counter-based random numbers and 64-bit hashes: functions of their arguments, the same on every machine.
///
/// A number is Philox4x32-10(counter, key): Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
/// as 1, 2, 3" (2011). The key is the seed; the counter holds the stream (what the numbers are for) and the
/// place in it. There is no hidden state to save: who knows (seed, stream, place) knows the number, in any
/// order and on any thread.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rondo {

using RandomBlock = std::array<std::uint32_t, 4>;

/// Ten rounds of Philox4x32.
constexpr RandomBlock philox(RandomBlock counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9u;  // golden ratio
    key[1] += 0xBB67AE85u;  // sqrt(3) - 1
  }
  return counter;
}

/// The four numbers at places 4·block ... 4·block + 3 of a stream.
constexpr RandomBlock random_block(std::uint64_t seed, std::uint64_t stream, std::uint64_t block) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  return philox({low(block), high(block), low(stream), high(stream)}, {low(seed), high(seed)});
}

/// [0, 1) in steps of 2^-24: every value is exact.
constexpr float to_uniform(std::uint32_t bits) {
  return static_cast<float>(bits >> 8) * 0x1p-24f;
}
/// (0, 1): odd multiples of 2^-24, symmetric about one half.
constexpr float to_uniform_open(std::uint32_t bits) {
  return static_cast<float>((bits >> 9) * 2 + 1) * 0x1p-24f;
}

/// FNV-1a of 64 bits: for names (module paths, streams), at compile time too.
constexpr std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

/// One stream of two keys, e.g. (hash of a module's path, step). Order matters. Finaliser of SplitMix64.
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = a + 0x9e3779b97f4a7c15u * (b + 1);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// The numbers of one stream, in order.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  std::uint32_t bits32();
  std::uint64_t bits64();
  /// [0, 1), 24 bits.
  float uniform() { return to_uniform(bits32()); }
  /// (0, 1), 23 bits.
  float uniform_open() { return to_uniform_open(bits32()); }
  /// [low, high).
  float uniform(float low, float high);
  /// [0, 1), 53 bits.
  double uniform_double();
  /// 0 to bound - 1, all equally likely. A bound of 0 is a Bug.
  std::uint64_t below(std::uint64_t bound);
  /// Mean 0, variance 1, |value| < 6.8 (Box and Muller, 1958). Uses +, -, ·, / and sqrt only, which IEEE 754
  /// fixes to the last bit; log, sin and cos of the C library differ between its versions.
  double normal();

 private:
  std::uint64_t seed_, stream_, block_ = 0;
  RandomBlock numbers_ = {};
  unsigned used_ = 4;
  double spare_normal_ = 0;
  bool has_spare_normal_ = false;
};

/// Fisher-Yates: the order is a function of (length, seed, epoch) alone.
template <class T>
void shuffle(std::span<T> items, std::uint64_t seed, std::uint64_t epoch) {
  Random random(seed, mix(hash_of("shuffle"), epoch));
  for (std::size_t left = items.size(); left > 1; --left) {
    using std::swap;
    swap(items[left - 1], items[random.below(left)]);
  }
}

/// 0 ... size - 1, shuffled.
std::vector<std::uint32_t> permutation(std::uint32_t size, std::uint64_t seed, std::uint64_t epoch);

/// A 64-bit fingerprint of bytes that arrive in pieces (XXH64 by Yann Collet, seed 0): tells whether data or
/// options changed. It is no defence against someone who wants two contents to agree.
class ContentHash {
 public:
  /// Adds bytes. It does not matter how they are divided into calls.
  ContentHash& bytes(std::string_view bytes);
  /// Adds the length and the bytes, so that "a", "bc" differs from "ab", "c".
  ContentHash& text(std::string_view text);
  ContentHash& number(std::uint64_t value);
  /// The fingerprint of all bytes so far. More may follow.
  std::uint64_t digest() const;

 private:
  void stripe(const char* bytes);

  std::array<std::uint64_t, 4> lanes_ = {0x60ea27eeadc0b5d6u, 0xc2b2ae3d27d4eb4fu, 0, 0x61c8864e7a143579u};
  std::array<char, 32> pending_ = {};
  std::size_t pending_size_ = 0;
  std::uint64_t size_ = 0;
};

/// 16 hexadecimal digits.
std::string hexadecimal(std::uint64_t value);

}  // namespace rondo
