/// What a model remembers of how its training data were read (Parts::reading, ApplicationRecord::reading): a
/// JSON object, so that later files are read alike.
#pragma once
#include <string>
#include <string_view>

#include "base/json.h"

namespace rondo {

/// What messages call it.
inline constexpr const char* reading_record_name = "how the training data were read";

/// An empty record is an empty object. Error(format) for text that is no object.
Json parse_reading(std::string_view record);
/// A member that is a text. Error(format) if it is missing or another thing.
std::string text_in(const Json& reading, const char* key);

}  // namespace rondo
