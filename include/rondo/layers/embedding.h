/// An embedding table: token numbers to vectors.
#pragma once
#include <string_view>
#include <tuple>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {
namespace layers {

/// Token numbers to rows of a table: [N] to [N, dim]. If the tokens have bigrams, a second table adds
/// `bigram_dim` columns.
struct Embedding {
  Required<int> dim;
  int vocab = 0;
  int bigram_dim = 0;
  float dropout = 0;
  bool dropout_per_word = false;
  bool trainable = true;
  bool sparse = true;
  float init_scale = 0.05F;

  static constexpr std::string_view type = "embedding";
  static constexpr auto fields() {
    return std::tuple{
        field("dim", &Embedding::dim, "size of a token's vector", 1, 1 << 16),
        field("vocab", &Embedding::vocab, "rows of the table; 0: from the layer before", 0, 1 << 24),
        field("bigram_dim", &Embedding::bigram_dim, "size of a bigram's vector; 0: same as dim", 0, 1 << 16),
        field("dropout", &Embedding::dropout, "share of tokens whose whole vector is dropped", 0, 1),
        field("dropout_per_word", &Embedding::dropout_per_word,
              "drop a word wherever it stands in a batch, or nowhere"),
        field("trainable", &Embedding::trainable, "whether training changes the table"),
        field("sparse", &Embedding::sparse, "update only the rows that a batch uses"),
        field("init_scale", &Embedding::init_scale, "initial values are uniform in [-init_scale, init_scale]",
              0, 10)};
  }
};

static_assert(all_fields_listed<Embedding>);

}  // namespace layers
}  // namespace rondo
