#include <algorithm>
#include <limits>

#include <rondo/data/source.h>

#include "base/message.h"
#include "base/random.h"
#include "data/dataset.h"

namespace rondo::data {

std::uint64_t content_hash(std::string_view bytes) {
  return ContentHash().bytes(bytes).digest();
}

Source::~Source() = default;

std::uint64_t Source::fingerprint(std::span<const std::size_t> places) const {
  ContentHash hash;
  hash.number(places.size());
  for (const std::size_t place : places) {
    hash.number(content(place));
    if (strata() > 0) hash.number(stratum(place));
  }
  return hash.digest();
}

namespace detail {

void ListedSource::add(std::string_view content, std::string_view key, std::int64_t length,
                       std::optional<std::int64_t> stratum) {
  constexpr std::int64_t longest = std::numeric_limits<std::int32_t>::max(), most = 1 << 20;
  if (length < 1 || length > longest)
    fail(ErrorKind::data, example_name(size()) + ": its length is " + std::to_string(length) +
                              ", wanted 1 or more steps (below 2^31)");
  if (stratum && (*stratum < 0 || *stratum >= most))
    fail(ErrorKind::data, example_name(size()) + ": its stratum is " + std::to_string(*stratum) +
                              ", wanted 0 to " + std::to_string(most - 1));
  contents_.push_back(content_hash(content));
  keys_.push_back(content_hash(key));
  lengths_.push_back(static_cast<std::int32_t>(length));
  if (!stratum) return;
  of_.push_back(static_cast<std::int32_t>(*stratum));
  strata_ = std::max(strata_, static_cast<std::size_t>(*stratum) + 1);
}

}  // namespace detail
}  // namespace rondo::data
