#include "tasks/translate/application.h"

#include <algorithm>

#include "base/fields.h"
#include "base/message.h"
#include "base/shown.h"
#include "tasks/options/training.h"
#include "tasks/reading_record.h"
#include "tasks/translate/evaluation.h"
#include "tasks/translate/pairs.h"
#include "tasks/translate/verb.h"
#include "tasks/verb.h"

namespace rondo::translate {
namespace {

namespace fs = std::filesystem;

/// What later files are read by: the endings of the training files, or their keys.
std::string record_of(const std::vector<fs::path>& files, const ReadingOptions& reading) {
  std::string from = reading.from, to = reading.to;
  if (files.size() >= 2 && from.empty() && to.empty())
    for (std::size_t i = 0; i < files.size(); ++i) {
      std::string& side = i % 2 == 0 ? from : to;
      const std::vector<std::string> known = languages_in(side);
      const std::string own = language_of(files[i]);
      if (std::find(known.begin(), known.end(), own) == known.end()) side += (side.empty() ? "" : ",") + own;
    }
  return dump_json(Json{{"from", from}, {"to", to}});
}

/// The options, with the sides of the training data where they name none.
ReadingOptions with_sides(ReadingOptions reading, const std::string& record) {
  if (record.empty() || !reading.from.empty() || !reading.to.empty()) return reading;
  const Json sides = parse_reading(record);
  reading.from = text_in(sides, "from");
  reading.to = text_in(sides, "to");
  return reading;
}

Evaluation summary_of(TranslationEvaluation evaluation) {
  const auto score = [](const char* name, Words title, double value, Better better, bool headline) {
    return Score{
        .name = name, .title = std::move(title), .value = value, .better = better, .headline = headline};
  };
  Evaluation all{
      .examples = evaluation.sentences,
      .counted = TranslationTask::counted(),
      .scores = {score("bleu", {"BLEU", "BLEU"}, evaluation.bleu, Better::higher, true),
                 score("chrf", {"chrF2", "chrF2"}, evaluation.chrf, Better::higher, true),
                 score("loss", {"Nats a token", "每词元纳特数"}, evaluation.loss, Better::lower, false),
                 {.name = "tokens",
                  .title = {"Tokens of the references", "参考译文词元数"},
                  .value = static_cast<double>(evaluation.tokens),
                  .form = Form::count}},
      .blocks = std::move(evaluation.blocks)};
  if (!evaluation.signature.empty())
    all.blocks.emplace_back(report::Note{{"BLEU: " + evaluation.signature, "BLEU：" + evaluation.signature}});
  return all;
}

/// Error(data) for a pair in a direction that the model does not know.
void check_directions(const TrainedTranslator& model, const Dataset& pairs) {
  const std::vector<std::string>& known = model.translator.directions();
  for (const SentencePair* const pair : pairs_in(pairs))
    if (std::find(known.begin(), known.end(), pair->direction()) == known.end())
      fail(ErrorKind::data, "the data have pairs of the direction " + quote(pair->direction()) +
                                "; the model knows " + joined(known, ", ") +
                                "; name the languages by --from and --to");
}

/// The first sentence of the part whose picture can be taken in at a glance.
const SentencePair* one_to_show(const Dataset& part) {
  for (const SentencePair* const pair : pairs_in(part)) {
    const std::size_t words = words_of(pair->source).size();
    if (words >= 5 && words <= 14) return pair;
  }
  return part.empty() ? nullptr : &part.example<SentencePair>(0);
}

}  // namespace

std::vector<std::string> TranslationTask::examples() {
  return {"rondo train translate train.en train.fr --valid dev.en --test test.en --out en-fr.rondo",
          "rondo train translate pairs.tsv --out en-fr.rondo"};
}

std::vector<Verb> TranslationTask::verbs() {
  const auto run = [](const TrainedTranslator& model, const TranslateCommand& command, const VerbCall& call) {
    translate_stream(model.translator, command, call);
  };
  return {verb_of<TranslationTask, TranslateCommand>(
      "translate", "translate lines of text", "texts to translate; else standard input", +run,
      {"rondo translate en-fr.rondo < news.en > news.fr",
       "rondo translate en-fr.rondo --n-best 3 \"Hello, how are you?\"",
       "paste news.en news.fr | rondo translate en-fr.rondo --score"})};
}

void TranslationTask::check(const Options& options, const Reading&, const PlaceOf& place) {
  check_monitor(options.training, {"loss", "perplexity"}, place);
}

Parts TranslationTask::read(const std::vector<fs::path>& files, const Reading& reading,
                            const TrainedTranslator* model) {
  Parts parts;
  const ReadingOptions sides =
      model == nullptr ? reading : with_sides(reading, model->model().application().reading);
  const bool directions = model != nullptr && !model->translator.directions().empty();
  parts.train = read_files(files, sides, {model != nullptr, directions}, &parts.notices);
  if (directions) check_directions(*model, parts.train);
  parts.reading = record_of(files, reading);
  std::vector<std::string_view> sample;
  for (const SentencePair* const pair : pairs_in(parts.train.take(200)))
    for (const std::string* const side : {&pair->source, &pair->target})
      sample.emplace_back(*side);
  parts.chinese = tokenizer_for(sample) == Tokenizer::characters;
  return parts;
}

Dataset TranslationTask::read_more(const fs::path& file, Reading reading, Parts& parts) {
  const ReadFor use{.scores = true,
                    .directions = !parts.train.empty() && !parts.train.example<SentencePair>(0).to.empty()};
  return read_files({file}, with_sides(std::move(reading), parts.reading), use, &parts.notices);
}

std::vector<std::string> TranslationTask::plan(Options& options, const Parts& parts, const PlaceOf&) {
  std::vector<std::string> reasons;
  options = Translator::plan(parts.train, parts.valid, std::move(options), &reasons);
  return reasons;
}

TrainedTranslator TranslationTask::train(const Options& options, const Parts& parts, TrainingRun run) {
  return {Translator::train(parts.train, parts.valid, options, std::move(run))};
}

TrainedTranslator TranslationTask::load(const fs::path& file) {
  return {Translator::load(file)};
}

Evaluation TranslationTask::nothing() {
  return summary_of({});
}

Evaluation TranslationTask::evaluate(const TrainedTranslator& model, const Dataset& examples, int worst) {
  return summary_of(model.translator.evaluate(examples, worst));
}

std::vector<std::string> TranslationTask::check_answering(const TrainedTranslator& model,
                                                          const Answering& answering) {
  translate::check(answering);
  model.model().input().check_direction(answering.from, answering.to);
  return {};
}

std::vector<Answer> TranslationTask::answer(const TrainedTranslator& model,
                                            std::span<const std::string> lines, const Answering& answering) {
  std::vector<Answer> answers;
  for (const std::vector<Translation>& found : model.translator.translate(lines, answering)) {
    Answer& answer = answers.emplace_back();
    Json all = Json::array();
    for (const Translation& one : found) {
      answer.text += (answer.text.empty() ? "" : "\t") + one_line(one.text);
      all.push_back({{"translation", one.text},
                     {"log_probability", json_number(one.log_probability)},
                     {"score", json_number(one.score)}});
    }
    answer.json = dump_json({{"source", lines[answers.size() - 1]}, {"translations", std::move(all)}});
  }
  return answers;
}

std::vector<report::Section> TranslationTask::sections(const TrainedTranslator& model, const Parts& parts,
                                                       const Evaluation& evaluation) {
  std::vector<report::Section> sections;
  if (evaluation.examples > 0)
    sections.push_back({{"Scores on the test part", "测试集成绩"}, evaluation.blocks});
  const SentencePair* const shown = one_to_show(parts.test.empty() ? parts.valid : parts.test);
  if (shown != nullptr && model.model()->attends()) {
    const SentencePair pair{shown->source, model.translator.translate(shown->source, shown->from, shown->to),
                            shown->from, shown->to};
    const std::vector<ScoredTranslation> looked = model.translator.score(std::span(&pair, 1));
    sections.push_back({{"Attention", "注意力"}, {attention_map(looked.front())}});
  }
  report::Histogram lengths{
      .title = {"Words of the sources", "原文词数"}, .x_title = {"words", "词数"}, .values = {}};
  for (const SentencePair* const pair : pairs_in(parts.train.take(100'000)))
    lengths.values.push_back(static_cast<std::int32_t>(words_of(pair->source).size()));
  sections.push_back({{"Training data", "训练数据"}, {std::move(lengths)}});
  return sections;
}

std::vector<Fact> TranslationTask::facts(const TrainedTranslator& model) {
  const TranslationInput& input = model.model().input();
  const auto count = [](std::string key, Words title, std::int64_t value) {
    return Fact{std::move(key), std::move(title), {grouped(value), grouped(value)}, std::to_string(value)};
  };
  return {count("source_vocabulary", {"Vocabulary of the source", "源语言词表"}, input.source.size()),
          count("target_vocabulary", {"Vocabulary of the target", "目标语言词表"}, input.target.size())};
}

}  // namespace rondo::translate
