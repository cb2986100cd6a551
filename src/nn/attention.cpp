#include <cmath>

#include <rondo/attention.h>
#include <rondo/ops.h>
#include <rondo/parameters.h>

#include "base/message.h"
#include "nn/checked.h"

namespace rondo::nn {

Attention::Attention(const Scope& in, int query, int memory, AttentionOptions options)
    : options_(checked(in.path(), options)), features_(memory) {
  const bool many = options_.heads > 1;
  if (options_.units == 0) options_.units = query;
  const int units = options_.units;
  if (many && options_.score == AttentionScore::additive)
    fail(ErrorKind::option, "attention: several heads have dot scores; take scaled_dot");
  if (many && units % options_.heads != 0)
    fail(ErrorKind::option, "attention: units must be a multiple of heads (" +
                                std::to_string(options_.heads) + "), got " + std::to_string(units));
  const bool plain = options_.score == AttentionScore::dot || options_.score == AttentionScore::scaled_dot;
  if (!many && plain && query != memory)
    fail(ErrorKind::option, "attention: dot scores need a memory as wide as the query (" +
                                std::to_string(query) + "), got " + std::to_string(memory) +
                                "; take bilinear or additive");
  if (many) {
    features_ = units;
    query_weight_ = in.parameter("query_weight", {units, query}, {});
    memory_weight_ = in.parameter("key_weight", {units, memory}, {});
    value_weight_ = in.parameter("value_weight", {units, memory}, {});
  } else if (options_.score == AttentionScore::bilinear) {
    query_weight_ = in.parameter("query_weight", {memory, query}, {});
  } else if (options_.score == AttentionScore::additive) {
    query_weight_ = in.parameter("query_weight", {units, query}, {});
    memory_weight_ = in.parameter("memory_weight", {units, memory}, {});
    bias_ = in.parameter("bias", {units}, {.kind = Initializer::zeros});
    direction_ = in.parameter("direction", {units}, {.kind = Initializer::uniform, .scale = 0.1F});
  }
}

Attention::Memory Attention::prepare(const Sequences& memory) const {
  if (value_weight_.defined())
    return {linear(memory.rows(), memory_weight_),
            Sequences(linear(memory.rows(), value_weight_), memory.layout())};
  if (memory_weight_.defined()) return {linear(memory.rows(), memory_weight_, bias_), memory};
  return {memory.rows(), memory};
}

Attended Attention::one(const Var& query, const Memory& memory,
                        std::span<const std::int32_t> sequence_of) const {
  const double scale = options_.score == AttentionScore::scaled_dot || options_.heads > 1
                           ? 1 / std::sqrt(static_cast<double>(query.columns()))
                           : 1;
  return attend(query, memory.keys, memory.values, sequence_of, scale, direction_);
}

Attended Attention::operator()(const Var& query, const Memory& memory,
                               std::span<const std::int32_t> sequence_of) const {
  const Var q = query_weight_.defined() ? linear(query, query_weight_) : query;
  if (options_.heads == 1) return one(q, memory, sequence_of);
  const std::int64_t size = options_.units / options_.heads;
  std::vector<Var> contexts;
  Attended all;
  for (std::int64_t begin = 0; begin < options_.units; begin += size) {
    const auto part = [&](const Var& x) { return slice_columns(x, begin, begin + size); };
    Attended head =
        one(part(q), {part(memory.keys), Sequences(part(memory.values.rows()), memory.values.layout())},
            sequence_of);
    contexts.push_back(head.context);
    const Tensor share =
        (Var(head.weights) * Var(Tensor::full({}, 1.0 / options_.heads, head.weights.dtype()))).value();
    all.weights = all.weights.empty() ? share : (Var(all.weights) + Var(share)).value();
    all.begins = std::move(head.begins);
  }
  all.context = concat(contexts);
  return all;
}

}  // namespace rondo::nn
