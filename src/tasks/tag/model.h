/// What a Tagger holds.
#pragma once
#include <span>
#include <vector>

#include <rondo/network.h>
#include <rondo/tasks/tag.h>

#include "tasks/tag/network.h"
#include "tasks/tag/text/filter.h"

namespace rondo {

struct Tagger::Impl {
  Model<tag::TagNet> network;
  History history = {};
};

namespace tag {

/// Numbers of tags as their names.
Strings named(std::span<const std::int32_t> numbers, const std::vector<std::string>& tags);
/// The tagger as a filter asks for it; it must outlive the result.
TagSentences tags_by(const Tagger& tagger);

}  // namespace tag
}  // namespace rondo
