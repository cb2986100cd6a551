/// Tagged sentences as a Dataset's source.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include <rondo/data.h>
#include <rondo/tasks/tagged_text.h>

namespace rondo::tag {

class SentenceSource final : public data::Source {
 public:
  explicit SentenceSource(TaggedText text);

  const TaggedSentence& sentence(std::size_t place) const { return sentences_[place]; }
  const Tagging& tagging() const noexcept { return tagging_; }

  std::size_t size() const override { return sentences_.size(); }
  std::int32_t length(std::size_t place) const override {
    return static_cast<std::int32_t>(sentences_[place].tokens.size());
  }
  std::uint64_t content(std::size_t place) const override;
  /// The tokens alone: a sentence is in one part, however it is tagged.
  std::uint64_t key(std::size_t place) const override;

 private:
  std::vector<TaggedSentence> sentences_;
  Tagging tagging_;
};

/// The sentences of a dataset, in its order.
std::vector<const TaggedSentence*> sentences_of(const Dataset& text);

}  // namespace rondo::tag
