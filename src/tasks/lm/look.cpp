// A language model from inside: how surprised it is by each token, and what its network does meanwhile.
#include "tasks/inspect/look.h"

#include <utility>

#include "base/message.h"
#include "tasks/inspect/looks.h"
#include "tasks/lm/application.h"
#include "tasks/lm/surprise.h"
#include "tasks/lm/text.h"

namespace rondo::lm {
namespace {

/// The marked tokens, each read behind the one before it.
ChunkBatch batch_of(const LanguageModel::Scored& scored, std::size_t count) {
  std::vector<std::int32_t> before = {TextUnits::border},
                            after(scored.tokens.begin(),
                                  scored.tokens.begin() + static_cast<std::ptrdiff_t>(count));
  before.insert(before.end(), after.begin(), after.end() - 1);
  const auto steps = static_cast<std::int64_t>(count);
  const std::shared_ptr<const Layout> layout = Layout::uniform(1, steps);
  return {.layout = layout,
          .before = Ids(Tensor::of({steps}, before), layout),
          .after = Tensor::of({steps}, after),
          .from = {-1}};
}

}  // namespace

std::vector<inspect::Section> look(const Writer& writer, std::string_view line, std::size_t most) {
  const LanguageModel::Scored scored = writer.language.score_tokens(line);
  if (scored.tokens.empty()) fail(ErrorKind::data, "inspect: the text has no tokens");
  inspect::Marked marked =
      surprise(scored, {"Bits of each token, given those before it", "给定前文时各词元的比特数"}, most);
  const ChunkBatch batch = batch_of(scored, marked.tokens.size());
  std::vector<std::string> tokens = {"¶"};
  tokens.insert(tokens.end(), marked.tokens.begin(), marked.tokens.end() - 1);
  const inspect::Subject subject{
      .tokens = std::move(tokens), .value = {"mean ln P of the tokens", "词元的平均 ln P"}, .score = [&] {
        State carried;
        return -writer.model()->loss(batch, carried).loss;
      }};
  inspect::Section answer{{"Surprise", "意外程度"}, {}};
  answer.blocks.emplace_back(std::move(marked));
  std::vector<inspect::Section> sections = {std::move(answer)};
  for (inspect::Section& section : inspect::look_into(subject, writer.model().weights()))
    sections.push_back(std::move(section));
  return sections;
}

std::string example_line(const Dataset& examples, std::size_t number) {
  return std::string(documents_in(examples).at(number));
}

}  // namespace rondo::lm
