// Any bytes are tagged text in each form and of each unit, or are refused with a reason; what is read has a
// tag for each token.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <rondo/error.h>
#include <rondo/tasks/tagged_text.h>

namespace {

void read(std::string_view bytes, const rondo::TagReading& reading) {
  try {
    const rondo::TaggedText text = rondo::parse_tagged(bytes, "fuzz", reading);
    for (const rondo::TaggedSentence& sentence : text.sentences)
      if (sentence.tokens.empty() || sentence.tags.size() != sentence.tokens.size()) std::abort();
    const rondo::TaggedText again = rondo::parse_tagged(bytes, "fuzz", {}, &text.tagging);
    if (again.sentences.size() != text.sentences.size()) std::abort();
  } catch (const rondo::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  using rondo::TagFormat;
  using rondo::TokenUnit;
  for (const auto format : {TagFormat::automatic, TagFormat::conll, TagFormat::conllu, TagFormat::segmented,
                            TagFormat::slash, TagFormat::jsonl, TagFormat::csv})
    for (const auto unit : {TokenUnit::automatic, TokenUnit::words, TokenUnit::characters, TokenUnit::mixed})
      read(bytes, {.format = format, .comments = unit == TokenUnit::words, .unit = unit});
  read(bytes, {.columns = {2, -2}, .features = {1}});
  return 0;
}
