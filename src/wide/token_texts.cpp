#include "wide/token_texts.h"

#include <algorithm>

#include "runtime/parallel.h"

namespace rondo::wide {
namespace {

/// Encoded by all threads at once, then put in their place: so many that a thread finds work, few enough that
/// they take little memory beside the block.
constexpr std::size_t at_once = 4'096;

std::vector<std::int32_t> tokens_of(const Dataset& texts, std::size_t text, const TextEncoder& encoder) {
  return texts.is_pre_split() ? encoder.encode(std::span<const std::string>(texts.words(text))).tokens
                              : encoder.encode(texts.text(text)).tokens;
}

}  // namespace

TokenTexts token_texts(const Dataset& texts, const TextEncoder& encoder) {
  TokenTexts all;
  std::vector<std::vector<std::int32_t>> part(std::min(at_once, texts.size()));
  for (std::size_t first = 0; first < texts.size(); first += at_once) {
    const std::size_t count = std::min(at_once, texts.size() - first);
    parallel_for(static_cast<std::int64_t>(count), 64, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const auto at = static_cast<std::size_t>(i);
        part[at] = tokens_of(texts, first + at, encoder);
      }
    });
    for (std::size_t i = 0; i < count; ++i)
      all.add(part[i]);
  }
  return all;
}

}  // namespace rondo::wide
