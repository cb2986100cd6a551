/// Speech as an entry of the list of applications.
#pragma once
#include <string>
#include <vector>

#include <rondo/tasks/speech.h>

#include "tasks/application.h"
#include "tasks/speech/model.h"

namespace rondo::speech {

/// A SpeechRecognizer with what the house asks of a trained object.
struct TrainedRecognizer {
  SpeechRecognizer recognizer;

  const SpeechModel& model() const noexcept { return recognizer.impl().network; }
  SpeechModel& model() noexcept { return recognizer.impl().network; }
  const History& history() const noexcept { return recognizer.history(); }
  void save(const std::filesystem::path& file) const { recognizer.save(file); }
};

/// How `predict` answers to lines that name files.
struct PredictOptions {
  RecognizeOptions recognize = {};
  SoundChannel channel = SoundChannel::mean;
  DamagedSound damaged = DamagedSound::refuse;

  static constexpr auto fields() {
    using O = PredictOptions;
    return std::tuple{
        field("channel", &O::channel, "which channel is heard; mean: all of them"),
        field("damaged", &O::damaged, "a sound that is cut off or broken: refuse it, or keep what is left"),
        group(&O::recognize, "Search")};
  }
};
static_assert(all_fields_listed<PredictOptions>);

struct SpeechTask {
  static constexpr std::string_view
      name = "speech",
      about = "learn to hear words, digits or sentences", data = "sounds and what is said in them",
      files =
          "a folder with a folder of sounds for each word; a list (file, tab, "
          "text; CSV, JSON lines); folders with transcripts (LibriSpeech, Kaldi, "
          "AISHELL); WAV, FLAC, Ogg",
      next = "FILE.wav";
  using Options = SpeechOptions;
  using Reading = ReadingOptions;
  using Answering = PredictOptions;
  using Typed = TrainedRecognizer;

  static Words counted() { return {"clips", "段录音"}; }
  static std::vector<std::string> curves() { return {"loss", "accuracy"}; }
  static std::vector<std::string> examples();
  static std::vector<Verb> verbs();

  static void check(const Options& options, const Reading& reading, const PlaceOf& place);
  static Parts read(const std::vector<std::filesystem::path>& files, const Reading& reading,
                    const TrainedRecognizer* model);
  static Dataset read_more(const std::filesystem::path& file, const Reading& reading, Parts& parts);
  static std::vector<std::string> plan(Options& options, const Parts& parts, const PlaceOf& place);
  static TrainedRecognizer train(const Options& options, const Parts& parts, TrainingRun run);
  static TrainedRecognizer load(const std::filesystem::path& file);
  static Evaluation nothing();
  static Evaluation evaluate(const TrainedRecognizer& model, const Dataset& examples, int worst);
  static std::vector<Answer> answer(const TrainedRecognizer& model, std::span<const std::string> lines,
                                    const Answering& answering);
  static std::vector<report::Section> sections(const TrainedRecognizer& model, const Parts& parts,
                                               const Evaluation& evaluation);
  static std::vector<Fact> facts(const TrainedRecognizer& model);
};

}  // namespace rondo::speech
