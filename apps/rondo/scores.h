/// Prints the scores and blocks of an evaluation on a terminal.
#pragma once
#include <string>
#include <vector>

#include <rondo/tasks/evaluation.h>

namespace rondo::program {

/// "87.31 %", "0.3127", "1 204"
std::string shown(const Score& score);
/// "accuracy 87.31 %  macro-F1 86.90 %  (120 texts)"; "loss" among them if asked for.
std::string headline(const Evaluation& evaluation, bool with_loss = false);
/// Tables and matrices, a title over each.
std::string blocks_text(const std::vector<report::Block>& blocks);
/// Those tables of an evaluation that are shown at the end of a training.
std::string headline_tables(const Evaluation& evaluation);

}  // namespace rondo::program
