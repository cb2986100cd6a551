#include <rondo/error.h>
#include <rondo/nn.h>

#include "base/message.h"
#include "nn/checked.h"

namespace rondo::nn {

Embedding::Embedding(const Scope& in, layers::Embedding options, int bigrams)
    : options_(checked(in.path(), options)), key_(in.key("dropout")) {
  if (options_.vocab < 1)
    fail(ErrorKind::option, quote(in.path()) + " (embedding) needs vocab, the number of rows of its table");
  if (options_.bigram_dim == 0) options_.bigram_dim = options_.dim;
  const Initial initial{.kind = Initializer::uniform, .scale = options_.init_scale};
  weight_ = in.parameter("weight", {options_.vocab, options_.dim}, initial, options_.sparse);
  if (bigrams > 0)
    bigram_weight_ = in.parameter("bigram_weight", {bigrams, options_.bigram_dim}, initial, options_.sparse);
  if (!options_.trainable)
    for (const Var* table : {&weight_, &bigram_weight_})
      if (table->leaf()) table->leaf()->trainable = false;
}

Sequences Embedding::operator()(const Ids& ids) const {
  if (bigram_weight_.defined() && ids.bigrams().empty())
    fail(ErrorKind::shape, "an embedding with a bigram table takes ids with bigrams, got tokens only");
  if (!bigram_weight_.defined()) return dropout_rows(embedding(weight_, ids), options_.dropout, key_);
  const Var rows = concat({embedding(weight_, ids.tokens()), embedding(bigram_weight_, ids.bigrams())});
  return {dropout_rows(rows, options_.dropout, key_), ids.layout()};
}

int Embedding::features() const noexcept {
  return options_.dim + (bigram_weight_.defined() ? options_.bigram_dim : 0);
}

Dense::Dense(const Scope& in, int input, layers::Dense options) : options_(checked(in.path(), options)) {
  weight_ = in.parameter("weight", {options_.units, input}, {.kind = options_.kernel_init});
  if (options_.bias) bias_ = in.parameter("bias", {options_.units}, {.kind = Initializer::zeros});
}

Var Dense::operator()(const Var& x) const {
  return activate(logits(x), options_.activation);
}

Sequences Dense::operator()(const Sequences& x) const {
  return {(*this)(x.rows()), x.layout()};
}

Var Dense::logits(const Var& x) const {
  return linear(x, weight_, bias_);
}

Var Dense::cross_entropy(const Var& x, const Tensor& labels, const CrossEntropyOptions& options,
                         std::vector<std::int32_t>* likeliest) const {
  return linear_cross_entropy(x, weight_, bias_, labels, options, likeliest);
}

LayerNorm::LayerNorm(const Scope& in, int features, layers::LayerNorm options)
    : options_(checked(in.path(), options)),
      gain_(in.parameter("weight", {features}, {.kind = Initializer::ones})),
      bias_(in.parameter("bias", {features}, {.kind = Initializer::zeros})) {}

Var LayerNorm::operator()(const Var& x) const {
  return layer_norm(x, gain_, bias_, options_.epsilon);
}

Sequences LayerNorm::operator()(const Sequences& x) const {
  return {(*this)(x.rows()), x.layout()};
}

Dropout::Dropout(const Scope& in, layers::Dropout options)
    : rate_(checked(in.path(), options).rate), key_(in.key("dropout")) {}

Var Dropout::operator()(const Var& x) const {
  return rate_ > 0 ? dropout(x, rate_, key_) : x;
}

Sequences Dropout::operator()(const Sequences& x) const {
  return dropout(x, rate_, key_);
}

Pooling::Pooling(layers::Pooling options) : options_(checked({}, options)) {
  if (options_.over_time.empty())
    fail(ErrorKind::option, "pooling.over_time names at least one of last, mean and max, got none");
}

Var Pooling::operator()(const Sequences& x) const {
  std::vector<Var> pooled;
  for (const Pool over_time : options_.over_time)
    pooled.push_back(pool(x, over_time));
  return pooled.size() == 1 ? pooled.front() : concat(pooled);
}

}  // namespace rondo::nn
