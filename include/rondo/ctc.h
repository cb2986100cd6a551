/// Connectionist temporal classification (Graves et al. 2006): labels for a sequence of frames without saying
/// which frame belongs to which label.
///
/// A path gives one symbol a frame, a label or the blank. Equal neighbours of a path are one, and blanks drop
/// out: what is left is its labelling. The probability of a labelling is the sum over all of its paths,
///
///     P(y) = Σ_paths Π_t softmax(logits[t])[path_t]
///
/// All sums are made in f64 in log space, sequence by sequence: the same bits alone and in any batch, on any
/// number of threads.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <rondo/autograd.h>

namespace [[gnu::visibility("default")]] rondo {

struct CTCOptions {
  std::int32_t blank = 0;  ///< the symbol that is no label
  Tensor weights = {};     ///< [sequences], in packed order, of the logits' type; empty: 1 each
};

struct CTCLoss {
  /// Σ weight · -ln P(target) by Σ weight, over the sequences that have a path; 0 if none has.
  Var loss;
  /// -ln P(target) of each sequence, in packed order; infinite where no path leads to the target.
  std::vector<double> losses;
  double weight = 0;  ///< Σ weight over the sequences that have a path
};

/// The fewest frames that can hold these labels: one each, and one more between equal neighbours. 0 for none.
std::int64_t ctc_frames(std::span<const std::int32_t> labels);

/// The loss of `targets` (labels of each sequence, in packed order; may be empty) under logits
/// [rows, symbols], which need not be normalised. A sequence shorter than ctc_frames(target), and one whose
/// every path has the probability 0, has an infinite loss, no gradient, and no part in the mean. Error(shape)
/// for a label that is the blank or none of the symbols, or another number of targets.
CTCLoss ctc_loss(const Sequences& logits, std::span<const std::vector<std::int32_t>> targets,
                 const CTCOptions& options = {});

}  // namespace rondo
