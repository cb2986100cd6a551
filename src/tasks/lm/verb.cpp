#include "tasks/lm/verb.h"

#include <array>

#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"

namespace rondo::lm {
namespace {

std::string all_of_input(const VerbCall& call) {
  std::string text;
  std::array<char, 1 << 14> buffer{};
  while (const std::size_t size = call.read(buffer.data(), buffer.size()))
    text.append(buffer.data(), size);
  if (text.ends_with('\n')) text.pop_back();  // the end of the line that was typed
  return text;
}

void name_unknown(const LanguageModel& model, const std::string& prompt, const VerbCall& call) {
  const std::vector<std::string> unknown = model.units().unknown_in(prompt);
  if (unknown.empty()) return;
  std::string names;
  for (const std::string& token : unknown)
    names += (names.empty() ? "" : ", ") + quote(one_line(token));
  call.notice("not seen in training, and read as unknown: " + names);
}

std::string json_of(const LanguageModel& model, const std::string& prompt, const Generated& written,
                    bool logprobs) {
  Json json = {{"prompt", prompt}, {"text", written.text}, {"ended", written.ended}};
  if (logprobs) {
    Json tokens = Json::array(), values = Json::array();
    for (std::size_t i = 0; i < written.tokens.size(); ++i) {
      tokens.push_back(std::string(model.units().vocab().token(written.tokens[i])));
      values.push_back(json_number(written.log_probabilities[i]));
    }
    json["tokens"] = std::move(tokens);
    json["logprobs"] = std::move(values);
  }
  return dump_json(json) + "\n";
}

void go_on_from(const LanguageModel& model, const std::string& prompt, const GenerateCommand& command,
                const VerbCall& call) {
  name_unknown(model, prompt, call);
  if (command.stream && !call.json) {
    if (command.choices.samples > 1)
      fail(ErrorKind::option, "--stream prints one text as it comes; leave --samples out");
    call.write(prompt);
    model.generate(prompt, command.choices, [&](int, std::string_view text) {
      call.write(text);
      return true;
    });
    call.write("\n");
    return;
  }
  const std::vector<Generated> all = model.generate(prompt, command.choices);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (call.json)
      call.write(json_of(model, prompt, all[i], command.logprobs));
    else
      call.write((i > 0 ? "\n" : "") + prompt + all[i].text + "\n");
  }
}

}  // namespace

void generate(const LanguageModel& model, const GenerateCommand& command, const VerbCall& call) {
  if (!command.prompt.empty() && !call.texts.empty())
    fail(ErrorKind::option, "give the prompt once: by --prompt or as an argument");
  if (!command.prompt.empty())
    go_on_from(model, command.prompt, command, call);
  else if (call.texts.empty())
    go_on_from(model, all_of_input(call), command, call);
  for (const std::string& prompt : call.texts)
    go_on_from(model, prompt, command, call);
}

}  // namespace rondo::lm
