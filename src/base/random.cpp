#include "base/random.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>

#include <rondo/error.h>

#include "base/bytes.h"

namespace rondo {
namespace {

/// ln x for x in (0, 1]: x = m·2^e with m in [sqrt(1/2), sqrt(2)), ln m = 2 atanh((m - 1) / (m + 1)).
double portable_log(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);
  if (m < 0.5 * std::numbers::sqrt2) {
    m *= 2;
    --exponent;
  }
  const double s = (m - 1) / (m + 1), square = s * s;  // square < 0.0295: 11 terms reach 1e-18
  double sum = 0;
  for (int k = 21; k >= 1; k -= 2)
    sum = sum * square + 1.0 / k;
  return exponent * std::numbers::ln2 + 2 * s * sum;
}

struct SineCosine {
  double sine, cosine;
};

/// Of 2·pi·turns for turns in [0, 1): Taylor's series within an eighth of a turn of each quarter.
SineCosine portable_sine_cosine(double turns) {
  const double quarter = std::floor(4 * turns + 0.5);
  const double angle = 2 * std::numbers::pi * (turns - 0.25 * quarter), square = angle * angle;
  double sine = 0, cosine = 0;
  for (int k = 17; k >= 1; k -= 2) {  // |angle| <= pi/4: the next term is below 1e-18
    sine = 1 - sine * square / ((k + 1) * (k + 2));
    cosine = 1 - cosine * square / (k * (k + 1));
  }
  sine *= angle;
  switch (static_cast<int>(quarter) & 3) {
    case 0:
      return {sine, cosine};
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    default:
      return {-cosine, sine};
  }
}

constexpr std::uint64_t prime1 = 0x9e3779b185ebca87u, prime2 = 0xc2b2ae3d27d4eb4fu,
                        prime3 = 0x165667b19e3779f9u, prime4 = 0x85ebca77c2b2ae63u,
                        prime5 = 0x27d4eb2f165667c5u;

constexpr std::uint64_t absorb(std::uint64_t lane, std::uint64_t word) {
  return std::rotl(lane + word * prime2, 31) * prime1;
}

}  // namespace

std::uint32_t Random::bits32() {
  if (used_ == numbers_.size()) {
    numbers_ = random_block(seed_, stream_, block_++);
    used_ = 0;
  }
  return numbers_[used_++];
}

std::uint64_t Random::bits64() {
  const std::uint64_t low = bits32();
  return low | std::uint64_t{bits32()} << 32;
}

float Random::uniform(float low, float high) {
  const float value = low + (high - low) * uniform();
  return value < high ? value : low;  // rounding may reach the excluded bound
}

double Random::uniform_double() {
  return static_cast<double>(bits64() >> 11) * 0x1p-53;
}

std::uint64_t Random::below(std::uint64_t bound) {
  if (bound == 0) throw Bug("Random::below(0)");
  // Without this, the 2^64 mod bound lowest numbers would make some results more likely than others.
  const std::uint64_t unfair = (0 - bound) % bound;
  for (;;) {
    const std::uint64_t bits = bits64();
    if (bits >= unfair) return bits % bound;
  }
}

double Random::normal() {
  if (has_spare_normal_) {
    has_spare_normal_ = false;
    return spare_normal_;
  }
  const double uniform_open = (bits32() + 0.5) * 0x1p-32;
  const double radius = std::sqrt(-2 * portable_log(uniform_open));
  const SineCosine direction = portable_sine_cosine(bits32() * 0x1p-32);
  spare_normal_ = radius * direction.sine;
  has_spare_normal_ = true;
  return radius * direction.cosine;
}

std::vector<std::uint32_t> permutation(std::uint32_t size, std::uint64_t seed, std::uint64_t epoch) {
  std::vector<std::uint32_t> order(size);
  std::iota(order.begin(), order.end(), 0u);
  shuffle(std::span(order), seed, epoch);
  return order;
}

void ContentHash::stripe(const char* bytes) {
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    lanes_[i] = absorb(lanes_[i], load_little_endian<std::uint64_t>(bytes + 8 * i));
}

ContentHash& ContentHash::bytes(std::string_view bytes) {
  size_ += bytes.size();
  if (pending_size_ > 0) {
    const std::size_t taken = std::min(bytes.size(), pending_.size() - pending_size_);
    std::copy_n(bytes.data(), taken, pending_.data() + pending_size_);
    pending_size_ += taken;
    bytes.remove_prefix(taken);
    if (pending_size_ < pending_.size()) return *this;
    stripe(pending_.data());
  }
  for (; bytes.size() >= pending_.size(); bytes.remove_prefix(pending_.size()))
    stripe(bytes.data());
  std::copy(bytes.begin(), bytes.end(), pending_.begin());
  pending_size_ = bytes.size();
  return *this;
}

ContentHash& ContentHash::text(std::string_view text) {
  return number(text.size()).bytes(text);
}

ContentHash& ContentHash::number(std::uint64_t value) {
  std::array<char, 8> word;
  store_little_endian(value, word.data());
  return bytes({word.data(), word.size()});
}

std::uint64_t ContentHash::digest() const {
  std::uint64_t hash = prime5;
  if (size_ >= pending_.size()) {
    hash = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) +
           std::rotl(lanes_[3], 18);
    for (const std::uint64_t lane : lanes_)
      hash = (hash ^ absorb(0, lane)) * prime1 + prime4;
  }
  hash += size_;
  const char* rest = pending_.data();
  const char* const end = rest + pending_size_;
  for (; end - rest >= 8; rest += 8)
    hash = std::rotl(hash ^ absorb(0, load_little_endian<std::uint64_t>(rest)), 27) * prime1 + prime4;
  for (; end - rest >= 4; rest += 4)
    hash = std::rotl(hash ^ load_little_endian<std::uint32_t>(rest) * prime1, 23) * prime2 + prime3;
  for (; rest < end; ++rest)
    hash = std::rotl(hash ^ static_cast<unsigned char>(*rest) * prime5, 11) * prime1;
  hash = (hash ^ (hash >> 33)) * prime2;
  hash = (hash ^ (hash >> 29)) * prime3;
  return hash ^ (hash >> 32);
}

std::string hexadecimal(std::uint64_t value) {
  std::string text(16, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, value >>= 4)
    *digit = "0123456789abcdef"[value & 15];
  return text;
}

}  // namespace rondo
