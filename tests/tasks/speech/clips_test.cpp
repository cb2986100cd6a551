// Lists and folders of sounds: what they hold, and one message for everything that is wrong.
#include "tasks/speech/clips.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/error.h>
#include <rondo/tasks/speech.h>

#include "support/sounds.h"
#include "support/temporary_folder.h"

namespace rondo::speech {
namespace {

using namespace rondo::testing_support;
using test::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string sound = wav_of(spoken(1, 1));

std::vector<std::string> texts_of(const Dataset& clips) {
  std::vector<std::string> texts;
  for (const SpeechClip* const clip : clips_in(clips))
    texts.push_back(clip->text);
  return texts;
}

std::string fault_of(const std::filesystem::path& path, const ReadingOptions& options = {}) {
  try {
    read_clips({path}, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Clips, FoldersOfWords) {
  const TemporaryFolder folder;
  for (const char* const name : {"yes/b.wav", "yes/a.wav", "no/deep/c.WAV"})
    write_bytes(folder / name, sound);
  write_bytes(folder / "yes/readme.txt", "not a sound");
  EXPECT_THAT(texts_of(read_clips({folder.path()})), ElementsAre("no", "yes", "yes"));
}

TEST(Clips, FoldersThatSayNoWords) {
  const TemporaryFolder folder;
  EXPECT_THAT(fault_of(folder.path()), HasSubstr("no sounds"));
  write_bytes(folder / "a.wav", sound);
  EXPECT_THAT(fault_of(folder.path()), HasSubstr("a folder for each word"));
  EXPECT_THAT(fault_of(folder / "a.wav"), HasSubstr("does not say what is said"));
}

TEST(Clips, Transcripts) {
  const TemporaryFolder folder;
  write_bytes(folder / "1/2/1-2-0.wav", sound);
  write_bytes(folder / "1/2/1-2-1.wav", sound);
  write_bytes(folder / "1/2/1-2.trans.txt", "1-2-0 HE SAID\n1-2-1 GO\n");
  EXPECT_THAT(texts_of(read_clips({folder.path()})), ElementsAre("HE SAID", "GO"));
}

TEST(Clips, ListsAndTables) {
  const TemporaryFolder folder;
  write_bytes(folder / "clips/a.wav", sound);
  write_bytes(folder / "b.wav", sound);
  write_bytes(folder / "list.tsv", "b.wav\tturn  left\r\nclips/a.wav\tgo\n\n");
  EXPECT_THAT(texts_of(read_clips({folder / "list.tsv"})), ElementsAre("turn left", "go"));
  // Common Voice: by the names of the columns, no quoting, sounds in clips/.
  write_bytes(folder / "cv.tsv",
              "client_id\tpath\tsentence\tage\nx\ta.wav\tHe said \"go.\t\nx\ta.wav\tHe said \"go.\t\n");
  EXPECT_THAT(texts_of(read_clips({folder / "cv.tsv"})), ElementsAre("He said \"go.", "He said \"go."));
  write_bytes(folder / "own.tsv", "what\twhere\ngo\tb.wav\n");
  EXPECT_THAT(texts_of(read_clips({folder / "own.tsv"}, {.file_column = "where", .text_column = "what"})),
              ElementsAre("go"));
  EXPECT_THAT(fault_of(folder / "own.tsv", {.file_column = "nowhere"}), HasSubstr("no column 'nowhere'"));
  write_bytes(folder / "none.tsv", "\n");
  EXPECT_THAT(fault_of(folder / "none.tsv"), HasSubstr("no clips"));
}

TEST(Clips, FormsOfOtherTools) {
  const TemporaryFolder folder;
  write_bytes(folder / "a/wavs/x1.wav", sound);
  write_bytes(folder / "a/audio/2.wav", sound);
  const auto read = [&](const std::string& name, const std::string& bytes,
                        const ReadingOptions& options = {}) {
    write_bytes(folder / name, bytes);
    return texts_of(read_clips({folder / name}, options));
  };
  EXPECT_THAT(read("a/metadata.csv", "x1|Mr. Go, 3|Mister Go\nx1|\"Stop|stop\n"),
              ElementsAre("Mr. Go, 3", "\"Stop"))
      << "LJSpeech";
  EXPECT_THAT(read("a/b.csv", "wav_filename,wav_filesize,transcript\nwavs/x1.wav,9,\"go, now\"\n"),
              ElementsAre("go, now"))
      << "DeepSpeech";
  EXPECT_THAT(read("a/c.csv", "filename,fold,target,category\n2.wav,1,0,dog\n"), ElementsAre("dog"))
      << "ESC-50";
  EXPECT_THAT(read("a/m.jsonl", "{\"audio_filepath\":\"wavs/x1.wav\",\"duration\":1,\"text\":\"go\"}\n"),
              ElementsAre("go"))
      << "NeMo";
  EXPECT_THAT(
      read("a/k.jsonl", "{\"f\":\"wavs/x1.wav\",\"n\":7}\n", {.file_column = "f", .text_column = "n"}),
      ElementsAre("7"));
  write_bytes(folder / "a/bad.jsonl", "{\"audio\":\"wavs/x1.wav\"}\n");
  EXPECT_THAT(fault_of(folder / "a/bad.jsonl"),
              testing::AllOf(HasSubstr("line 1"), HasSubstr("--text-column")));
}

TEST(Clips, FoldersOfOtherTools) {
  const TemporaryFolder folder;
  write_bytes(folder / "aishell/wav/train/S1/B1.wav", sound);
  write_bytes(folder / "aishell/wav/train/S2/B2.wav", sound);
  write_bytes(folder / "aishell/transcript/aishell_transcript_v0.8.txt", "B1 而 对\nB2 也 成为\nB3 没有\n");
  EXPECT_THAT(texts_of(read_clips({folder / "aishell"})), ElementsAre("而 对", "也 成为"));
  write_bytes(folder / "kaldi/text", "u1 go\nu2 stop now\n");
  write_bytes(folder / "kaldi/wav.scp", "u1 " + (folder / "aishell/wav/train/S1/B1.wav").string() +
                                            "\nu2 ../aishell/wav/train/S2/B2.wav\n");
  EXPECT_THAT(texts_of(read_clips({folder / "kaldi"})), ElementsAre("go", "stop now"));
  write_bytes(folder / "pipe/text", "u1 go\n");
  write_bytes(folder / "pipe/wav.scp", "u1 sox x.wav - |\n");
  EXPECT_THAT(fault_of(folder / "pipe"),
              testing::AllOf(HasSubstr("line 1"), HasSubstr("output of a command")));
  for (const char* const name : {"0_a_0.wav", "0_b_0.wav", "1_a_0.wav", "1_b_0.wav"})
    write_bytes(folder / "flat" / name, sound);
  std::vector<std::string> notices;
  EXPECT_THAT(texts_of(read_clips({folder / "flat"}, {}, &notices)), ElementsAre("0", "0", "1", "1"));
  EXPECT_THAT(notices, testing::Contains(HasSubstr("what stands before _ in the names, '0' of '0_a_0.wav'")));
}

TEST(Clips, EverythingThatIsWrongInOneMessage) {
  const TemporaryFolder folder;
  write_bytes(folder / "plain.wav", sound);
  write_bytes(folder / "empty.wav", "");
  write_bytes(folder / "len0.wav", wav({}, ""));
  write_bytes(
      folder / "list.tsv",
      "plain.wav\tturn left\nmissing-1.wav\tturn right\n./plain.wav\tturn left\nplain.wav\tgo\nplain.wav\t\n"
      "len0.wav\tgo\nempty.wav\tgo\nmissing 2.wav\tgo\nplain.wav go\nclips\\a.wav\tgo\nPLAIN.WAV\tgo\n");
  const std::string fault = fault_of(folder / "list.tsv");
  EXPECT_THAT(fault, HasSubstr("4 of 11 sounds are missing (line 2, line 8, line 10 and line 11"));
  EXPECT_THAT(fault, HasSubstr("line 10 has a path with \\"));
  EXPECT_THAT(fault, HasSubstr("line 11: there is 'plain.wav'"));
  EXPECT_THAT(fault, HasSubstr("line 9: no tab"));
  EXPECT_THAT(fault, HasSubstr("line 6 and line 7: no sound"));
  EXPECT_THAT(fault, HasSubstr("line 5: no text"));
  EXPECT_THAT(fault, Not(HasSubstr("\n")));
  std::vector<std::string> notices;
  EXPECT_THAT(texts_of(read_clips({folder / "list.tsv"}, {.skip_missing = true}, &notices)),
              ElementsAre("turn left", "turn left", "go"));
  EXPECT_THAT(notices, testing::Contains(HasSubstr("one sound has two texts: line 1 and line 4")));
}

TEST(Clips, SamplesAreReadAgainWhereMemoryIsShort) {
  const TemporaryFolder folder;
  write_bytes(folder / "yes/a.wav", sound);
  const Dataset clips = read_clips({folder.path()}, {.keep_mb = 0});
  const SpeechClip& clip = *clips_in(clips).front();
  EXPECT_TRUE(clip.sound.samples.empty());
  EXPECT_EQ(static_cast<std::int64_t>(sound_of(clip).samples.size()), clip.samples);
}

TEST(Clips, ClassesOrText) {
  EXPECT_EQ(answer_of({"yes", "no", "yes", "no", "yes", "no"}), SpeechAnswer::classes);
  EXPECT_EQ(answer_of({"one two", "two one", "three", "four one", "two"}), SpeechAnswer::ctc);
}

}  // namespace
}  // namespace rondo::speech
