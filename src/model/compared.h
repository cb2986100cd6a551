/// What of a model's header tells whether two fits train the same.
#pragma once
#include <string>
#include <string_view>

namespace rondo {

/// A header as one line of JSON without what makes no difference to a fit: the library's version and the
/// file's format, which an upgrade changes, and the files that initial values came from, which may have
/// moved.
std::string compared_header(std::string_view header);

}  // namespace rondo
