/// Texts as the numbers of their n-grams.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "wide/ngram_table.h"
#include "wide/token_texts.h"

namespace rondo::wide {

/// For each text the numbers of its n-grams, ascending, each once.
struct Features {
  std::vector<std::int32_t> numbers;
  std::vector<std::size_t> ends;

  std::size_t size() const noexcept { return ends.size(); }
  std::span<const std::int32_t> operator[](std::size_t text) const {
    const std::size_t begin = text == 0 ? 0 : ends[text - 1];
    return {numbers.data() + begin, ends[text] - begin};
  }
};

Features features_of(const NgramTable& table, const TokenTexts& texts);

}  // namespace rondo::wide
