#include "tasks/translate/scores/scorers.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "base/message.h"
#include "base/random.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "tasks/translate/scores/chrf.h"

namespace rondo::translate {
namespace {

using Lines = std::vector<std::string>;
constexpr std::string_view reference_version = "2.6.0";

/// What both scorers take.
struct CommonScoring {
  bool lowercase = false;
  std::filesystem::path against = {};
  int samples = 1000;
  std::uint64_t seed = 12345;

  static constexpr auto fields() {
    using O = CommonScoring;
    return std::tuple{field("lowercase", &O::lowercase, "take upper and lower case for the same"),
                      field("against", &O::against,
                            "another system's translations: paired bootstrap says whether the difference is "
                            "one (Koehn 2004)"),
                      field("samples", &O::samples, "samples of the bootstrap", 1, 1 << 24),
                      field("seed", &O::seed, "what the samples are drawn by")};
  }
};
static_assert(all_fields_listed<CommonScoring>);

struct BleuOptions {
  BleuTokenizer tokenize = BleuTokenizer::automatic;
  CommonScoring common = {};

  static constexpr auto fields() {
    return std::tuple{field("tokenize", &BleuOptions::tokenize,
                            "how lines are cut before they are compared; auto: zh for Chinese, else 13a"),
                      group(&BleuOptions::common, "Comparison")};
  }
};
static_assert(all_fields_listed<BleuOptions>);

struct ChrfOptions {
  int word_order = 0;
  CommonScoring common = {};

  static constexpr auto fields() {
    return std::tuple{field("word_order", &ChrfOptions::word_order,
                            "n-grams of words that count besides those of characters; 2: chrF++", 0, 8),
                      group(&ChrfOptions::common, "Comparison")};
  }
};
static_assert(all_fields_listed<ChrfOptions>);

Lines read_lines(const std::filesystem::path& file) {
  Lines lines;
  LineReader reader(file);
  for (std::string line; reader.next(line);) {
    const std::string_view text = reader.number() == 1 ? without_byte_order_mark(line) : line;
    require_utf8(text, file.string(), reader.number());
    lines.emplace_back(text);
  }
  return lines;
}

/// A hypothesis and its references, line by line.
struct Compared {
  Lines hypothesis;
  std::vector<Lines> references;

  std::vector<std::string_view> of(std::size_t line) const {
    std::vector<std::string_view> own;
    for (const Lines& reference : references)
      own.push_back(reference[line]);
    return own;
  }
};

Compared read_compared(std::span<const std::filesystem::path> files) {
  Compared all{read_lines(files[0]), {}};
  for (const std::filesystem::path& file : files.subspan(1)) {
    all.references.push_back(read_lines(file));
    if (all.references.back().size() != all.hypothesis.size())
      fail(ErrorKind::data, files[0].string() + " has " + std::to_string(all.hypothesis.size()) + " lines, " +
                                file.string() + " " + std::to_string(all.references.back().size()) +
                                "; line n of one is compared with line n of the other, empty lines too");
  }
  if (all.hypothesis.empty()) fail(ErrorKind::data, files[0].string() + " is empty");
  return all;
}

/// Scores of both systems on the same samples of lines.
template <class Counts>
Json bootstrap(const std::vector<Counts>& a, const std::vector<Counts>& b, const CommonScoring& options,
               std::string& text) {
  const auto score_of = [](const std::vector<Counts>& of, const std::vector<std::size_t>& lines) {
    Counts sum;
    for (const std::size_t i : lines)
      sum += of[i];
    return sum.score();
  };
  std::vector<std::size_t> lines(a.size());
  for (std::size_t i = 0; i < lines.size(); ++i)
    lines[i] = i;
  const double first = score_of(a, lines), second = score_of(b, lines), difference = first - second;
  Random random(options.seed, 0);
  int as_far = 0;
  for (int s = 0; s < options.samples; ++s) {
    for (std::size_t& line : lines)
      line = std::min(a.size() - 1,
                      static_cast<std::size_t>(random.uniform(0, 1) * static_cast<float>(a.size())));
    const double sampled = score_of(a, lines) - score_of(b, lines);
    // Samples are around the difference itself; under the null hypothesis they would be around 0.
    if (std::abs(sampled - difference) >= std::abs(difference)) ++as_far;
  }
  const double p = (as_far + 1.0) / (options.samples + 1.0);
  text += "other system " + fixed(second, 2) + ", difference " + fixed(difference, 2) +
          ", p = " + fixed(p, 4) + " (paired bootstrap, " + std::to_string(options.samples) + " samples)\n";
  return {{"score", second}, {"difference", difference}, {"p", p}, {"samples", options.samples}};
}

template <class Counts, class CountsOf>
Json compared_with(const std::vector<Counts>& own, Compared all, const CommonScoring& options,
                   const CountsOf& counts_of, std::string& text) {
  all.hypothesis = read_lines(options.against);
  if (all.hypothesis.size() != own.size())
    fail(ErrorKind::data, options.against.string() + " has " + std::to_string(all.hypothesis.size()) +
                              " lines, the first system " + std::to_string(own.size()));
  std::vector<Counts> other;
  for (std::size_t i = 0; i < own.size(); ++i)
    other.push_back(counts_of(all.hypothesis[i], all.of(i)));
  return bootstrap(own, other, options, text);
}

FileScores bleu(std::span<const std::filesystem::path> files, const OptionTable& table) {
  const auto& options = table.as<BleuOptions>();
  const Compared all = read_compared(files);
  const BleuTokenizer natural = tokenizer_of(all.references.front());
  const BleuTokenizer tokenizer = options.tokenize == BleuTokenizer::automatic ? natural : options.tokenize;
  const auto counts_of = [&](std::string_view line, const std::vector<std::string_view>& references) {
    return bleu_counts(line, references, tokenizer, options.common.lowercase);
  };
  std::vector<BleuCounts> own;
  BleuCounts sum;
  for (std::size_t i = 0; i < all.hypothesis.size(); ++i)
    sum += own.emplace_back(counts_of(all.hypothesis[i], all.of(i)));
  const std::string signature = bleu_signature(tokenizer, all.references.size(), options.common.lowercase);
  const auto p = sum.precisions();
  std::string text = "BLEU|" + signature + " = " + fixed(sum.score(), 2) + " " + fixed(p[0], 1) + "/" +
                     fixed(p[1], 1) + "/" + fixed(p[2], 1) + "/" + fixed(p[3], 1) +
                     " (BP = " + fixed(sum.brevity_penalty(), 3) + " ratio = " +
                     fixed(sum.reference_length > 0
                               ? static_cast<double>(sum.length) / static_cast<double>(sum.reference_length)
                               : 0,
                           3) +
                     " hyp_len = " + std::to_string(sum.length) +
                     " ref_len = " + std::to_string(sum.reference_length) + ")\n";
  Json json = {{"name", "BLEU"},
               {"score", sum.score()},
               {"signature", signature},
               {"precisions", p},
               {"bp", sum.brevity_penalty()},
               {"hyp_len", sum.length},
               {"ref_len", sum.reference_length}};
  if (!options.common.against.empty())
    json["against"] = compared_with(own, all, options.common, counts_of, text);
  FileScores scores{text, dump_json(json)};
  if (natural == BleuTokenizer::zh && tokenizer == BleuTokenizer::t13a)
    scores.notices.emplace_back(
        "the references are mostly Chinese, which 13a does not cut; take --tokenize zh");
  if (sum.total[3] == 0 && sum.length > 0)
    scores.notices.emplace_back(
        "no line has four tokens, so BLEU is 0; it is a score of whole texts: chrf is "
        "better for short ones");
  return scores;
}

FileScores chrf(std::span<const std::filesystem::path> files, const OptionTable& table) {
  const auto& options = table.as<ChrfOptions>();
  const Compared all = read_compared(files);
  const auto counts_of = [&](std::string_view line, const std::vector<std::string_view>& references) {
    return chrf_counts(line, references, options.word_order, options.common.lowercase);
  };
  std::vector<ChrfCounts> own;
  ChrfCounts sum;
  for (std::size_t i = 0; i < all.hypothesis.size(); ++i)
    sum += own.emplace_back(counts_of(all.hypothesis[i], all.of(i)));
  const std::string name = options.word_order == 2 ? "chrF2++" : "chrF2";
  const std::string signature = "nrefs:" + std::to_string(all.references.size()) +
                                "|case:" + (options.common.lowercase ? "lc" : "mixed") +
                                "|eff:yes|nc:6|nw:" + std::to_string(options.word_order) +
                                "|space:no|version:" + std::string(reference_version);
  std::string text = name + "|" + signature + " = " + fixed(sum.score(), 2) + "\n";
  Json json = {{"name", name}, {"score", sum.score()}, {"signature", signature}};
  if (!options.common.against.empty())
    json["against"] = compared_with(own, all, options.common, counts_of, text);
  return {text, dump_json(json)};
}

}  // namespace

std::string bleu_signature(BleuTokenizer tokenizer, std::size_t references, bool lowercase) {
  return "nrefs:" + std::to_string(references) + "|case:" + (lowercase ? "lc" : "mixed") +
         "|eff:no|tok:" + std::string(name_of(tokenizer)) +
         "|smooth:exp|version:" + std::string(reference_version);
}

Scorer bleu_scorer() {
  return {.name = "bleu",
          .about = "translations: BLEU, as sacreBLEU counts and prints it",
          .files = {"TRANSLATION", "REFERENCE"},
          .files_about = "a sentence a line; several references may be given",
          .more_files = true,
          .options = OptionTable::of<BleuOptions>(),
          .examples = {"rondo score bleu mine.fr test.fr", "rondo score bleu --tokenize zh mine.zh test.zh",
                       "rondo score bleu mine.fr test.fr --against other.fr"},
          .score = bleu};
}

Scorer chrf_scorer() {
  return {.name = "chrf",
          .about = "translations: chrF and chrF++, as sacreBLEU counts and prints them",
          .files = {"TRANSLATION", "REFERENCE"},
          .files_about = "a sentence a line; several references may be given",
          .more_files = true,
          .options = OptionTable::of<ChrfOptions>(),
          .examples = {"rondo score chrf mine.fr test.fr", "rondo score chrf --word-order 2 mine.fr test.fr"},
          .score = chrf};
}

}  // namespace rondo::translate
