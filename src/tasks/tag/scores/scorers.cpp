#include "tasks/tag/scores/scorers.h"

#include <cmath>
#include <set>
#include <tuple>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "base/message.h"
#include "base/utf8.h"
#include "tasks/tag/files/blanks.h"
#include "tasks/tag/files/parser.h"
#include "tasks/tag/scheme_finder.h"
#include "tasks/tag/scores/phrases.h"
#include "tasks/tag/scores/words.h"

namespace rondo::tag {
namespace {

struct ConllevalOptions {
  SchemeChoice scheme = SchemeChoice::automatic;
  bool strict = false;
  std::vector<int> columns = {-2, -1};

  static constexpr auto fields() {
    using O = ConllevalOptions;
    return std::tuple{
        field("scheme", &O::scheme,
              "how tags say where phrases begin and end; iob1 and iob2: conlleval.pl's rules, whatever the "
              "tags; auto: these, or bioes and bmes where the tags have their letters"),
        field("strict", &O::strict, "count only phrases that the scheme has whole, as seqeval's strict mode"),
        field("columns", &O::columns, "columns of truth and answer, from 1, negative from the last")};
  }
};
static_assert(all_fields_listed<ConllevalOptions>);

struct SighanOptions {
  std::filesystem::path words = {};

  static constexpr auto fields() {
    return std::tuple{field("words", &SighanOptions::words,
                            "words of the training data, one a line, or that data themselves with blanks "
                            "between the words; what they lack is out of vocabulary (OOV)")};
  }
};
static_assert(all_fields_listed<SighanOptions>);

/// Lines of a file as valid UTF-8, a byte order mark left out.
template <class Line>
void each_line(const std::filesystem::path& file, Line&& line_of) {
  LineReader lines(file);
  for (std::string line; lines.next(line);) {
    const std::string_view text = lines.number() == 1 ? without_byte_order_mark(line) : line;
    require_utf8(text, file.string(), lines.number());
    line_of(text, lines.number());
  }
}

/// Truth and answer of a sentence.
struct TagPair {
  Strings gold, answer;
};

std::vector<TagPair> read_pairs(std::span<const std::filesystem::path> files,
                                const std::vector<int>& columns) {
  std::vector<TagPair> pairs;
  const auto add = [&](std::optional<SentenceLines> read) {
    if (read && !read->sentence.tokens.empty())
      pairs.push_back({std::move(read->sentence.tokens), std::move(read->sentence.tags)});
  };
  for (const std::filesystem::path& file : files) {
    const auto parser = conll_parser({.format = TagFormat::conll, .columns = columns}, file.string(),
                                     ParseFor::learning, {"true tag", "answer"});
    each_line(file, [&](std::string_view line, std::uint64_t) { add(parser->take(line)); });
    add(parser->end());
  }
  return pairs;
}

/// Which phrases are counted, and what is said of that: nothing where it is as conlleval.pl does it.
struct Rule {
  TagScheme scheme = TagScheme::iob2;
  PhraseReading reading = PhraseReading::conlleval;
  std::string text = {};
};

Rule rule_for(const ConllevalOptions& options, const std::vector<TagPair>& pairs) {
  SchemeFinder finder;
  for (const TagPair& pair : pairs)
    finder.add(pair.gold, [](std::size_t) { return std::string(); });
  const bool open = options.scheme == SchemeChoice::automatic;
  Rule rule{.scheme = open ? finder.found() : scheme_of(options.scheme)};
  const bool letters = rule.scheme == TagScheme::bioes || rule.scheme == TagScheme::bmes;
  if (options.strict && rule.scheme == TagScheme::none)
    fail(ErrorKind::option, "strict: the tags follow no scheme; name it with --scheme");
  if (options.strict)
    rule.reading = PhraseReading::strict;
  else if (letters)
    rule.reading = PhraseReading::scheme;
  if (letters || options.strict)
    rule.text = "phrases by the scheme " + std::string(name_of(rule.scheme)) +
                (open ? ", which the true tags follow" : "") +
                (options.strict ? ", strictly: only whole ones count" : "") + "\n";
  return rule;
}

Json json_of(const PhraseScores& scores, const Rule& rule) {
  const auto counts = [](const PhraseCounts& c) {
    return Json{{"precision", c.precision()}, {"recall", c.recall()}, {"f1", c.f1()}, {"gold", c.gold},
                {"found", c.found},           {"correct", c.correct}};
  };
  constexpr std::string_view readings[] = {"conlleval", "scheme", "strict"};
  Json json = {{"tokens", scores.tokens()}, {"accuracy", scores.accuracy()}};
  json.update(counts(scores.all()));
  json["scheme"] = name_of(rule.scheme);
  json["reading"] = readings[static_cast<std::size_t>(rule.reading)];
  json["types"] = Json::object();
  for (const auto& [type, c] : scores.types())
    json["types"][type] = counts(c);
  return json;
}

FileScores conlleval(std::span<const std::filesystem::path> files, const OptionTable& table) {
  const auto& options = table.as<ConllevalOptions>();
  const std::vector<TagPair> pairs = read_pairs(files, options.columns);
  const Rule rule = rule_for(options, pairs);
  PhraseScores scores(rule.scheme, rule.reading);
  for (const TagPair& pair : pairs)
    scores.add(pair.gold, pair.answer);
  return {rule.text + scores.text(), dump_json(json_of(scores, rule))};
}

std::vector<Strings> read_words(const std::filesystem::path& file) {
  std::vector<Strings> lines;
  each_line(file, [&](std::string_view line, std::uint64_t) {
    lines.emplace_back();
    for (const std::string_view word : words_between_blanks(line))
      lines.back().push_back(word);
  });
  return lines;
}

Json json_of(const WordScores& scores, bool with_words) {
  const auto number = [](double value) { return std::isnan(value) ? Json() : Json(value); };
  const auto counts = [&](const WordCounts& c) {
    Json json = {{"recall", c.recall()}, {"precision", c.precision()}, {"f1", c.f1()},
                 {"gold", c.gold},       {"found", c.found},           {"correct", c.correct}};
    if (with_words)
      json.update({{"oov_rate", c.unseen_rate()},
                   {"oov_recall", number(c.unseen_recall())},
                   {"iv_recall", number(c.seen_recall())}});
    return json;
  };
  Json json = counts(scores.by_diff());
  const WordChanges& c = scores.changes();
  json.update({{"insertions", c.insertions}, {"deletions", c.deletions}, {"substitutions", c.substitutions}});
  json["by_place"] = counts(scores.by_place());
  return json;
}

std::vector<std::string> notices_of(const WordScores& scores, const std::vector<Strings>& gold,
                                    const std::vector<Strings>& answer) {
  std::vector<std::string> notices;
  if (scores.other_texts() > 0)
    notices.push_back("the texts themselves differ in " + std::to_string(scores.other_texts()) + " of " +
                      std::to_string(gold.size()) + " lines (the first: line " +
                      std::to_string(scores.first_other_text()) +
                      "): what is counted by place means little there");
  std::size_t marks = 0;
  for (const std::vector<Strings>* side : {&gold, &answer})
    for (const Strings& line : *side)
      for (const std::string_view word : line)
        marks += word == "|" || word == "<" || word == ">";
  if (marks > 0)
    notices.push_back(std::to_string(marks) +
                      " words are |, < or >, which the script of 2005 takes for marks of diff where they are "
                      "equal on both sides; here they are words");
  return notices;
}

FileScores sighan(std::span<const std::filesystem::path> files, const OptionTable& table) {
  const auto& options = table.as<SighanOptions>();
  std::set<std::string, std::less<>> known;
  if (!options.words.empty())
    for (const Strings& line : read_words(options.words))
      for (const std::string_view word : line)
        if (!known.contains(word)) known.emplace(word);
  const std::vector<Strings> gold = read_words(files[0]), answer = read_words(files[1]);
  if (gold.size() != answer.size())
    fail(ErrorKind::data, files[0].string() + " has " + std::to_string(gold.size()) + " lines, " +
                              files[1].string() + " " + std::to_string(answer.size()) +
                              "; each line is a sentence, in the same order");
  WordScores scores(options.words.empty() ? WordScores::Seen()
                                          : [&](std::string_view word) { return known.contains(word); });
  for (std::size_t i = 0; i < gold.size(); ++i)
    scores.add(gold[i], answer[i]);
  FileScores all{scores.text(), dump_json(json_of(scores, !options.words.empty())),
                 notices_of(scores, gold, answer)};
  if (options.words.empty())
    all.notices.emplace_back("no --words: no word counts as out of vocabulary (OOV)");
  return all;
}

}  // namespace

Scorer conlleval_scorer() {
  return {.name = "conlleval",
          .about = "phrases (names, chunks) and tags, as conlleval.pl counts and prints them",
          .files = {"FILE"},
          .files_about =
              "a token a line, columns with blanks between, the last two truth and answer; a blank "
              "line ends a sentence",
          .more_files = true,
          .options = OptionTable::of<ConllevalOptions>(),
          .examples = {"rondo score conlleval answers.col"},
          .score = conlleval};
}

Scorer sighan_scorer() {
  return {.name = "sighan",
          .about = "word segmentation, as the script 'score' of the SIGHAN bakeoffs counts and prints it",
          .files = {"GOLD", "ANSWER"},
          .files_about = "a sentence a line, blanks between its words",
          .options = OptionTable::of<SighanOptions>(),
          .examples = {"rondo score sighan --words train.txt gold.txt answer.txt"},
          .score = sighan};
}

}  // namespace rondo::tag
