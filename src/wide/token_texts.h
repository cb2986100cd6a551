/// Texts as token numbers, one after the other in one block: what n-grams are counted in.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <rondo/data/dataset.h>
#include <rondo/text.h>

namespace rondo::wide {

class TokenTexts {
 public:
  std::size_t size() const noexcept { return ends_.size(); }
  /// Of all texts together.
  std::size_t tokens() const noexcept { return tokens_.size(); }
  std::size_t begin_of(std::size_t text) const { return text == 0 ? 0 : ends_[text - 1]; }
  std::span<const std::int32_t> operator[](std::size_t text) const {
    const std::size_t begin = begin_of(text);
    return {tokens_.data() + begin, ends_[text] - begin};
  }
  void add(std::span<const std::int32_t> tokens) {
    tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
    ends_.push_back(tokens_.size());
  }

 private:
  std::vector<std::int32_t> tokens_;
  std::vector<std::size_t> ends_;
};

/// The texts of a dataset, whole or pre-split, each with all its tokens: `encoder` cuts none off.
TokenTexts token_texts(const Dataset& texts, const TextEncoder& encoder);

}  // namespace rondo::wide
