#include "tasks/options/network.h"

#include <algorithm>

#include <rondo/error.h>

#include "base/message.h"

namespace rondo {
namespace {

template <class L>
L recurrent_layer(const NetworkOptions& o) {
  L layer{.units = o.units};
  layer.layers = o.layers;
  layer.bidirectional = o.bidirectional;
  layer.return_sequences = true;
  layer.dropout = o.layers > 1 ? o.dropout : 0;
  if constexpr (requires { layer.weight_dropout; }) {
    layer.recurrent_dropout = o.recurrent_dropout;
    layer.weight_dropout = o.weight_dropout;
    layer.zoneout = o.zoneout;
  } else if (o.recurrent_dropout > 0 || o.weight_dropout > 0 || o.zoneout > 0) {
    const std::string_view given = o.weight_dropout > 0      ? "weight_dropout"
                                   : o.recurrent_dropout > 0 ? "recurrent_dropout"
                                                             : "zoneout";
    fail(ErrorKind::option, std::string(given) + ": cell " + std::string(name_of(o.cell)) +
                                " adds to its state and has none; leave it out");
  }
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
          .dropout_per_word = o.dropout_per_word,
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
    case RecurrentKind::residual:
      return recurrent_layer<layers::ResidualRecurrence>(o);
    case RecurrentKind::linear:
      return recurrent_layer<layers::LinearRecurrence>(o);
  }
  throw Bug("recurrent_layer_of: unknown kind");
}

}  // namespace rondo
