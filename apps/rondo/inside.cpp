#include "inside.h"

#include <fmt/format.h>

#include <rondo/text.h>

#include "base/files.h"
#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "program.h"
#include "scores.h"
#include "tasks/inspect/looks.h"

namespace rondo::program {
namespace {

/// What is looked at: a line, or an example of data.
struct Looked {
  std::string line;
  std::vector<inspect::Section> sections;
};

Looked look_in(const Task& task, const std::filesystem::path& data, int example, std::size_t tokens) {
  const Parts parts = task.kind().read({data}, task.kind().reading, &task);
  const auto count = static_cast<int>(parts.train.size());
  if (example > count)
    fail(ErrorKind::option,
         fmt::format("--example {}: {} has {} {}", example, data.string(), count, task.kind().counted.en));
  const std::size_t number = static_cast<std::size_t>(example) - 1;
  return {inspect::line_of(task, parts.train, number), inspect::look(task, parts.train, number, tokens)};
}

/// What clipped the gradients when the model was trained, as far as its options say.
std::string clipping_of(const std::string& options) {
  if (options.empty()) return {};
  const Json all = parse_json(options, {.name = "options"});
  for (const auto& [key, value] : all.items())
    if (key == "clip_norm" && value.is_number()) return in_digits(value.get<double>());
  return {};
}

inspect::Page page_of(const Task& task, const std::string& model, const std::string& line,
                      std::vector<inspect::Section> sections) {
  inspect::Page page{.title = std::filesystem::path(model).filename().string(),
                     .sections = std::move(sections)};
  page.facts = {{{"text", "文本"}, truncate_to_width(line, 300)},
                {{"made by", "应用"}, "rondo train " + task.kind().name},
                {{"parameters", "参数量"}, grouped(task.weights().count())}};
  const std::string clipping = clipping_of(model_info(model).application.options);
  if (!clipping.empty() && clipping != "0")
    page.facts.emplace_back(Words{"gradients were clipped at norm", "训练时梯度范数的裁剪阈值"}, clipping);
  return page;
}

std::string json_of(const std::vector<inspect::Section>& sections, const std::string& line) {
  Json object = parse_json(inspect::to_json(sections), {.name = "what is inside"});
  object["text"] = line;
  return dump_json(object) + "\n";
}

}  // namespace

void Inside::check() const {
  if (text && !data.empty()) fail(ErrorKind::option, "--text and --data exclude each other; leave out one");
  if (!wanted() && !html.empty())
    fail(ErrorKind::option, "--html shows what a model does with a text; give a --text or --data");
}

int Inside::run(const Task& task, const std::string& model) const {
  const auto most = static_cast<std::size_t>(tokens);
  auto [line, sections] =
      text ? Looked{*text, inspect::look(task, *text, most)} : look_in(task, data, example, most);
  if (json) print(json_of(sections, line));
  if (!json && html.empty()) print(blocks_text(inspect::tables_of(sections)).substr(1));
  if (html.empty()) return 0;
  const std::string_view view = line;
  const bool chinese =
      language == "zh" || (language == "auto" && tokenizer_for({&view, 1}) == Tokenizer::characters);
  const std::string page = inspect::to_html(page_of(task, model, line, std::move(sections)), chinese);
  write_file_atomically(html, page);
  note(html.string() + ", " + byte_size(static_cast<double>(page.size())));
  return 0;
}

}  // namespace rondo::program
