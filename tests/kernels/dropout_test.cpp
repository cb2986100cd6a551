#include "base/random.h"
#include "kernels/guarded.h"

namespace rondo::test {
namespace {

constexpr DropoutMask mask{0x123456789ABCDEF0u, 0xFEDCBA9876543210u, 0x30000000u, 1.6};

TEST(Dropout, AgreesWithTheReference) {
  for (const Index n : sizes())
    for (const Index first : {Index{0}, 7 * dropout_chunk, Index{1} << 40})
      expect_like_reference({uniform(n, 5), uniform(n, 6)}, 2e-7, [=](const auto& table, const auto& rows) {
        table.dropout(n, first, mask, rows[0], rows[1]);
        return 0.0;
      });
}

TEST(Dropout, DrawsTheWordsOfPhilox) {
  const std::vector<float> ones(600, 1);
  on_every_isa([&](const Kernels<float>& table) {
    std::vector<float> y(600);
    table.dropout(600, dropout_chunk, mask, ones.data(), y.data());
    for (std::uint64_t i = 0; i < 600; ++i) {
      const std::uint64_t chunk = 1 + i / 256, word = i % 256 / 64, block = 64 * chunk + i % 64;
      const bool kept = random_block(mask.seed, mask.stream, block)[word] >> 1 >= mask.threshold;
      EXPECT_EQ(y[i], kept ? 1.6F : 0.0F) << i;
    }
  });
}

}  // namespace
}  // namespace rondo::test
