// What a report shows of a language model: what surprised it in text that it had not read, and text of its
// own.
#include <algorithm>
#include <numeric>

#include "base/utf8.h"
#include "tasks/lm/application.h"
#include "tasks/lm/surprise.h"
#include "tasks/lm/text.h"

namespace rondo::lm {
namespace {

/// Characters of the passage that is shown, and tokens on either side of a place that is named.
constexpr std::size_t passage_length = 1200, context = 12;
constexpr std::size_t places_shown = 10;

/// Whole characters from the beginning, at most so many.
std::string beginning(std::string_view text, std::size_t most) {
  std::string out;
  for (const char32_t point : CodePoints(text)) {
    if (most-- == 0) break;
    append_utf8(out, point);
  }
  return out;
}

/// The tokens around one of them, which stands in brackets.
std::string around(const std::vector<std::string>& tokens, std::size_t place, bool blanks) {
  std::string out;
  const std::size_t first = place - std::min(place, context),
                    last = std::min(tokens.size(), place + context + 1);
  for (std::size_t i = first; i < last; ++i) {
    if (blanks && i > first) out += ' ';
    out += i == place ? "[" + tokens[i] + "]" : tokens[i];
  }
  return out;
}

report::Table places(const std::vector<std::string>& tokens, const std::vector<float>& bits, bool blanks) {
  std::vector<std::size_t> order(tokens.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return bits[a] > bits[b]; });
  report::Table table{.key = "surprises",
                      .title = {"Least and most expected places", "最出乎意料与最在意料之中之处"},
                      .columns = {{"bits", {"Bits", "比特"}, Form::number}, {"text", {"Place", "位置"}}}};
  const std::size_t half = std::min(places_shown, order.size() / 2);
  for (std::size_t i = 0; i < order.size(); ++i)
    if (i < half || i + half >= order.size())
      table.rows.push_back({static_cast<double>(bits[order[i]]), around(tokens, order[i], blanks)});
  return table;
}

}  // namespace

std::vector<report::Section> LanguageModelling::sections(const Writer& writer, const Parts& parts,
                                                         const Evaluation&) {
  std::vector<report::Section> sections;
  const TextUnit unit = writer.language.units().options().tokenizer;
  const bool blanks = unit == TextUnit::words || unit == TextUnit::blanks;
  for (const Dataset* const part : {&parts.test, &parts.valid}) {
    if (part->empty()) continue;
    report::Marked passage =
        surprise(writer.language.score_tokens(beginning(documents_in(*part).front(), passage_length)),
                 {"A passage that was not learned from: bits of each token, given those before it",
                  "未参与训练的一段文字：给定前文时各词元的比特数"});
    if (passage.tokens.empty()) continue;
    report::Table table = places(passage.tokens, passage.values, blanks);
    sections.push_back({{"Surprise", "意外程度"}, {std::move(passage), std::move(table)}});
    break;
  }
  report::Table written{.key = "samples",
                        .title = {"Text that the model writes", "模型写出的文字"},
                        .columns = {{"text", {"Text", "文字"}}}};
  for (const Generated& one : writer.language.generate({}, {.length = 200, .samples = 3}))
    written.rows.push_back({one.text});
  sections.push_back({{"Samples", "样例"}, {std::move(written)}});
  return sections;
}

}  // namespace rondo::lm
