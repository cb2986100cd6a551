// A translator from inside: what each word of the translation looked at, and what the network does meanwhile.
#include "tasks/inspect/look.h"

#include "base/message.h"
#include "tasks/inspect/looks.h"
#include "tasks/translate/application.h"
#include "tasks/translate/evaluation.h"
#include "tasks/translate/model.h"
#include "tasks/translate/pairs.h"

namespace rondo::translate {
namespace {

inspect::Section answer_of(const std::string& translation, const ScoredTranslation& scored) {
  inspect::Section section{{"Answer", "答案"}, {report::Note{{translation, translation}}}};
  if (!scored.attention.empty()) section.blocks.emplace_back(attention_map(scored));
  inspect::Marked words{.key = "word_scores",
                        .title = {"ln P of each word of the translation", "译文各词的 ln P"},
                        .tokens = scored.target_words,
                        .values = {scored.word_scores.begin(), scored.word_scores.end()}};
  words.tokens.emplace_back("</s>");
  section.blocks.emplace_back(std::move(words));
  return section;
}

/// The text of each token, as far as its word goes.
std::vector<std::string> texts_of(const Encoded& source, std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < source.tokens.size(); ++i) {
    const bool begins = i == 0 || source.word_of[i] != source.word_of[i - 1];
    texts.push_back(begins ? source.words[static_cast<std::size_t>(source.word_of[i])] : "·");
  }
  if (texts.size() < count) texts.emplace_back("</s>");
  return texts;
}

}  // namespace

std::vector<inspect::Section> look(const TrainedTranslator& model, std::string_view line, std::size_t) {
  const TranslationInput& input = model.model().input();
  // Of several languages, the first is as good as any to look at.
  const std::string to = input.languages.empty() ? "" : input.languages.front();
  const SentencePair pair{
      .source = std::string(line), .target = model.translator.translate(line, {.to = to}), .to = to};
  const Encoded source = input.source.encode(pair.source), target = input.target.encode(pair.target);
  if (source.tokens.empty()) fail(ErrorKind::data, "inspect: the text has no words");
  if (target.tokens.empty()) fail(ErrorKind::data, "inspect: the translation is empty; nothing can be seen");
  const NumberedPair numbers = input.numbers(source, target, to);
  const NumberedPair* const one = &numbers;
  const PairBatch batch = pack_pairs(std::span(&one, 1), input.target.begin(), input.target.end());
  const inspect::Subject subject{.tokens = texts_of(source, numbers.source.size()),
                                 .value = {"mean ln P of the translation's tokens", "译文词元的平均 ln P"},
                                 .score = [&] { return -model.model()->loss(batch).loss; },
                                 .input = "encoder.l0"};
  std::vector<inspect::Section> sections = {
      answer_of(pair.target, model.translator.score(std::span(&pair, 1)).front())};
  for (inspect::Section& section : inspect::look_into(subject, model.model().weights()))
    sections.push_back(std::move(section));
  return sections;
}

std::string example_line(const Dataset& examples, std::size_t number) {
  return pairs_in(examples).at(number)->source;
}

}  // namespace rondo::translate
