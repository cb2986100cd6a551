#include "tasks/speech/verb.h"

#include <array>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/message.h"
#include "base/shown.h"
#include "tasks/speech/answer.h"

namespace rondo::speech {
namespace {

using ReadBytes = std::function<std::size_t(char* to, std::size_t size)>;

/// One sound, from its bytes to lines of results.
class Sitting {
 public:
  Sitting(const SpeechRecognizer& recognizer, const ListenCommand& command, const VerbCall& call,
          const std::string& name, bool is_input, bool several)
      : command_(command),
        call_(call),
        name_(is_input ? "" : name),
        several_(several),
        stream_(command.sound, is_input ? "standard input" : "'" + name + "'", recognizer.rate()),
        listener_(recognizer, {.recognize = command.recognize,
                               .pause = command.pause >= 0 ? command.pause
                                        : is_input         ? 0.5F
                                                           : 0.0F,
                               .louder = command.louder}) {}

  void run(const ReadBytes& read) {
    std::array<char, 1 << 14> buffer{};
    std::vector<float> samples;
    while (const std::size_t size = read(buffer.data(), buffer.size())) {
      stream_.push(std::string_view(buffer.data(), size), samples);
      hear(samples);
    }
    stream_.finish(samples);
    hear(samples);
    for (const Heard& heard : listener_.finish())
      print(heard);
    say();
  }

 private:
  void hear(std::vector<float>& samples) {
    say();
    for (const Heard& heard : listener_.push(samples))
      print(heard);
    samples.clear();
    if (!command_.partial) return;
    const Heard now = listener_.so_far();
    if (now.text == partial_) return;
    partial_ = now.text;
    if (!now.text.empty())
      call_.write(call_.json ? partial_json(now) + "\n" : "... " + one_line(now.text) + "\n");
  }

  void print(const Heard& heard) {
    partial_.clear();
    const Answer answer = answer_of(heard, name_);
    std::string line;
    if (several_) line += name_ + "\t";
    if (command_.times) line += fixed(heard.begin, 2) + "\t" + fixed(heard.end, 2) + "\t";
    call_.write(call_.json ? answer.json + "\n" : line + answer.text + "\n");
  }

  void say() {
    for (const std::string& notice : stream_.take_notices())
      call_.notice(notice);
  }

  const ListenCommand& command_;
  const VerbCall& call_;
  std::string name_, partial_;
  bool several_;
  SoundStream stream_;
  SpeechListener listener_;
};

}  // namespace

void listen(const SpeechRecognizer& recognizer, const ListenCommand& command, const VerbCall& call) {
  if (command.partial && !recognizer.options().network.streaming)
    fail(ErrorKind::option,
         "--partial needs a model that was trained with --streaming; this one hears a result "
         "when it has ended");
  std::vector<std::string> names = call.texts;
  if (names.empty()) names = {"-"};
  for (const std::string& name : names) {
    Sitting sitting(recognizer, command, call, name, name == "-", names.size() > 1);
    if (name == "-") {
      sitting.run(call.read);
      continue;
    }
    InputFile file(name);
    sitting.run([&](char* to, std::size_t size) { return file.read(to, size); });
  }
}

}  // namespace rondo::speech
