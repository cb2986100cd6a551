/// Attention: for each query, a mean of the rows of one sequence (its memory), weighted by how well each of
/// them matches the query (Bahdanau et al. 2015; Luong et al. 2015; Vaswani et al. 2017).
///
///     const nn::Attention attention(in / "attention", 256, 512, {.score = AttentionScore::additive});
///     const nn::Attention::Memory memory = attention.prepare(encoded);   // projects all rows once
///     const Attended found = attention(queries, memory, sequence_of);    // any number of queries
///     found.context;                                                     // [queries, 512]
///
/// Memories have different lengths and no padding. A query meets the rows of its own sequence only, so its
/// result does not depend on what else is in the batch.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <rondo/autograd.h>
#include <rondo/description.h>
#include <rondo/layers/choices.h>

namespace [[gnu::visibility("default")]] rondo {

class Scope;

/// What each query found.
struct Attended {
  Var context;     ///< [queries, columns of the values]
  Tensor weights;  ///< one query's weights after the other's; each query's are as many as its memory's steps
  std::vector<std::int64_t> begins;  ///< where the weights of a query begin; one more than there are queries

  /// The weights of a query, by the steps of its memory; their sum is 1.
  std::vector<double> of(std::int64_t query) const;
};

/// For query i, which belongs to sequence s = sequence_of[i] in packed order: the score of step t is scale ·
/// query · key, or direction · tanh(query + key) if `direction` is defined; the weights are the softmax of
/// the scores over the steps of s; context = sum over t of weight · value. Sums go over the steps in order.
///
/// query [N, K], keys [rows, K], values [rows, D] packed by `layout`, direction [K]. Gradients flow to query,
/// keys, values and direction; the weights are numbers. Error(shape) for sizes that do not fit, or for a
/// sequence that is not there.
Attended attend(const Var& query, const Var& keys, const Sequences& values,
                std::span<const std::int32_t> sequence_of, double scale = 1, const Var& direction = {});

struct AttentionOptions {
  AttentionScore score = AttentionScore::scaled_dot;
  int units = 0;
  int heads = 1;

  static constexpr std::string_view type = "attention";
  static constexpr auto fields() {
    using O = AttentionOptions;
    return std::tuple{
        field("score", &O::score, "how well a query matches a row of the memory"),
        field("units", &O::units, "size of additive scores, or of all heads together; 0: the query's size", 0,
              1 << 16),
        field("heads", &O::heads, "attentions side by side, each with its own part of the units", 1, 256)};
  }
};
static_assert(all_fields_listed<AttentionOptions>);

namespace nn {

/// Attention with its weights. Parameters: bilinear: `query_weight` [memory, query]. additive: `query_weight`
/// [units, query], `memory_weight` [units, memory], `bias` [units], `direction` [units]. With several heads:
/// `query_weight` [units, query], `key_weight` [units, memory], `value_weight` [units, memory], and the
/// context is `units` wide (multi-head attention without its last projection). dot and scaled_dot with one
/// head have none, and need a memory as wide as the query.
class Attention {
 public:
  /// Error(option) for sizes that do not fit the score.
  Attention(const Scope& in, int query, int memory, AttentionOptions options = {});

  /// Sequences to attend to, with all that can be computed of them beforehand.
  struct Memory {
    Var keys;          ///< [rows, K]
    Sequences values;  ///< [rows, features()]
  };
  Memory prepare(const Sequences& memory) const;
  /// query [N, query]; `sequence_of` names the memory of each, by its place in packed order. With several
  /// heads the weights are the mean of theirs.
  Attended operator()(const Var& query, const Memory& memory,
                      std::span<const std::int32_t> sequence_of) const;
  /// Columns of the context.
  int features() const noexcept { return features_; }

 private:
  Attended one(const Var& query, const Memory& memory, std::span<const std::int32_t> sequence_of) const;
  AttentionOptions options_;
  int features_;
  Var query_weight_, memory_weight_, value_weight_, bias_, direction_;
};

}  // namespace nn
}  // namespace rondo
