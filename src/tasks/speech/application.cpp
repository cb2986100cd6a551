#include "tasks/speech/application.h"

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/shown.h"
#include "tasks/options/training.h"
#include "tasks/speech/answer.h"
#include "tasks/speech/clips.h"
#include "tasks/speech/evaluation.h"
#include "tasks/speech/verb.h"
#include "tasks/verb.h"

namespace rondo::speech {
namespace {

namespace fs = std::filesystem;

Evaluation summary_of(SpeechEvaluation e) {
  const auto share = [](const char* name, Words title, double value, Better better, bool headline) {
    return Score{.name = name,
                 .title = std::move(title),
                 .value = value,
                 .form = Form::share,
                 .better = better,
                 .headline = headline};
  };
  Evaluation all{.examples = e.clips, .counted = SpeechTask::counted()};
  all.scores.push_back(share("accuracy",
                             e.ctc ? Words{"Whole texts right", "整段正确率"} : Words{"Accuracy", "准确率"},
                             e.accuracy, Better::higher, true));
  all.scores.push_back(share("word_error_rate", {"Word error rate (edit distance)", "词错误率（编辑距离）"},
                             e.word_errors, Better::lower, e.ctc));
  all.scores.push_back(share("sclite_word_error_rate",
                             {"Word error rate (sclite's costs 4, 3, 3)", "词错误率（sclite 代价 4、3、3）"},
                             e.sclite_errors, Better::lower, false));
  all.scores.push_back(share("character_error_rate", {"Character error rate", "字错误率"}, e.character_errors,
                             Better::lower, false));
  all.scores.push_back(Score{
      .name = "loss", .title = {"Nats a clip", "每段纳特数"}, .value = e.loss, .better = Better::lower});
  all.scores.push_back(Score{.name = "words",
                             .title = {"Words said", "参考词数"},
                             .value = static_cast<double>(e.words),
                             .form = Form::count});
  all.blocks = std::move(e.blocks);
  return all;
}

}  // namespace

std::vector<std::string> SpeechTask::examples() {
  return {"rondo train speech recordings/ --out words.rondo",
          "rondo train speech train.tsv --test test.tsv --out m.rondo",
          "rondo train speech LibriSpeech/train-clean-5 --streaming --out m.rondo"};
}

std::vector<Verb> SpeechTask::verbs() {
  const auto run = [](const TrainedRecognizer& model, const ListenCommand& command, const VerbCall& call) {
    listen(model.recognizer, command, call);
  };
  return {verb_of<SpeechTask, ListenCommand>(
      "listen", "hear what is said in sounds", "sound files; -: standard input, as without any", +run,
      {"rondo listen words.rondo yes.wav no.flac", "arecord -f S16_LE -r 16000 | rondo listen words.rondo",
       "rondo listen words.rondo - --rate 16000 --format s16le < raw.pcm"})};
}

void SpeechTask::check(const Options& options, const Reading&, const PlaceOf& place) {
  check_monitor(options.training, {"loss", "accuracy"}, place);
}

Parts SpeechTask::read(const std::vector<fs::path>& files, const Reading& reading, const TrainedRecognizer*) {
  Parts parts;
  parts.train = read_files(files, reading, &parts.notices);
  return parts;
}

Dataset SpeechTask::read_more(const fs::path& file, const Reading& reading, Parts& parts) {
  return read_files({file}, reading, &parts.notices);
}

std::vector<std::string> SpeechTask::plan(Options& options, const Parts& parts, const PlaceOf&) {
  std::vector<std::string> reasons;
  options = SpeechRecognizer::plan(parts.train, parts.valid, std::move(options), &reasons);
  return reasons;
}

TrainedRecognizer SpeechTask::train(const Options& options, const Parts& parts, TrainingRun run) {
  return {SpeechRecognizer::train(parts.train, parts.valid, options, std::move(run))};
}

TrainedRecognizer SpeechTask::load(const fs::path& file) {
  return {SpeechRecognizer::load(file)};
}

Evaluation SpeechTask::nothing() {
  return summary_of({});
}

Evaluation SpeechTask::evaluate(const TrainedRecognizer& model, const Dataset& examples, int worst) {
  return summary_of(model.recognizer.evaluate(examples, worst));
}

std::vector<Answer> SpeechTask::answer(const TrainedRecognizer& model, std::span<const std::string> lines,
                                       const Answering& answering) {
  std::vector<Sound> sounds;
  for (const std::string& line : lines)
    sounds.push_back(read_sound(line, {.channel = answering.channel, .damaged = answering.damaged}));
  std::vector<Answer> answers;
  for (const Heard& heard : model.recognizer.recognize(sounds, answering.recognize))
    answers.push_back(answer_of(heard, lines[answers.size()]));
  return answers;
}

std::vector<report::Section> SpeechTask::sections(const TrainedRecognizer& model, const Parts& parts,
                                                  const Evaluation& evaluation) {
  std::vector<report::Section> sections;
  if (evaluation.examples > 0)
    sections.push_back({{"Scores on the test part", "测试集成绩"}, evaluation.blocks});
  report::Section data{{"Training data", "训练数据"}, {}};
  report::Histogram lengths{.title = {"Length of the clips, in tenths of a second", "录音时长（十分之一秒）"},
                            .x_title = {"tenths of a second", "十分之一秒"},
                            .values = {}};
  const std::vector<const SpeechClip*> clips = clips_in(parts.train);
  for (const SpeechClip* const clip : clips)
    lengths.values.push_back(static_cast<std::int32_t>(clip->samples * 10 / std::max(1, clip->sound.rate)));
  data.blocks.emplace_back(std::move(lengths));
  if (!clips.empty())
    data.blocks.emplace_back(spectrogram(model.model().input(), sound_of(*clips.front()),
                                         {"A clip as the network sees it: “" + clips.front()->text + "”",
                                          "网络看到的一段录音：“" + clips.front()->text + "”"}));
  sections.push_back(std::move(data));
  return sections;
}

std::vector<Fact> SpeechTask::facts(const TrainedRecognizer& model) {
  const SpeechInput& input = model.model().input();
  const auto fact = [](std::string key, Words title, const std::string& value) {
    return Fact{std::move(key), std::move(title), {value, value}, value};
  };
  const std::string look_ahead = model.model()->streaming() ? plain(input.mel.window) : "";
  std::vector<Fact> facts = {
      fact("rate", {"Samples a second", "采样率"}, std::to_string(input.mel.rate)),
      fact(input.ctc ? "symbols" : "classes",
           input.ctc ? Words{"Symbols it writes", "输出符号数"} : Words{"Classes", "类别数"},
           std::to_string(input.symbols.size()))};
  if (!look_ahead.empty())
    facts.push_back(
        fact("delay_ms",
             {"Delay of a result, in milliseconds: a frame's window", "结果延迟（毫秒，即一帧的窗长）"},
             look_ahead));
  return facts;
}

}  // namespace rondo::speech
