// Recognisers from the command line: folders and lists in, words out of files and pipes, and what is refused.
#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "program/run_program.h"
#include "support/sounds.h"
#include "support/temporary_folder.h"

namespace rondo::test {
namespace {

using namespace rondo::testing_support;
using testing::HasSubstr;
using testing::StartsWith;
using Words = std::vector<std::string>;

const Words small = {"--mels",   "20",   "--filters",       "16",   "--units",      "16",
                     "--layers", "1",    "--dropout",       "0",    "--epochs",     "40",
                     "--noise",  "0.05", "--learning-rate", "0.01", "--batch-size", "6"};

/// Models of two made-up words for all tests.
class SpeechProgram : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "");
    std::string list;
    for (int i = 0; i < 8; ++i)
      for (const auto& [word, number] : {std::pair("yes", 0), {"no", 2}}) {
        const std::string name = std::string(word) + "/" + std::to_string(i) + ".wav";
        const std::filesystem::path part = i < 6 ? "data" : "test";
        write_bytes(folder_->path() / part / name, wav_of(spoken(number, static_cast<std::uint64_t>(i))));
      }
    trained_ = run(joined(
        {"train", "speech", "data", "--test", "test", "--valid-share", "0", "--out", "m.rondo", "--json"}));
    stream_ =
        run(joined({"train", "speech", "data", "--streaming", "--valid-share", "0", "--out", "s.rondo"}));
  }
  static void TearDownTestSuite() { delete folder_; }
  void SetUp() override {
    ASSERT_EQ(trained_.status, 0) << trained_.err;
    ASSERT_EQ(stream_.status, 0) << stream_.err;
  }

  static Words joined(Words words) {
    words.insert(words.end(), small.begin(), small.end());
    return words;
  }
  static Outcome run(const Words& words, const std::string& input = {}) {
    return run_program(words, input, folder_->path());
  }
  static std::string in(const std::string& name) { return (folder_->path() / name).string(); }

  static inline TemporaryFolder* folder_ = nullptr;
  static inline Outcome trained_, stream_;
};

TEST_F(SpeechProgram, TrainingSaysWhatItDid) {
  EXPECT_THAT(trained_.err, HasSubstr("answer = classes: 2 texts in 12 clips"));
  EXPECT_THAT(trained_.err, HasSubstr("rate = 8000"));
  EXPECT_TRUE(std::filesystem::exists(in("m.rondo")));
}

TEST_F(SpeechProgram, Evaluates) {
  const Outcome outcome = run({"eval", "m.rondo", "test", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const Json json = parse_json(outcome.out, {.name = "eval"});
  EXPECT_EQ(json["accuracy"], 1);
  EXPECT_EQ(json["word_error_rate"], 0);
  EXPECT_EQ(json["confusion"], Json::parse("[[2, 0], [0, 2]]"));
}

TEST_F(SpeechProgram, ListensToFiles) {
  Outcome outcome = run({"listen", "m.rondo", "test/yes/6.wav"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "yes\n");
  outcome = run({"listen", "m.rondo", "test/yes/6.wav", "test/no/7.wav", "--times"});
  EXPECT_EQ(outcome.out, "test/yes/6.wav\t0.00\t0.40\tyes\ntest/no/7.wav\t0.00\t0.40\tno\n");
  outcome = run({"listen", "m.rondo", "test/no/6.wav", "--json"});
  const Json json = parse_json(outcome.out, {.name = "listen"});
  EXPECT_EQ(json["text"], "no");
  EXPECT_EQ(json["file"], "test/no/6.wav");
  EXPECT_EQ(json["classes"].size(), 2);
}

TEST_F(SpeechProgram, ListensToPipes) {
  const std::string file = wav_of(spoken(2, 7)), raw = file.substr(44);
  for (const char* const model : {"m.rondo", "s.rondo"}) {
    const Outcome whole = run({"listen", model, "test/no/7.wav", "--json"});
    Json wanted = parse_json(whole.out, {.name = "listen"});
    wanted.erase("file");
    for (const auto& [words, input] :
         {std::pair<Words, std::string>{{"listen", model, "--pause", "0", "--json"}, file},
          {{"listen", model, "-", "--rate", "8000", "--pause", "0", "--json"}, raw},
          {{"listen", model, "-", "--rate", "8000", "--format", "s16le", "--pause", "0", "--json"}, raw}}) {
      const Outcome outcome = run(words, input);
      ASSERT_EQ(outcome.status, 0) << outcome.err;
      EXPECT_EQ(parse_json(outcome.out, {.name = "listen"}), wanted);
    }
  }
  EXPECT_THAT(run({"listen", "m.rondo"}, raw).err, HasSubstr("raw PCM needs its rate"));
}

TEST_F(SpeechProgram, ResultsAtPauses) {
  Sound sound{.samples = std::vector<float>(8000), .rate = 8000};
  for (const int w : {2, 0}) {
    const Sound word = spoken(w, 3);
    sound.samples.insert(sound.samples.end(), word.samples.begin(), word.samples.end());
    sound.samples.insert(sound.samples.end(), 8000, 0.0F);
  }
  // No clip of the training had silence around it.
  EXPECT_EQ(run({"listen", "m.rondo"}, wav_of(sound)).out, "no\nyes\n");
  const std::string partial = run({"listen", "s.rondo", "--partial", "--json"}, wav_of(sound)).out;
  EXPECT_THAT(partial, HasSubstr("{\"partial\":"));
  EXPECT_THAT(run({"listen", "m.rondo", "--partial"}, wav_of(sound)).err, HasSubstr("--streaming"));
}

TEST_F(SpeechProgram, PredictsLines) {
  const Outcome outcome = run({"predict", "m.rondo"}, "test/yes/6.wav\ntest/no/6.wav\n");
  EXPECT_EQ(outcome.out, "yes\nno\n") << outcome.err;
}

TEST_F(SpeechProgram, Inspects) {
  const Outcome outcome = run({"inspect", "s.rondo", "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\"delay_ms\""));
  EXPECT_THAT(outcome.out, HasSubstr("8000"));
}

struct BadSound {
  std::string name, bytes, said;
};

TEST_F(SpeechProgram, BadSounds) {
  const std::string tone_bytes = s16(tone(400)), good = wav({}, tone_bytes);
  const std::string nan = number_bytes(0x3DCCCCCD, 4) + number_bytes(0x7FC00000, 4);
  const BadSound table[] = {
      {"zero.wav", "", "0 bytes"},
      {"len0.wav", wav({}, ""), "no samples"},
      {"pointer.wav", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3244\n",
       "Git LFS pointer"},
      {"page.wav", "<!DOCTYPE html>\n<html><body>404</body></html>\n", "web page"},
      {"text.wav", std::string(200, 'x'), "begin like none"},
      {"header.wav", good.substr(0, 30), "cut off"},
      {"nodata.wav", riff(WavForm{}.chunk_of()), "no 'data' chunk"},
      {"noformat.wav", riff(chunk("data", tone_bytes)), "comes before"},
      {"rate0.wav", wav({.rate = 0}, tone_bytes), "0 Hz"},
      {"rate1.wav", wav({.rate = 1}, tone_bytes), "1 Hz"},
      {"channels.wav", wav({.channels = 0}, tone_bytes), "0 channels"},
      {"adpcm.wav", wav({.coding = 0x11, .bits = 4}, tone_bytes), "IMA ADPCM"},
      {"coding.wav", wav({.coding = 0x4321}, tone_bytes), "0x4321"},
      {"bits.wav", wav({.bits = 12}, tone_bytes), "12 bits"},
      {"extensible.wav", wav({.coding = 0xFFFE}, tone_bytes), "without the extension"},
      {"nan.wav", wav({.coding = 3, .bits = 32}, nan), "sample 1"},
      {"broken.flac", "fLaC" + std::string(300, 'x'), "librondo_sound.so|cannot be decoded"},
  };
  for (const BadSound& bad : table) {
    write_bytes(in(bad.name), bad.bytes);
    const Outcome outcome = run({"listen", "m.rondo", bad.name});
    EXPECT_EQ(outcome.status, 2) << bad.name;
    EXPECT_EQ(outcome.out, "") << bad.name;
    EXPECT_THAT(outcome.err, HasSubstr(bad.name));
    const std::size_t bar = bad.said.find('|');
    EXPECT_THAT(outcome.err,
                testing::AnyOf(HasSubstr(bad.said.substr(0, bar)),
                               HasSubstr(bar == std::string::npos ? bad.said : bad.said.substr(bar + 1))));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
}

TEST_F(SpeechProgram, BadTrainingData) {
  write_bytes(in("one/yes/a.wav"), wav_of(spoken(0, 1)));
  write_bytes(in("flat/a.wav"), wav_of(spoken(0, 1)));
  write_bytes(in("missing.tsv"), "nowhere.wav\tyes\n");
  write_bytes(in("list.tsv"), "one/yes/a.wav yes\n");
  const std::pair<Words, const char*> table[] = {
      {{"train", "speech", "one", "--out", "x.rondo", "--valid-share", "0"}, "two or more"},
      {{"train", "speech", "flat", "--out", "x.rondo"}, "a folder for each word"},
      {{"train", "speech", "missing.tsv", "--out", "x.rondo"}, "1 of 1 sounds are missing"},
      {{"train", "speech", "list.tsv", "--out", "x.rondo"}, "no clips"},
      {{"train", "speech", "flat/a.wav", "--out", "x.rondo"}, "does not say what is said"},
      {{"train", "speech", "data", "--out", "x.rondo", "--mels", "1000"}, "sees no bin"},
      {{"train", "speech", "data", "--out", "x.rondo", "--low", "4000"}, "low < high"},
      {{"train", "speech", "data", "--out", "x.rondo", "--monitor", "val_bleu"}, "val_bleu"},
      {{"train", "speech", "data", "--out", "x.rondo", "--streaming", "--normalize", "clip"}, "whole clip"},
      {{"eval", "m.rondo", "one", "--rate", "8000"}, "--rate"}};
  for (const auto& [words, said] : table) {
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.status, 2) << said << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(said));
    EXPECT_FALSE(std::filesystem::exists(in("x.rondo")));
  }
}

}  // namespace
}  // namespace rondo::test
