// Any bytes go through the filters, in any pieces, or are refused with a reason. A segmenter adds blanks
// only, and says the same whatever the pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <rondo/error.h>

#include "tasks/tag/scheme.h"
#include "tasks/tag/text/filter.h"

namespace {

using namespace rondo::tag;

/// Words of two tokens.
std::vector<rondo::Strings> pairs(std::span<const rondo::TaggedSentence> sentences) {
  std::vector<rondo::Strings> all;
  for (const rondo::TaggedSentence& sentence : sentences) {
    std::vector<Phrase> words;
    for (std::size_t i = 0; i < sentence.tokens.size(); i += 2)
      words.push_back({i, std::min(i + 2, sentence.tokens.size()), ""});
    all.push_back(tags_of(words, sentence.tokens.size(), rondo::TagScheme::bmes));
  }
  return all;
}

template <class Run>
std::string output_of(std::string_view in, std::size_t piece, Run&& run) {
  std::string out;
  std::size_t at = 0;
  const rondo::VerbCall call{.read =
                                 [&](char* to, std::size_t most) {
                                   const std::size_t count = std::min({most, piece, in.size() - at});
                                   in.copy(to, count, at);
                                   at += count;
                                   return count;
                                 },
                             .write = [&](std::string_view bytes) { out += bytes; },
                             .notice = [](const std::string&) {}};
  try {
    run(call);
  } catch (const rondo::Error&) {
    return "refused";
  }
  return out;
}

std::string without_blanks(std::string_view text) {
  std::string rest;
  for (const char c : text)
    if (c != ' ' && c != '\r' && c != '\n') rest += c;
  return rest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const rondo::Tagging words{.reading = {.format = rondo::TagFormat::segmented,
                                         .columns = {1, -1},
                                         .unit = rondo::TokenUnit::characters},
                             .scheme = rondo::TagScheme::bmes,
                             .words = true};
  const auto cut = [&](const rondo::VerbCall& call) { segment(words, {}, pairs, call); };
  const std::string whole = output_of(bytes, bytes.size() + 1, cut);
  if (whole != "refused") {
    std::string_view text = bytes;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (without_blanks(whole) != without_blanks(text)) std::abort();
  }
  if (output_of(bytes, 1 + size % 7, cut) != whole) std::abort();

  const rondo::Tagging tags{
      .reading = {.format = rondo::TagFormat::conll, .columns = {1, -1}, .unit = rondo::TokenUnit::words},
      .types = true};
  for (const TagInput input : {TagInput::automatic, TagInput::text, TagInput::conll, TagInput::conllu,
                               TagInput::segmented, TagInput::slash})
    for (const auto format : {rondo::TagFormat::automatic, rondo::TagFormat::conll, rondo::TagFormat::conllu,
                              rondo::TagFormat::slash, rondo::TagFormat::jsonl})
      output_of(bytes, 1 + size % 50, [&](const rondo::VerbCall& call) {
        tag_stream(tags, {.input = input, .format = format}, pairs, call);
      });
  return 0;
}
