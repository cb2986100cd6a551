// Any lines are a dictionary; its words are found in any text, at borders of tokens, and none within another.
#include "tasks/tag/lexicon/lexicon.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (rondo::find_utf8_fault(bytes)) return 0;
  using namespace rondo::tag;
  rondo::Strings words;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    words.push_back(lexicon_entry(rest.substr(0, end)).word);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const Lexicon lexicon(words);
  for (const std::string_view word : words)
    if (!word.empty() && !lexicon.contains(word)) std::abort();
  for (const bool inside_runs : {false, true}) {
    std::size_t at = 0;
    for (const TextSpan& span : kept_words(bytes, lexicon, inside_runs)) {
      if (span.begin < at || span.end <= span.begin) std::abort();
      if (!lexicon.contains(bytes.substr(span.begin, span.end - span.begin))) std::abort();
      at = span.end;
    }
  }
  rondo::Strings tokens;
  for (const auto unit : {rondo::TokenUnit::words, rondo::TokenUnit::characters}) {
    tokens.clear();
    for (const TextSpan& span : cut_text(bytes, unit, {}))
      tokens.push_back(bytes.substr(span.begin, span.end - span.begin));
    if (lexicon.along(tokens, unit).size() != tokens.size()) std::abort();
  }
  return 0;
}
