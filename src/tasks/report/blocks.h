/// Blocks of a report as HTML.
#pragma once
#include <string>

#include <rondo/tasks/evaluation.h>

namespace rondo::report {

/// A heading and its blocks. Pictures are side by side if there is room.
std::string to_html(const Section& section, bool chinese);

}  // namespace rondo::report
