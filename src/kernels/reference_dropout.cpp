#include <array>

#include "kernels/reference.h"

namespace rondo::reference {
namespace {

using Words = std::array<std::uint32_t, 4>;

/// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, 2011). Tests compare it with base/random.h.
Words philox(const DropoutMask& mask, std::uint64_t block) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  Words w = {low(block), high(block), low(mask.stream), high(mask.stream)};
  std::uint32_t key0 = low(mask.seed), key1 = high(mask.seed);
  for (int round = 0; round < 10; ++round, key0 += 0x9E3779B9u, key1 += 0xBB67AE85u) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * w[0], c = std::uint64_t{0xCD9E8D57u} * w[2];
    w = {high(c) ^ w[1] ^ key0, low(c), high(a) ^ w[3] ^ key1, low(a)};
  }
  return w;
}

template <class T>
void dropout(Index n, Index first, const DropoutMask& mask, const T* x, T* y) {
  constexpr Index blocks = dropout_chunk / 4;
  const T scale = static_cast<T>(mask.scale);
  for (Index chunk = 0; chunk < n; chunk += dropout_chunk) {
    for (Index block = 0; block < blocks; ++block) {
      const Words words = philox(mask, static_cast<std::uint64_t>((first + chunk) / 4 + block));
      for (Index word = 0; word < 4; ++word) {
        const Index i = chunk + word * blocks + block;
        if (i >= n) break;
        y[i] = words[static_cast<std::size_t>(word)] >> 1 >= mask.threshold ? scale * x[i] : T(0);
      }
    }
  }
}

}  // namespace

template <class T>
void enter_dropout(Kernels<T>& table) {
  table.dropout = dropout<T>;
}
template void enter_dropout(Kernels<float>&);
template void enter_dropout(Kernels<double>&);

}  // namespace rondo::reference
