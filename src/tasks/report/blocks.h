/// Blocks of a report as HTML.
#pragma once
#include <string>
#include <vector>

#include <rondo/tasks/evaluation.h>

namespace rondo::report {

/// A heading and its blocks. Pictures are side by side if there is room.
std::string to_html(const Section& section, bool chinese);
/// The same without a heading.
std::string blocks_to_html(const std::vector<Block>& blocks, bool chinese);

}  // namespace rondo::report
