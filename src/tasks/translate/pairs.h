/// Pairs of sentences as a Dataset, and how they are read.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/tasks/translate.h>

namespace rondo::translate {

/// Pairs as they come, and what is said of those left out.
class PairFilter {
 public:
  PairFilter(const ReadingOptions& options, bool keeps_all);
  /// `where` names the pair in messages: "a.tsv line 3".
  void add(SentencePair pair, const std::string& where);
  /// Counts a line that is no pair.
  void skip(const std::string& why, const std::string& where);
  /// Says how the pairs were read.
  void say(std::string notice) { said_.push_back(std::move(notice)); }
  std::vector<SentencePair> take(std::vector<std::string>* notices);

 private:
  struct Skipped {
    std::string why, first;
    std::size_t count = 0;
  };
  ReadingOptions options_;
  bool keeps_all_;
  std::size_t equal_ = 0;
  std::vector<SentencePair> pairs_;
  std::vector<Skipped> skipped_;
  std::vector<std::string> said_;
};

/// Lines of a file or of text in memory: calls f(line, number).
using EachLine = std::function<void(const std::function<void(std::string_view, std::uint64_t)>&)>;
/// lines: cells with tabs or " ||| " between, quotes are text. csv: cells as RFC 4180 quotes them, on one
/// line.
enum class RowForm { lines, csv };
/// A pair a line: source, then target. Of more columns those that hold text: numbers of sentences and
/// Tatoeba's attributions are left out. A first line with the names of languages (en, French, 中文) or source
/// and target is no pair. `from` and `to` choose columns by name or number. Error(data) if it is not clear
/// which are meant.
void add_rows(const EachLine& lines, const std::string& name, RowForm form, const ReadingOptions& options,
              PairFilter& to);
/// JSON lines with a text in each language, or such an object as "translation"; keys as in `options`, else of
/// the first line that has exactly two texts.
void add_jsonl(const EachLine& lines, const std::string& name, const ReadingOptions& options, PairFilter& to);
/// TMX 1.4: a text in each language. Without languages in `options`, a file of two; the header's is the
/// source.
void add_tmx(const std::filesystem::path& file, const ReadingOptions& options, PairFilter& to);
/// The same of pieces of a file: calls f(piece) until the file ends.
using EachPiece = std::function<void(const std::function<void(std::string_view)>&)>;
void add_tmx(const EachPiece& pieces, const std::string& name, const ReadingOptions& options, PairFilter& to);

/// The pairs of a dataset, in its order.
std::vector<const SentencePair*> pairs_in(const Dataset& pairs);
struct ReadFor {
  bool scores = false;      ///< no pair is left out for its length
  bool directions = false;  ///< languages are named even if there is one direction
};
Dataset read_files(const std::vector<std::filesystem::path>& files, const ReadingOptions& options,
                   ReadFor use, std::vector<std::string>* notices);
/// "en" and "fr" of "en,fr"; white space around them does not count.
std::vector<std::string> languages_in(std::string_view list);
/// Every pair of different languages, the sources' order first.
std::vector<std::pair<std::string, std::string>> directions_of(const ReadingOptions& options);
/// "en" of a.en, a.en.gz and a.en.xz.
std::string language_of(const std::filesystem::path& file);

}  // namespace rondo::translate
