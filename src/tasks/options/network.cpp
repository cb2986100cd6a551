#include "tasks/options/network.h"

#include <algorithm>

#include <rondo/error.h>

namespace rondo {
namespace {

template <class L>
L recurrent_layer(const NetworkOptions& o) {
  L layer{.units = o.units};
  layer.layers = o.layers;
  layer.bidirectional = o.bidirectional;
  layer.return_sequences = true;
  layer.dropout = o.layers > 1 ? o.dropout : 0;
  layer.recurrent_dropout = o.recurrent_dropout;
  layer.weight_dropout = o.weight_dropout;
  layer.zoneout = o.zoneout;
  return layer;
}

}  // namespace

layers::Tokens tokens_of(const TextOptions& o) {
  return {.tokenizer = o.tokenizer,
          .max_size = o.max_size,
          .min_count = std::max(o.min_count, 1),
          .max_length = o.max_length,
          .truncate = o.truncate,
          .normalization = o.normalization,
          .lowercase = o.lowercase,
          .bigrams = std::max(o.bigrams, 0)};
}

layers::Embedding embedding_of(const NetworkOptions& o) {
  return {.dim = o.embedding,
          .bigram_dim = o.bigram_embedding,
          .dropout = o.token_dropout,
          .trainable = !o.freeze_embedding};
}

AnyLayer recurrent_layer_of(const NetworkOptions& o) {
  switch (o.cell) {
    case RecurrentKind::lstm:
      return recurrent_layer<layers::LSTM>(o);
    case RecurrentKind::gru:
      return recurrent_layer<layers::GRU>(o);
    case RecurrentKind::simple_rnn:
      return recurrent_layer<layers::SimpleRNN>(o);
  }
  throw Bug("recurrent_layer_of: unknown kind");
}

}  // namespace rondo
