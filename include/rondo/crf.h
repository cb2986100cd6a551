/// Linear-chain conditional random fields (Lafferty, McCallum & Pereira 2001): operations over a batch of
/// sequences, each tagged as a whole.
///
/// A sequence of tags y scores
///
///     s(y) = start[y_1] + Σ_t scores[t, y_t] + Σ_t transitions[y_t, y_t+1] + end[y_T]
///
/// and has the probability exp(s(y)) / Z, where Z sums exp(s) over all sequences that the rules allow. All
/// sums are made in f64, sequence by sequence: the same bits alone and in any batch, on any number of
/// threads.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <rondo/autograd.h>
#include <rondo/layers.h>

namespace [[gnu::visibility("default")]] rondo {

/// The weights of a chain, named and laid out as in pytorch-crf. A member may be undefined: zeros.
struct CRFWeights {
  Var transitions;  ///< [tags, tags]: a row's tag, and a column's after it
  Var start, end;   ///< [tags]
};

/// Which sequences of tags there are: 1 for what may be, 0 for what may not. An empty member forbids nothing.
struct TagRules {
  std::vector<std::uint8_t> transitions;  ///< [tags · tags]: a row's tag, and a column's after it
  std::vector<std::uint8_t> start, end;   ///< [tags]

  bool operator==(const TagRules&) const = default;
};

/// What a scheme says of these tags. Rules under which a sequence of some length could have no tags at all
/// (single characters where no tag is S) are left out, that of the end first. Error(data) for a tag that is
/// none of the scheme.
TagRules tag_rules(TagScheme scheme, std::span<const std::string> tags);

/// Negative log-likelihood of `tags` (i32 [rows]) under scores [rows, tags]: Σ weight · -log p(y), over the
/// sequences, by Σ weight · length, so that it compares with a cross entropy of each step. `weights`: one a
/// sequence, in packed order, of the scores' type; empty: 1 each. With weights that sum to 0 the loss is 0.
/// Gradients reach scores and weights of the chain. Error(data) where the rules forbid the tags given, or
/// leave a sequence without any.
Var crf_loss(const Sequences& scores, const Tensor& tags, const CRFWeights& chain, const TagRules& rules = {},
             const Tensor& weights = {});

/// The probability of each tag at each step, [rows, tags], of the scores' type; a constant. Error(data) where
/// the rules leave a sequence without any tags.
Tensor crf_marginals(const Sequences& scores, const CRFWeights& chain, const TagRules& rules = {});

/// The likeliest tags of each sequence, i32 [rows] (Viterbi 1967). Of equal ones those whose last tag has the
/// lower number, then the one before, and so on. Scores that are not finite count as very low or very high.
/// Error(data) where the rules leave a sequence without any tags.
Tensor crf_tags(const Sequences& scores, const CRFWeights& chain, const TagRules& rules = {});

/// One way to tag a sequence.
struct TagPath {
  std::vector<std::int32_t> tags;
  double score = 0;            ///< s(y)
  double log_probability = 0;  ///< s(y) - log Z
};

/// The `count` likeliest ways to tag each sequence, likeliest first, in the order in which the sequences were
/// given to pack(); fewer where there are not as many. The first is that of crf_tags. Error(option) for a
/// count below 1.
std::vector<std::vector<TagPath>> crf_best(const Sequences& scores, const CRFWeights& chain,
                                           const TagRules& rules, int count);

}  // namespace rondo
