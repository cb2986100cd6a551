#include "tasks/lm/application.h"

#include <cmath>

#include "base/message.h"
#include "base/shown.h"
#include "data/table.h"
#include "tasks/lm/text.h"
#include "tasks/lm/verb.h"
#include "tasks/options/training.h"
#include "tasks/reading_record.h"
#include "tasks/verb.h"

namespace rondo::lm {
namespace {

std::vector<Score> scores_of(const TextScore& score) {
  const auto count = [](std::int64_t value) { return static_cast<double>(value); };
  std::vector<Score> scores = {
      {.name = "perplexity",
       .title = {"Perplexity a token", "每词元困惑度"},
       .value = score.perplexity(),
       .better = Better::lower,
       .headline = true},
      {.name = "bits_per_character",
       .title = {"Bits a character", "每字符比特数"},
       .value = score.bits_per_character(),
       .better = Better::lower,
       .headline = true},
      {.name = "bits_per_byte",
       .title = {"Bits a byte", "每字节比特数"},
       .value = score.bits_per_byte(),
       .better = Better::lower},
      {.name = "word_perplexity",
       .title = {"Perplexity a word (line ends count)", "每词困惑度（换行计入）"},
       .value = score.word_perplexity(),
       .better = Better::lower},
      {.name = "loss",
       .title = {"Nats a token", "每词元纳特数"},
       .value = score.tokens > 0 ? score.nats / count(score.tokens) : 0,
       .better = Better::lower},
      {.name = "nats", .title = {"Nats in all", "纳特总数"}, .value = score.nats, .better = Better::lower},
      {.name = "tokens", .title = {"Tokens", "词元数"}, .value = count(score.tokens), .form = Form::count},
      {.name = "unknown_tokens",
       .title = {"Unknown tokens", "未知词元数"},
       .value = count(score.unknown),
       .form = Form::count,
       .better = Better::lower},
      {.name = "characters",
       .title = {"Characters", "字符数"},
       .value = count(score.characters),
       .form = Form::count},
      {.name = "words", .title = {"Words", "词数"}, .value = count(score.words), .form = Form::count}};
  // That of a word is too large for a number where a text has hardly any blanks, as Chinese has.
  std::erase_if(scores, [](const Score& one) { return !std::isfinite(one.value); });
  return scores;
}

/// The columns of a table are named once, in training.
std::string record_of(const ReadingOptions& reading) {
  return dump_json(Json{{"text", reading.text}, {"label", reading.label}});
}

ReadingOptions with_columns(ReadingOptions reading, const std::string& record) {
  if (record.empty() || !reading.text.empty()) return reading;
  const Json columns = parse_reading(record);
  reading.text = text_in(columns, "text");
  if (reading.label.empty()) reading.label = text_in(columns, "label");
  return reading;
}

Evaluation summary_of(const TextScore& score, std::size_t documents) {
  return {.examples = static_cast<std::int64_t>(documents),
          .counted = LanguageModelling::counted(),
          .scores = scores_of(score)};
}

}  // namespace

std::vector<std::string> LanguageModelling::examples() {
  return {"rondo train lm shakespeare.txt --out shakespeare.rondo",
          "rondo train lm ptb.train.txt --valid ptb.valid.txt --test ptb.test.txt --tokenizer blanks --out "
          "ptb.rondo",
          "rondo train lm poems.tsv --text text --out poems.rondo",
          "rondo train lm reviews.csv --text review --label label --out reviews.rondo"};
}

std::vector<Verb> LanguageModelling::verbs() {
  const auto run = [](const Writer& writer, const GenerateCommand& command, const VerbCall& call) {
    generate(writer.language, command, call);
  };
  Verb verb = verb_of<LanguageModelling, GenerateCommand>(
      "generate", "write text with a language model", "prompt to go on from; several are answered in turn",
      +run,
      {"rondo generate shakespeare.rondo --prompt \"ROMEO:\" --length 300 --temperature 0.8",
       "rondo generate shakespeare.rondo --samples 5 --top-p 0.9 --seed 7",
       "rondo generate reviews.rondo --label positive --samples 3"});
  verb.reads_terminal = false;
  return {std::move(verb)};
}

void LanguageModelling::check(const Options& options, const Reading&, const PlaceOf& place) {
  check_monitor(options.training, {"loss", "perplexity"}, place);
}

Parts LanguageModelling::read(const std::vector<std::filesystem::path>& files, const Reading& reading,
                              const Writer* model) {
  Parts parts;
  const bool known = model != nullptr && !files.empty() && data::names_table(files.front());
  const ReadingOptions columns =
      known ? with_columns(reading, model->model().application().reading) : reading;
  parts.train = read_text(files, columns, &parts.notices);
  parts.reading = record_of(columns);
  std::vector<std::string_view> sample = documents_in(parts.train.take(200));
  for (std::string_view& document : sample)
    document = document.substr(0, document.find('\n', 1'000));  // a whole line is whole UTF-8
  parts.chinese = tokenizer_for(sample) == Tokenizer::characters;
  return parts;
}

Dataset LanguageModelling::read_more(const std::filesystem::path& file, Reading reading, Parts& parts) {
  if (data::names_table(file)) reading = with_columns(std::move(reading), parts.reading);
  return read_text({file}, reading, &parts.notices);
}

void LanguageModelling::hold_out(Parts& parts, double valid, double test, std::uint64_t) {
  const auto take = [&](Dataset& part, double share) {
    auto [first, last] = cut(parts.train, share);
    if (first.empty() || last.empty()) {
      parts.notices.push_back("the text is too short for a part to be held out of it");
      return;
    }
    parts.train = std::move(first);
    part = std::move(last);
  };
  if (test > 0) take(parts.test, test);
  if (valid > 0) take(parts.valid, valid / (1 - test));
}

std::vector<std::string> LanguageModelling::plan(Options& options, const Parts& parts, const PlaceOf&) {
  std::vector<std::string> reasons;
  options = LanguageModel::plan(parts.train, parts.valid, std::move(options), &reasons);
  return reasons;
}

Writer LanguageModelling::train(const Options& options, const Parts& parts, TrainingRun run) {
  return {LanguageModel::train(parts.train, parts.valid, options, std::move(run))};
}

Writer LanguageModelling::load(const std::filesystem::path& file) {
  return {LanguageModel::load(file)};
}

Evaluation LanguageModelling::nothing() {
  return summary_of({}, 0);
}

Evaluation LanguageModelling::evaluate(const Writer& writer, const Dataset& examples, int,
                                       const AdaptationOptions& adaptation) {
  return summary_of(writer.language.score(examples, adaptation), examples.size());
}

std::vector<Answer> LanguageModelling::answer(const Writer& writer, std::span<const std::string> lines,
                                              const Answering& answering) {
  std::vector<Answer> answers;
  answers.reserve(lines.size());
  for (const std::string& line : lines) {
    const LanguageModel::Scored scored = writer.language.score_tokens(line, answering.label);
    double sum = 0;
    Json tokens = Json::array(), log_probabilities = Json::array();
    for (std::size_t i = 0; i < scored.tokens.size(); ++i) {
      sum += scored.log_probabilities[i];
      tokens.push_back(scored.texts[i]);
      log_probabilities.push_back(json_number(scored.log_probabilities[i]));
    }
    Answer answer;
    answer.text = fixed(sum, 4) + "\t" + std::to_string(scored.tokens.size()) + "\t" + one_line(line);
    answer.json = dump_json({{"text", line},
                             {"log_probability", json_number(sum)},
                             {"tokens", std::move(tokens)},
                             {"logprobs", std::move(log_probabilities)}});
    answers.push_back(std::move(answer));
  }
  return answers;
}

std::vector<std::string> LanguageModelling::check_answering(const Writer& writer,
                                                            const Answering& answering) {
  writer.model().input().label_number(answering.label);
  return {};
}

std::vector<Fact> LanguageModelling::facts(const Writer& writer) {
  const Vocab& vocab = writer.language.units().vocab();
  const std::string labels = writer.language.labels().empty() ? "-" : joined(writer.language.labels(), ", ");
  const std::string unit(name_of(writer.language.units().options().tokenizer));
  return {
      {.key = "tokenizer", .title = {"Tokens", "词元"}, .text = {unit, unit}, .json = dump_json(Json(unit))},
      {.key = "vocabulary",
       .title = {"Vocabulary", "词表"},
       .text = {std::to_string(vocab.size()), std::to_string(vocab.size())},
       .json = std::to_string(vocab.size())},
      {.key = "labels",
       .title = {"Labels to write for", "可指定的标签"},
       .text = {labels, labels},
       .json = dump_json(Json(writer.language.labels()))}};
}

}  // namespace rondo::lm
