#include "tasks/tag/source.h"

#include <memory>
#include <string>
#include <utility>

#include <rondo/tasks/tag.h>

#include "base/message.h"
#include "base/random.h"

namespace rondo::tag {
namespace {

void add(const Strings& texts, ContentHash& hash) {
  hash.number(texts.size());
  for (const std::string_view text : texts)
    hash.text(text);
}

void check(const TaggedSentence& sentence, std::size_t number) {
  const std::size_t tokens = sentence.tokens.size();
  const std::string name = "sentence " + std::to_string(number + 1);
  if (tokens == 0) fail(ErrorKind::data, name + " has no tokens");
  const auto compare = [&](std::size_t count, const char* what) {
    if (count != tokens)
      fail(ErrorKind::data,
           name + " has " + std::to_string(tokens) + " tokens, but " + std::to_string(count) + " " + what);
  };
  compare(sentence.tags.size(), "tags");
  for (const Strings& column : sentence.features)
    compare(column.size(), "entries of a further column");
}

}  // namespace

SentenceSource::SentenceSource(TaggedText text)
    : sentences_(std::move(text.sentences)), tagging_(std::move(text.tagging)) {
  for (std::size_t i = 0; i < sentences_.size(); ++i)
    check(sentences_[i], i);
}

std::uint64_t SentenceSource::content(std::size_t place) const {
  const TaggedSentence& sentence = sentences_[place];
  ContentHash hash;
  add(sentence.tokens, hash);
  add(sentence.tags, hash);
  for (const Strings& column : sentence.features)
    add(column, hash);
  return hash.digest();
}

std::uint64_t SentenceSource::key(std::size_t place) const {
  ContentHash hash;
  add(sentences_[place].tokens, hash);
  return hash.digest();
}

std::vector<const TaggedSentence*> sentences_of(const Dataset& text) {
  std::vector<const TaggedSentence*> sentences;
  if (text.empty()) return sentences;
  const auto& source = text.source_as<SentenceSource>();
  sentences.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    sentences.push_back(&source.sentence(text.place(i)));
  return sentences;
}

Dataset dataset_of(TaggedText text) {
  return Dataset(std::make_shared<const SentenceSource>(std::move(text)));
}

const Tagging& tagging_of(const Dataset& text) {
  return text.source_as<SentenceSource>().tagging();
}

const TaggedSentence& sentence(const Dataset& text, std::size_t number) {
  return text.source_as<SentenceSource>().sentence(text.place(number));
}

}  // namespace rondo::tag
