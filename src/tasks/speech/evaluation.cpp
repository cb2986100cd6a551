#include "tasks/speech/evaluation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <rondo/ctc.h>

#include "base/shown.h"
#include "tasks/speech/clips.h"
#include "tasks/speech/scores/word_errors.h"

namespace rondo::speech {
namespace {

/// A clip of the test part, heard.
struct Judged {
  const SpeechClip* clip;
  std::string wanted;
  Heard heard;
  WordErrors words, sclite, characters;
  std::vector<AlignedWord> aligned;
  bool right() const { return words.errors() == 0; }
};

std::vector<Judged> judged(const SpeechRecognizer& recognizer, const Dataset& test) {
  constexpr std::size_t at_once = 256;  // of a large test part not all features lie in memory
  const SpeechInput& input = recognizer.impl().network.input();
  const std::vector<const SpeechClip*> clips = clips_in(test);
  std::vector<Judged> all;
  for (std::size_t begin = 0; begin < clips.size(); begin += at_once) {
    std::vector<Sound> sounds;
    for (std::size_t i = begin; i < std::min(begin + at_once, clips.size()); ++i)
      sounds.push_back(sound_of(*clips[i]));
    std::vector<Heard> heard = recognizer.recognize(sounds);
    for (std::size_t i = 0; i < heard.size(); ++i) {
      Judged& one = all.emplace_back(Judged{.clip = clips[begin + i],
                                            .wanted = input.normal(clips[begin + i]->text),
                                            .heard = std::move(heard[i]),
                                            .words = {},
                                            .sclite = {},
                                            .characters = {},
                                            .aligned = {}});
      const std::vector<std::string> reference = words_in(one.wanted), said = words_in(one.heard.text);
      one.words = align(reference, said, edit_costs, &one.aligned);
      one.sclite = align(reference, said, sclite_costs);
      one.characters = align(characters_in(one.wanted), characters_in(one.heard.text), edit_costs);
    }
  }
  return all;
}

report::Matrix confusion(const SpeechInput& input, const std::vector<Judged>& all) {
  report::Matrix matrix{.key = "confusion",
                        .title = {"Confusion", "混淆矩阵"},
                        .row_title = {"said", "实际"},
                        .column_title = {"heard", "识别"},
                        .names = input.symbols};
  const std::size_t size = matrix.names.size();
  matrix.counts.assign(size, std::vector<std::int64_t>(size));
  const auto place = [&](const std::string& name) {
    return static_cast<std::size_t>(std::lower_bound(matrix.names.begin(), matrix.names.end(), name) -
                                    matrix.names.begin());
  };
  for (const Judged& one : all)
    ++matrix.counts[place(one.wanted)][place(one.heard.text)];
  return matrix;
}

/// The pairs of words that stand for each other most often.
report::Table confused(const std::vector<Judged>& all, bool ctc) {
  std::map<AlignedWord, std::int64_t> counts;
  for (const Judged& one : all) {
    if (!ctc && !one.right()) ++counts[{one.wanted, one.heard.text}];
    for (const AlignedWord& pair : one.aligned)
      if (ctc && pair.first != pair.second) ++counts[pair];
  }
  std::vector<std::pair<AlignedWord, std::int64_t>> order(counts.begin(), counts.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  report::Table table{.key = "confused",
                      .title = {"Most confused", "最易混淆"},
                      .columns = {{"said", {"Said", "实际"}},
                                  {"heard", {"Heard", "识别"}},
                                  {"count", {"Times", "次数"}, Form::count}},
                      .shown = 30};
  for (const auto& [pair, count] : order)
    table.rows.push_back({pair.first, pair.second, count});
  return table;
}

/// The most wrong first: by errors, then by how sure the answer was.
std::vector<const Judged*> mistakes(const std::vector<Judged>& all, int count) {
  std::vector<const Judged*> wrong;
  for (const Judged& one : all)
    if (!one.right()) wrong.push_back(&one);
  std::stable_sort(wrong.begin(), wrong.end(), [](const Judged* a, const Judged* b) {
    return std::pair(a->words.errors(), a->heard.probability) >
           std::pair(b->words.errors(), b->heard.probability);
  });
  wrong.resize(std::min(wrong.size(), static_cast<std::size_t>(std::max(count, 0))));
  return wrong;
}

report::Table table_of(const std::vector<const Judged*>& wrong) {
  report::Table table{.key = "mistakes",
                      .title = {"Worst mistakes", "最严重的错误"},
                      .columns = {{"clip", {"Clip", "录音"}},
                                  {"said", {"Said", "实际"}},
                                  {"heard", {"Heard", "识别"}},
                                  {"probability", {"Probability", "概率"}, Form::share}}};
  for (const Judged* const one : wrong)
    table.rows.push_back({one->clip->name, one->wanted, one->heard.text, one->heard.probability});
  return table;
}

double loss_of(const SpeechRecognizer& recognizer, const Dataset& test) {
  return static_cast<double>(recognizer.impl().network.evaluate(test).at("loss"));
}

}  // namespace

std::vector<double> right_answers(const SpeechNet& net, const SpeechBatch& batch) {
  const Sequences states = net.states(batch);
  double right = 0;
  const auto row = [](const Var& rows, std::int64_t at) {
    const auto columns = static_cast<std::size_t>(rows.columns());
    return rows.values().subspan(static_cast<std::size_t>(at) * columns, columns);
  };
  const Var scores = net.ctc() ? net.symbol_scores(states).rows() : net.class_scores(states);
  for (std::int64_t i = 0; i < batch.layout->sequences(); ++i) {
    if (!net.ctc()) {
      const auto own = row(scores, i);
      const auto found = std::max_element(own.begin(), own.end()) - own.begin();
      right += found == static_cast<std::ptrdiff_t>(batch.labels.at(i)) ? 1 : 0;
      continue;
    }
    CTCGreedy greedy;
    for (std::int64_t t = 0; t < states.layout()->length(i); ++t)
      greedy.push(row(scores, states.layout()->row(i, t)));
    right += greedy.reading().labels == batch.targets[static_cast<std::size_t>(i)] ? 1 : 0;
  }
  return {right, static_cast<double>(batch.layout->sequences())};
}

report::Heat spectrogram(const SpeechInput& input, const Sound& sound, Words title) {
  // Normalised features: two deviations below the mean are clear, two above are darkest.
  constexpr float clear = -2;
  constexpr std::size_t named_every = 50;
  const std::vector<float> features = input.features(sound);
  const auto mels = static_cast<std::size_t>(input.mel.mels);
  const std::size_t frames = features.size() / mels;
  report::Heat heat{.key = {},
                    .title = std::move(title),
                    .row_title = {"frequency", "频率"},
                    .column_title = {"seconds", "秒"},
                    .rows = std::vector<std::string>(mels),
                    .columns = std::vector<std::string>(frames),
                    .most = 4};
  heat.rows.front() =
      plain(input.mel.high > 0 ? input.mel.high : static_cast<float>(input.mel.rate) / 2) + " Hz";
  heat.rows.back() = plain(input.mel.low) + " Hz";
  for (std::size_t t = 0; t < frames; t += named_every)
    heat.columns[t] = fixed(static_cast<double>(t) * static_cast<double>(input.mel.hop) / 1000, 1);
  for (std::size_t m = mels; m-- > 0;) {
    std::vector<float>& row = heat.values.emplace_back();
    for (std::size_t t = 0; t < frames; ++t)
      row.push_back(std::max(0.0F, features[t * mels + m] - clear));
  }
  return heat;
}

SpeechEvaluation evaluation_of(const SpeechRecognizer& recognizer, const Dataset& test, int worst) {
  const SpeechInput& input = recognizer.impl().network.input();
  const std::vector<Judged> all = judged(recognizer, test);
  SpeechEvaluation evaluation{.clips = static_cast<std::int64_t>(test.size()), .ctc = input.ctc};
  WordErrors words, sclite, characters;
  std::int64_t right = 0;
  for (const Judged& one : all) {
    words += one.words;
    sclite += one.sclite;
    characters += one.characters;
    right += one.right() ? 1 : 0;
  }
  evaluation.words = words.words();
  evaluation.accuracy = static_cast<double>(right) / static_cast<double>(all.size());
  evaluation.word_errors = words.rate();
  evaluation.sclite_errors = sclite.rate();
  evaluation.character_errors = characters.rate();
  evaluation.loss = loss_of(recognizer, test);
  if (!input.ctc && input.symbols.size() <= 30) evaluation.blocks.emplace_back(confusion(input, all));
  if (report::Table pairs = confused(all, input.ctc); !pairs.rows.empty())
    evaluation.blocks.emplace_back(std::move(pairs));
  const std::vector<const Judged*> wrong = mistakes(all, worst);
  if (!wrong.empty()) evaluation.blocks.emplace_back(table_of(wrong));
  for (std::size_t i = 0; i < std::min<std::size_t>(wrong.size(), 4); ++i)
    evaluation.blocks.emplace_back(
        spectrogram(input, sound_of(*wrong[i]->clip),
                    {"“" + wrong[i]->wanted + "”, heard as “" + wrong[i]->heard.text + "”",
                     "“" + wrong[i]->wanted + "”被识别为“" + wrong[i]->heard.text + "”"}));
  return evaluation;
}

}  // namespace rondo::speech
