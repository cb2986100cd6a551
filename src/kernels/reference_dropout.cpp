#include "base/random.h"
#include "kernels/reference.h"

namespace rondo::reference {
namespace {

template <class T>
void dropout(Index n, Index first, const DropoutMask& mask, const T* x, T* y) {
  constexpr Index blocks = dropout_chunk / 4;
  const T scale = static_cast<T>(mask.scale);
  for (Index chunk = 0; chunk < n; chunk += dropout_chunk) {
    for (Index block = 0; block < blocks; ++block) {
      const auto place = static_cast<std::uint64_t>((first + chunk) / 4 + block);
      const RandomBlock words = random_block(mask.seed, mask.stream, place);
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
