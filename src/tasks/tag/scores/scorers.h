/// Reference scores of sequence labelling as entries of the list of scorers.
#pragma once
#include <rondo/tasks/score.h>

namespace rondo::tag {

/// Phrases of files with columns, the last two of which are truth and answer.
Scorer conlleval_scorer();
/// Words of segmented lines.
Scorer sighan_scorer();

}  // namespace rondo::tag
