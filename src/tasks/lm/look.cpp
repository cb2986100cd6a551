// A language model from inside: how surprised it is by each token, and what its network does meanwhile.
#include "tasks/inspect/look.h"

#include <cmath>

#include "base/message.h"
#include "tasks/inspect/looks.h"
#include "tasks/lm/application.h"
#include "tasks/lm/text.h"

namespace rondo::lm {
namespace {

struct Read {
  std::vector<std::int32_t> before, after;
  std::vector<std::string> texts;  ///< of `after`
  std::vector<float> bits;
};

Read read_of(const Writer& writer, std::string_view line, std::size_t most) {
  const LanguageModel::Scored scored = writer.language.score_tokens(line);
  if (scored.tokens.empty()) fail(ErrorKind::data, "inspect: the text has no tokens");
  const std::size_t count = most > 0 ? std::min(most, scored.tokens.size()) : scored.tokens.size();
  Read read;
  for (std::size_t i = 0; i < count; ++i) {
    read.before.push_back(i == 0 ? TextUnits::border : scored.tokens[i - 1]);
    read.after.push_back(scored.tokens[i]);
    read.texts.push_back(scored.texts[i].empty() || scored.texts[i] == "\n" ? "¶" : scored.texts[i]);
    read.bits.push_back(static_cast<float>(-scored.log_probabilities[i] / std::log(2.0)));
  }
  return read;
}

ChunkBatch batch_of(const Read& read) {
  const auto steps = static_cast<std::int64_t>(read.before.size());
  const std::shared_ptr<const Layout> layout = Layout::uniform(1, steps);
  return {.layout = layout,
          .before = Ids(Tensor::of({steps}, read.before), layout),
          .after = Tensor::of({steps}, read.after),
          .from = {-1}};
}

}  // namespace

std::vector<inspect::Section> look(const Writer& writer, std::string_view line, std::size_t most) {
  const Read read = read_of(writer, line, most);
  const ChunkBatch batch = batch_of(read);
  std::vector<std::string> tokens = {"¶"};
  tokens.insert(tokens.end(), read.texts.begin(), read.texts.end() - 1);
  const inspect::Subject subject{
      .tokens = std::move(tokens), .value = {"mean ln P of the tokens", "词元的平均 ln P"}, .score = [&] {
        State carried;
        return -writer.model()->loss(batch, carried).loss;
      }};
  inspect::Section answer{{"Surprise", "意外程度"}, {}};
  answer.blocks.emplace_back(
      inspect::Marked{.key = "bits",
                      .title = {"Bits of each token, given those before it", "给定前文时各词元的比特数"},
                      .note = {"The darker, the less expected.", "颜色越深，越出乎意料。"},
                      .tokens = read.texts,
                      .values = read.bits});
  std::vector<inspect::Section> sections = {std::move(answer)};
  for (inspect::Section& section : inspect::look_into(subject, writer.model().weights()))
    sections.push_back(std::move(section));
  return sections;
}

std::string example_line(const Dataset& examples, std::size_t number) {
  return std::string(documents_in(examples).at(number));
}

}  // namespace rondo::lm
