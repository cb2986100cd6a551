/// Token numbers as rows of a table.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {
namespace layers {

/// Token numbers to rows. With bigrams in the tokens, a second table of `bigram_dim` stands beside the first.
struct Embedding {
  Required<int> dim;
  int vocab = 0;
  int bigram_dim = 0;
  float dropout = 0;
  bool trainable = true;
  bool sparse = true;
  float init_scale = 0.05F;

  static constexpr std::string_view type = "embedding";
  static constexpr auto fields() {
    return std::tuple{
        field("dim", &Embedding::dim, "numbers per token", 1, 1 << 16),
        field("vocab", &Embedding::vocab, "rows of the table; 0: taken from the layer before", 0, 1 << 24),
        field("bigram_dim", &Embedding::bigram_dim, "numbers per bigram; 0: as dim", 0, 1 << 16),
        field("dropout", &Embedding::dropout, "share of tokens whose whole row is dropped", 0, 1),
        field("trainable", &Embedding::trainable, "whether training changes it"),
        field("sparse", &Embedding::sparse, "update only the rows of a batch"),
        field("init_scale", &Embedding::init_scale, "first values are uniform in [-init_scale, init_scale]",
              0, 10)};
  }
};

static_assert(all_fields_listed<Embedding>);

}  // namespace layers
}  // namespace rondo
