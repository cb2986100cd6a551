/// Speech: from sounds and what is said in them to a model that hears words.
///
///     const Dataset clips = speech::read_clips({"recordings"});
///     SpeechRecognizer recognizer = SpeechRecognizer::train(clips, {});
///     recognizer.recognize(read_sound("yes.wav")).text;
///     recognizer.save("words.rondo");
///
/// The network reads log-mel features (sound.h): convolutions over time, recurrent layers, and a last layer
/// that gives one of some classes for the whole sound, or text of any length by connectionist temporal
/// classification (ctc.h).
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/data.h>
#include <rondo/sound.h>
#include <rondo/tasks/evaluation.h>
#include <rondo/tasks/options.h>
#include <rondo/tasks/task.h>

namespace [[gnu::visibility("default")]] rondo {

/// classes: one answer of those in the training data for a whole sound. ctc: text.
enum class SpeechAnswer { automatic, classes, ctc };
constexpr std::array<std::string_view, 3> names_of(SpeechAnswer) {
  return {"auto", "classes", "ctc"};
}

/// What a text consists of where it is written by CTC.
enum class SpeechToken { automatic, words, characters };
constexpr std::array<std::string_view, 3> names_of(SpeechToken) {
  return {"auto", "words", "characters"};
}

/// How features are brought to mean 0 and deviation 1. clip: by those of the clip, which a stream cannot
/// know. learned: by those of the training data.
enum class SpeechNormalization { automatic, none, clip, learned };
constexpr std::array<std::string_view, 4> names_of(SpeechNormalization) {
  return {"auto", "none", "clip", "learned"};
}

enum class SpeechCell { lstm, gru, residual, linear };
constexpr std::array<std::string_view, 4> names_of(SpeechCell) {
  return {"lstm", "gru", "residual", "linear"};
}

/// A sound and what is said in it.
struct SpeechClip {
  std::string name;  ///< its file, for people
  std::string text;  ///< empty: nothing is said
  Sound sound = {};  ///< without samples: they are read from the file when they are needed
  std::int64_t samples = 0;
  SoundChannel channel = SoundChannel::mean;
};

namespace speech {

/// How files become clips.
struct ReadingOptions {
  bool skip_missing = false;
  SoundChannel channel = SoundChannel::mean;
  std::string file_column = {}, text_column = {};
  int keep_mb = 1024;

  static constexpr auto fields() {
    using O = ReadingOptions;
    return std::tuple{
        field("skip_missing", &O::skip_missing,
              "leave out clips that are missing, empty or broken, and say so"),
        field("channel", &O::channel, "which channel is heard; mean: all of them"),
        field("file_column", &O::file_column,
              "column or key with the sound's file; default: path, file, audio, filename, ..."),
        field("text_column", &O::text_column,
              "column or key with what is said; default: sentence, text, label, transcript, ..."),
        field("keep_mb", &O::keep_mb,
              "megabytes of samples that are kept in memory; of more, files are read again each epoch", 0,
              1 << 20)};
  }
};
static_assert(all_fields_listed<ReadingOptions>);

/// Folders with a folder of sounds for each word (yes/a.wav) or sounds named by it (yes_a.wav), folders with
/// transcripts (LibriSpeech's *.trans.txt, Kaldi's text, AISHELL's *transcript*.txt), and lists: file, tab,
/// text; a table with a header (Common Voice, CSV); JSON lines (NeMo). Paths are relative to the list, or to
/// clips, wavs, wav or audio beside it. One Error(data) names every clip that is missing or broken.
Dataset read_clips(const std::vector<std::filesystem::path>& files, const ReadingOptions& options = {},
                   std::vector<std::string>* notices = nullptr);
/// Error(data) for a clip without samples.
Dataset dataset_of(std::vector<SpeechClip> clips);

}  // namespace speech

struct SpeechNetworkOptions {
  SpeechAnswer answer = SpeechAnswer::automatic;
  SpeechToken tokens = SpeechToken::automatic;
  bool lowercase = true;
  SpeechNormalization normalize = SpeechNormalization::automatic;
  bool streaming = false;
  int filters = 64;
  int kernel = 5;
  int stride = 0;
  SpeechCell cell = SpeechCell::gru;
  int units = 96;
  int layers = 2;
  float dropout = 0.3F;

  static constexpr auto fields() {
    using O = SpeechNetworkOptions;
    return std::tuple{
        field("answer", &O::answer,
              "classes: one of the texts; ctc: any text; auto: by how often texts recur"),
        field("tokens", &O::tokens, "what CTC writes; auto: words if they are few and recur"),
        field("lowercase", &O::lowercase, "fold upper and lower case together"),
        field("normalize", &O::normalize,
              "features to mean 0 and deviation 1; auto: clip, streaming: learned"),
        field("streaming", &O::streaming,
              "see no sound to come: one direction, windows that end at their frame"),
        field("filters", &O::filters, "outputs of the convolution in front; 0: none", 0, 1 << 14),
        field("kernel", &O::kernel, "frames that it sees", 1, 256),
        field("stride", &O::stride, "frames from one of its windows to the next; 0: 2, or 1 for fast speech",
              0, 64),
        field("cell", &O::cell, "kind of recurrent layer"),
        field("units", &O::units, "size of the hidden state, per direction", 1, 1 << 14),
        field("layers", &O::layers, "number of recurrent layers", 1, 64),
        field("dropout", &O::dropout, "share dropped between layers", 0, 0.99)};
  }
};
static_assert(all_fields_listed<SpeechNetworkOptions>);

/// Everything about a recogniser and its training.
struct SpeechOptions {
  MelOptions features = {.rate = 0};
  SpeechNetworkOptions network = {};
  AugmentOptions augment = {.noise = 0.1F, .shift = 50, .speed = 0.2F, .time_masks = 2, .mel_masks = 2};
  TrainingOptions training = {.batch_size = 16};

  static constexpr std::string_view type = "speech";
  static constexpr auto fields() {
    using O = SpeechOptions;
    return std::tuple{group(&O::features, "Features"), group(&O::network, "Network"),
                      group(&O::augment, "Augmentation"), group(&O::training, "Training")};
  }
};
static_assert(all_fields_listed<SpeechOptions>);

/// How sounds become text.
struct RecognizeOptions {
  int beam = 8;
  float bonus = 0;
  std::filesystem::path lm = {};
  float lm_weight = 0.5F;

  static constexpr auto fields() {
    using O = RecognizeOptions;
    return std::tuple{
        field("beam", &O::beam, "texts kept at each frame of CTC; 1: the likeliest symbol of each frame", 1,
              1 << 10),
        field("bonus", &O::bonus, "added to the score for each token; above 0: longer texts", -100, 100),
        field("lm", &O::lm, "language model ('rondo train lm') that has a say in the beam (shallow fusion)"),
        field("lm_weight", &O::lm_weight, "weight of its ln P beside that of the sound", 0, 10)};
  }
};
static_assert(all_fields_listed<RecognizeOptions>);

/// A word, and when it was said, in seconds from the beginning.
struct HeardWord {
  std::string word;
  double begin = 0, end = 0;
};

/// What was heard.
struct Heard {
  std::string text;
  double probability = 0;  ///< of the class; of CTC, P(text) by the paths that were kept
  double begin = 0, end = 0;
  bool signal = true;  ///< false: digital silence
  std::vector<HeardWord> words = {};
  std::vector<std::pair<std::string, double>> classes = {};  ///< likeliest first, at most 5; none for CTC
};

struct SpeechEvaluation {
  std::int64_t clips = 0, words = 0;
  double accuracy = 0;     ///< share of clips whose whole text is right
  double word_errors = 0;  ///< by edit distance: (substituted + left out + put in) / words of the references
  double sclite_errors = 0;  ///< the same by sclite's alignment, which pays 4, 3 and 3
  double character_errors = 0;
  double loss = 0;
  bool ctc = false;
  std::vector<report::Block> blocks = {};
};

/// Hears a sound as it comes. Results end at pauses.
class SpeechListener;

class SpeechRecognizer {
 public:
  SpeechRecognizer(SpeechRecognizer&&) noexcept;
  SpeechRecognizer& operator=(SpeechRecognizer&&) noexcept;
  ~SpeechRecognizer();

  /// The options with everything derived that was left open. `reasons`, if given, gets a line for each.
  static SpeechOptions plan(const Dataset& train, const Dataset& valid, SpeechOptions options = {},
                            std::vector<std::string>* reasons = nullptr);
  /// Learns from `train`; the epoch that did best on `valid`, if that is not empty, is kept.
  static SpeechRecognizer train(const Dataset& train, const Dataset& valid, SpeechOptions options = {},
                                TrainingRun run = {});

  /// Of any rate. Error(usage) for a sound without samples.
  Heard recognize(const Sound& sound, const RecognizeOptions& options = {}) const;
  /// Each the same whatever other sounds there are.
  std::vector<Heard> recognize(std::span<const Sound> sounds, const RecognizeOptions& options = {}) const;
  SpeechEvaluation evaluate(const Dataset& test, int worst = 20) const;

  /// Samples a second of the sounds that it hears.
  int rate() const noexcept;
  const SpeechOptions& options() const noexcept;
  const History& history() const noexcept;
  void save(const std::filesystem::path& file) const;
  /// Error(format) for a model of another application.
  static SpeechRecognizer load(const std::filesystem::path& file);

  struct Impl;
  const Impl& impl() const noexcept { return *impl_; }
  Impl& impl() noexcept { return *impl_; }

 private:
  explicit SpeechRecognizer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// When a stretch of sound counts as speech, by its loudness above the quietest seen.
struct ListenOptions {
  RecognizeOptions recognize = {};
  float pause = 0.5F;
  float louder = 9;

  static constexpr auto fields() {
    using O = ListenOptions;
    return std::tuple{
        group(&O::recognize, "Search"),
        field("pause", &O::pause, "seconds of quiet that end a result; 0: one result for the whole sound", 0,
              60),
        field("louder", &O::louder, "decibels above the background from which on sound is speech", 0, 100)};
  }
};
static_assert(all_fields_listed<ListenOptions>);

class SpeechListener {
 public:
  /// The recogniser must outlive it.
  SpeechListener(const SpeechRecognizer& recognizer, ListenOptions options = {});
  SpeechListener(SpeechListener&&) noexcept;
  ~SpeechListener();
  /// Takes samples of the recogniser's rate and returns what has ended. Pieces of any size give the same.
  std::vector<Heard> push(std::span<const float> samples);
  /// No more samples come.
  std::vector<Heard> finish();
  /// What is being said, so far: of a streaming model, kept up frame by frame; else empty.
  Heard so_far() const;
  double seconds() const noexcept;  ///< heard so far

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rondo
