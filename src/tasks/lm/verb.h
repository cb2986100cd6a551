/// `rondo generate`.
#pragma once
#include <string>
#include <tuple>

#include <rondo/tasks/lm.h>
#include <rondo/tasks/task.h>

namespace rondo::lm {

struct GenerateCommand {
  GenerateOptions choices = {};
  std::string prompt = {};
  bool stream = false;
  bool logprobs = false;

  static constexpr auto fields() {
    using O = GenerateCommand;
    return std::tuple{field("prompt", &O::prompt,
                            "text to go on from; else the arguments or standard input, else the start"),
                      field("stream", &O::stream, "print each piece as it comes"),
                      field("logprobs", &O::logprobs, "with --json: each token with its log-probability"),
                      group(&O::choices, "Choice of tokens")};
  }
};
static_assert(all_fields_listed<GenerateCommand>);

/// Writes on from the prompt, or from each of several.
void generate(const LanguageModel& model, const GenerateCommand& command, const VerbCall& call);

}  // namespace rondo::lm
