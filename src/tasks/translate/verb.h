/// `rondo translate`.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <tuple>

#include <rondo/tasks/task.h>
#include <rondo/tasks/translate.h>

namespace rondo::translate {

/// hard: "0-0 1-2", source and target words counted from 0, the most looked-at source word for each target
/// word. soft: for each target word, the weights of all source words, between commas.
enum class Alignment { none, hard, soft };
constexpr std::array<std::string_view, 3> names_of(Alignment) {
  return {"none", "hard", "soft"};
}

struct TranslateCommand {
  TranslateOptions search = {};
  Alignment alignment = Alignment::none;
  bool word_scores = false;
  bool score = false;

  static constexpr auto fields() {
    using O = TranslateCommand;
    return std::tuple{
        field("alignment", &O::alignment,
              "behind ' ||| ', which words were looked at: hard: 0-0 1-2, soft: weights"),
        field("word_scores", &O::word_scores,
              "behind ' ||| WordScores= ', ln P of each target word and of the end"),
        field(
            "score", &O::score,
            "lines are source, tab, translation: print ln P of each translation in place of one of its own"),
        group(&O::search, "Search")};
  }
};
static_assert(all_fields_listed<TranslateCommand>);

/// Error(option) for options that contradict each other.
void check(const TranslateOptions& search);
/// One line in, one line out (n_best lines with --n-best), in order, as soon as they have arrived.
void translate_stream(const Translator& translator, const TranslateCommand& command, const VerbCall& call);

}  // namespace rondo::translate
