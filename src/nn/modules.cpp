#include <cmath>
#include <utility>

#include <rondo/error.h>
#include <rondo/nn.h>

#include "base/message.h"
#include "nn/checked.h"
#include "nn/watch.h"

namespace rondo::nn {

namespace {

/// The name under which a Watcher meets the rows of an embedding.
constexpr const char* watched_embedding = "embedding";

Sequences shown_to_watcher(Sequences rows) {
  Watcher* const watching = watcher();
  return watching == nullptr ? std::move(rows) : watching->read(watched_embedding, rows);
}

}  // namespace

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
  if (!bigram_weight_.defined()) {
    const Sequences x = embedding(weight_, ids);
    return shown_to_watcher(options_.dropout_per_word ? dropout_rows_copies(x, options_.dropout, key_)
                                                      : dropout_rows(x, options_.dropout, key_));
  }
  const Var rows = concat({embedding(weight_, ids.tokens()), embedding(bigram_weight_, ids.bigrams())});
  return shown_to_watcher({dropout_rows(rows, options_.dropout, key_), ids.layout()});
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

Conv1D::Conv1D(const Scope& in, int input, layers::Conv1D options) : options_(checked(in.path(), options)) {
  const int filters = options_.filters, size = options_.kernel_size;
  Initial initial{.kind = options_.kernel_init};
  // Keras counts every step of the window on both sides.
  if (options_.kernel_init == Initializer::glorot_uniform)
    initial.scale = std::sqrt(static_cast<float>(input * size + filters) /
                              static_cast<float>(input * size + filters * size));
  weight_ = in.parameter("weight", {filters, input, size}, initial);
  if (options_.bias) bias_ = in.parameter("bias", {filters}, {.kind = Initializer::zeros});
}

Sequences Conv1D::operator()(const Sequences& x) const {
  const Sequences seen = windows(x, {.size = options_.kernel_size,
                                     .padding = options_.padding,
                                     .stride = options_.stride,
                                     .dilation = options_.dilation});
  return {activate(linear(seen.rows(), weight_, bias_), options_.activation), seen.layout()};
}

CRF::CRF(const Scope& in, int input, layers::CRF options, TagRules rules) : rules_(std::move(rules)) {
  const std::int64_t units = checked(in.path(), options).units;
  weight_ = in.parameter("weight", {units, input}, {.kind = options.kernel_init});
  if (options.bias) bias_ = in.parameter("bias", {units}, {.kind = Initializer::zeros});
  const Initial zeros{.kind = Initializer::zeros};
  chain_ = {in.parameter("transitions", {units, units}, zeros),
            in.parameter("start_transitions", {units}, zeros),
            in.parameter("end_transitions", {units}, zeros)};
}

Var CRF::scores(const Var& x) const {
  return linear(x, weight_, bias_);
}
Sequences CRF::scores(const Sequences& x) const {
  return {scores(x.rows()), x.layout()};
}
Var CRF::loss(const Sequences& scores, const Tensor& tags, const Tensor& weights) const {
  return crf_loss(scores, tags, chain_, rules_, weights);
}
Tensor CRF::tags(const Sequences& scores) const {
  return crf_tags(scores, chain_, rules_);
}
Tensor CRF::marginals(const Sequences& scores) const {
  return crf_marginals(scores, chain_, rules_);
}
std::vector<std::vector<TagPath>> CRF::best(const Sequences& scores, int count) const {
  return crf_best(scores, chain_, rules_, count);
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

Highway::Highway(const Scope& in, int features, layers::Highway options)
    : options_(checked(in.path(), options)),
      weight_(in.parameter("weight", {features, features}, {.kind = options_.kernel_init})),
      bias_(in.parameter("bias", {features}, {.kind = Initializer::zeros})),
      gate_weight_(in.parameter("gate_weight", {features, features}, {.kind = options_.kernel_init})),
      gate_bias_(
          in.parameter("gate_bias", {features}, {.kind = Initializer::ones, .scale = options_.gate_bias})) {}

Var Highway::operator()(const Var& x) const {
  const Var taken = sigmoid(linear(x, gate_weight_, gate_bias_));
  const Var left = Var(Tensor::full({}, 1, x.dtype())) - taken;
  return taken * activate(linear(x, weight_, bias_), options_.activation) + left * x;
}

Sequences Highway::operator()(const Sequences& x) const {
  return {(*this)(x.rows()), x.layout()};
}

Dropout::Dropout(const Scope& in, layers::Dropout options)
    : options_(checked(in.path(), options)), key_(in.key("dropout")) {}

Var Dropout::operator()(const Var& x) const {
  return options_.rate > 0 ? dropout(x, options_.rate, key_) : x;
}

Sequences Dropout::operator()(const Sequences& x) const {
  return options_.per_word ? dropout_copies(x, options_.rate, key_) : dropout(x, options_.rate, key_);
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
