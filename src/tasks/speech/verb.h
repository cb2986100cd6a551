/// `rondo listen`.
#pragma once
#include <tuple>

#include <rondo/tasks/speech.h>
#include <rondo/tasks/task.h>

namespace rondo::speech {

struct ListenCommand {
  SoundOptions sound = {};
  RecognizeOptions recognize = {};
  float pause = -1;
  float louder = 9;
  bool times = false;
  bool partial = false;

  static constexpr auto fields() {
    using O = ListenCommand;
    return std::tuple{
        field("times", &O::times, "print begin and end in seconds in front of each result"),
        field("partial", &O::partial,
              "of a streaming model, also print what is being said before it has ended"),
        field("pause", &O::pause,
              "seconds of quiet that end a result; 0: one result for a whole sound; -1: 0.5 for standard "
              "input, "
              "0 for files",
              -1, 60),
        field("louder", &O::louder, "decibels above the background from which on sound is speech", 0, 100),
        group(&O::sound, "Sound"),
        group(&O::recognize, "Search")};
  }
};
static_assert(all_fields_listed<ListenCommand>);

/// Files, or standard input ("-", or none given); results as soon as they have ended.
void listen(const SpeechRecognizer& recognizer, const ListenCommand& command, const VerbCall& call);

}  // namespace rondo::speech
