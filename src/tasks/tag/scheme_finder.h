/// Which scheme tags follow, found by looking at them.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tasks/tagged_text.h>

#include "tasks/tag/scheme.h"

namespace rondo::tag {

/// The scheme that was chosen; not for `automatic`.
TagScheme scheme_of(SchemeChoice choice) noexcept;

class SchemeFinder {
 public:
  /// The tags of one sentence; place_of says where a token's tag stands: "FILE line 7".
  void add(const Strings& tags, const std::function<std::string(std::size_t)>& place_of);

  /// The scheme chosen, or the one that fits the tags best. What breaks it is counted in `notices`.
  /// Error(data) naming the place of a tag that is half of one ("B-", "-PER") where there is a scheme, and of
  /// one that has no place in it.
  TagScheme settle(SchemeChoice choice, std::vector<std::string>& notices) const;
  /// The one that fits the tags best, whatever breaks it.
  TagScheme found() const noexcept;
  /// Whether no token is outside of all phrases.
  bool covers_all() const noexcept { return tags_ > 0 && counts_.outside == 0; }
  /// Whether any phrase has a type.
  bool has_types() const noexcept { return counts_.typed > 0; }

 private:
  /// Counts what is odd and remembers the first.
  struct Tally {
    std::int64_t count = 0;
    std::string first = {};
    void add(const std::function<std::string()>& what) {
      if (count++ == 0) first = what();
    }
  };
  /// Tags by their letters.
  struct Counts {
    std::int64_t outside = 0, begin = 0, inside = 0, middle = 0, end = 0, single = 0, bare = 0, typed = 0;
  };
  void count(std::string_view tag, const TagParts& parts);

  std::int64_t tags_ = 0;
  Counts counts_;
  Tally half_, strange_;
  std::array<Tally, 5> breaks_;  ///< of each scheme
};

}  // namespace rondo::tag
