#include <limits>

#include <rondo/tasks/tagged_text.h>

#include "base/message.h"

namespace rondo {

void Strings::push_back(std::string_view item) {
  if (text_.size() + item.size() > std::numeric_limits<std::uint32_t>::max())
    fail(ErrorKind::data, "a sentence takes more than 4 GiB; are there line ends in it?");
  text_ += item;
  ends_.push_back(static_cast<std::uint32_t>(text_.size()));
}

}  // namespace rondo
