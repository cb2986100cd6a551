// A tagger from inside: how sure it is of each tag, and what its network does over the sentence.
#include "tasks/inspect/look.h"

#include <algorithm>
#include <cmath>

#include "base/message.h"
#include "tasks/inspect/looks.h"
#include "tasks/tag/application.h"
#include "tasks/tag/source.h"
#include "tasks/tag/text/prepare.h"

namespace rondo::tag {
namespace {

/// Rows of a heat map of tags: the likeliest ones.
constexpr std::size_t most_tags = 24;

std::vector<std::string> texts_of(const Strings& strings) {
  std::vector<std::string> texts;
  for (const std::string_view text : strings)
    texts.emplace_back(text);
  return texts;
}

TaggedSentence sentence_in(const TrainedTagger& model, std::string_view line, std::size_t most) {
  if (!model.tagger.tagging().reading.features.empty())
    fail(ErrorKind::usage,
         "inspect: this tagger also reads further columns (features), which a line of text does not have");
  const LinePreparer prepare(model.tagger.tagging(), {});
  TaggedSentence sentence = sentence_of(prepare(std::string(line)));
  if (sentence.tokens.empty()) fail(ErrorKind::data, "inspect: the text has no tokens");
  if (most > 0 && sentence.tokens.size() > most) {
    sentence.tokens = Strings(std::span<const std::string>(texts_of(sentence.tokens)).first(most));
    if (!sentence.borders.empty()) sentence.borders.resize(most);
  }
  sentence.tags = model.tagger.predict(std::span(&sentence, 1)).front();
  return sentence;
}

inspect::Heat marginals_of(const TrainedTagger& model, const TaggedSentence& sentence) {
  const Tensor all = model.tagger.marginals(sentence);
  const auto tags = static_cast<std::size_t>(all.columns());
  std::vector<std::pair<double, std::size_t>> highest;
  for (std::size_t k = 0; k < tags; ++k) {
    double most = 0;
    for (std::int64_t t = 0; t < all.rows(); ++t)
      most = std::max(most, all.at(t * all.columns() + static_cast<std::int64_t>(k)));
    highest.emplace_back(-most, k);
  }
  std::sort(highest.begin(), highest.end());
  highest.resize(std::min(tags, most_tags));
  inspect::Heat heat{.key = "marginals",
                     .title = {"Probability of each tag", "各标记的概率"},
                     .columns = texts_of(sentence.tokens)};
  for (const auto& [minus, k] : highest) {
    heat.rows.push_back(model.tagger.tags()[k]);
    std::vector<float>& row = heat.values.emplace_back();
    for (std::int64_t t = 0; t < all.rows(); ++t)
      row.push_back(static_cast<float>(all.at(t * all.columns() + static_cast<std::int64_t>(k))));
  }
  return heat;
}

report::Table tags_table(const TaggedSentence& sentence) {
  report::Table table{
      .key = "tags",
      .title = {"Tags", "标记"},
      .columns = {{"token", {"token", "词元"}, Form::text}, {"tag", {"tag", "标记"}, Form::text}}};
  for (std::size_t i = 0; i < sentence.tokens.size(); ++i)
    table.rows.push_back({std::string(sentence.tokens[i]), std::string(sentence.tags[i])});
  return table;
}

/// What the chain adds to the score of one tag after another.
std::vector<inspect::Block> transition_map(const TrainedTagger& model) {
  const std::vector<std::string>& tags = model.tagger.tags();
  if (model.model().weights().find("crf.transitions") == nullptr || tags.size() > 2 * most_tags) return {};
  const Tensor scores = model.model().weights().get("crf.transitions");
  inspect::Heat heat{.key = "transition_scores",
                     .title = {"Scores of transitions: the tag above after the tag on the left",
                               "转移得分：上方标记接在左侧标记之后"},
                     .rows = tags,
                     .columns = tags,
                     .most = 0.1};
  for (std::int64_t i = 0; i < scores.rows(); ++i) {
    std::vector<float>& row = heat.values.emplace_back();
    for (std::int64_t k = 0; k < scores.columns(); ++k) {
      row.push_back(static_cast<float>(scores.at(i * scores.columns() + k)));
      heat.most = std::max(heat.most, static_cast<double>(std::abs(row.back())));
    }
  }
  return {std::move(heat)};
}

}  // namespace

std::vector<inspect::Section> look(const TrainedTagger& model, std::string_view line, std::size_t most) {
  const TaggedSentence sentence = sentence_in(model, line, most);
  const TaggedSentence* const one = &sentence;
  const std::size_t first = 0;
  const EncodedSentences encoded = model.model().input().encode(std::span(&one, 1));
  const TagBatch batch = model.model().input().pack(encoded, std::span(&first, 1));
  const inspect::Subject subject{.tokens = texts_of(sentence.tokens),
                                 .value = {"mean ln P of the tags it chose", "所选标记的平均 ln P"},
                                 .score = [&] { return -model.model()->loss(batch).loss; },
                                 .input = "read.l0"};
  inspect::Section answer{{"Answer", "答案"}, {marginals_of(model, sentence), tags_table(sentence)}};
  for (inspect::Block& block : transition_map(model))
    answer.blocks.push_back(std::move(block));
  std::vector<inspect::Section> sections = {std::move(answer)};
  for (inspect::Section& section : inspect::look_into(subject, model.model().weights()))
    sections.push_back(std::move(section));
  return sections;
}

std::string example_line(const Dataset& examples, std::size_t number) {
  const std::vector<const TaggedSentence*> all = sentences_of(examples);
  const TaggedSentence& sentence = *all.at(number);
  return line_of(sentence.tokens, {}, tagging_of(examples).reading.unit).text;
}

}  // namespace rondo::tag
