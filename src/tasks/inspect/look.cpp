#include "tasks/inspect/look.h"

#include <algorithm>
#include <cmath>

#include "base/message.h"
#include "base/shown.h"

namespace rondo::inspect {
namespace {

std::vector<float> in_float(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

/// The first input that has a step for each token.
std::string input_of(const Subject& subject, std::span<const Input> inputs) {
  if (!subject.input.empty()) return subject.input;
  for (const Input& input : inputs)
    if (input.layout->sequences() == 1 &&
        input.layout->rows() == static_cast<std::int64_t>(subject.tokens.size()))
      return input.name;
  return {};
}

std::vector<float> losses(double whole, const std::vector<double>& edited) {
  std::vector<float> lost;
  for (const double value : edited)
    lost.push_back(static_cast<float>(whole - value));
  return lost;
}

Section dependence(const Subject& subject, const std::string& input) {
  const Saliency seen = saliency(subject.score, input);
  Section section{{"What the answer depends on", "答案取决于什么"}, {}};
  section.blocks.emplace_back(
      report::Note{{"Explained: " + subject.value.en + " = " + fixed(seen.value, 4) +
                        ". Blue tokens raise it, orange ones lower it. The number is under the pointer.",
                    "所解释的量：" + subject.value.in(true) + " = " + fixed(seen.value, 4) +
                        "。蓝色词元使其升高，橙色词元使其降低；鼠标悬停可看数值。"}});
  section.blocks.emplace_back(Marked{
      .key = "integrated_gradients",
      .title = {"Integrated gradients", "积分梯度"},
      .note = {"From an input of zeros, where it is " + fixed(seen.baseline, 4) +
                   "; the tokens share out the difference, but for " + significant(seen.missing(), 2) + ".",
               "从全零输入（此时为 " + fixed(seen.baseline, 4) + "）积分到实际输入；各词元分摊两者之差，余 " +
                   significant(seen.missing(), 2) + "。"},
      .tokens = subject.tokens,
      .values = in_float(seen.integrated)});
  section.blocks.emplace_back(Marked{.key = "gradient_input",
                                     .title = {"Gradient times input", "梯度 × 输入"},
                                     .tokens = subject.tokens,
                                     .values = in_float(seen.gradient_input)});
  if (!subject.without.empty())
    section.blocks.emplace_back(Marked{.key = "left_out",
                                       .title = {"What is lost without each token", "去掉各词元后的损失"},
                                       .tokens = subject.tokens,
                                       .values = losses(seen.value, subject.without)});
  if (!subject.replaced.empty())
    section.blocks.emplace_back(
        Marked{.key = "replaced",
               .title = {"What is lost with an unknown token in its place", "替换为未知词后的损失"},
               .tokens = subject.tokens,
               .values = losses(seen.value, subject.replaced)});
  return section;
}

/// The number and its gradient, watched.
std::vector<Run> watched_runs(const Subject& subject, std::string* input) {
  Watch watch;
  const Recording recording({.dropout = false});
  const Var value = subject.score();
  if (value.tracked()) value.backward();
  *input = input_of(subject, watch.inputs());
  std::vector<Run> own;
  for (const Run& run : watch.runs())
    if (run.layout->sequences() == 1 && run.layout->rows() > 1 &&
        (own.size() < 8 || run.layout->rows() == static_cast<std::int64_t>(subject.tokens.size())))
      own.push_back(run);
  return own;
}

std::vector<std::string> numbered(std::int64_t count) {
  std::vector<std::string> names;
  for (std::int64_t i = 1; i <= count; ++i)
    names.push_back(std::to_string(i));
  return names;
}

}  // namespace

std::vector<Section> look_into(const Subject& subject, const ParameterStore& weights) {
  std::string input;
  const std::vector<Run> runs = watched_runs(subject, &input);
  std::vector<Section> sections;
  if (!input.empty()) sections.push_back(dependence(subject, input));
  for (const Run& run : runs) {
    const bool of_tokens = run.layout->rows() == static_cast<std::int64_t>(subject.tokens.size());
    sections.push_back(section_of(run, of_tokens ? subject.tokens : numbered(run.layout->rows())));
  }
  Section spectra = section_of(weights);
  if (!spectra.blocks.empty()) sections.push_back(std::move(spectra));
  return sections;
}

}  // namespace rondo::inspect
