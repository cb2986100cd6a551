/// Pairs of sentences as a Dataset, and how they are read.
#pragma once
#include <functional>
#include <string>
#include <string_view>
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
};

/// Lines of a file or of text in memory: calls f(line, number).
using EachLine = std::function<void(const std::function<void(std::string_view, std::uint64_t)>&)>;
/// TSV: source, tab, target. Quotes are text.
void add_tsv(const EachLine& lines, const std::string& name, PairFilter& to);
/// JSON lines with two texts each; keys as in `options`, else of the first line that has exactly two texts.
void add_jsonl(const EachLine& lines, const std::string& name, const ReadingOptions& options, PairFilter& to);

/// The pairs of a dataset, in its order.
std::vector<const SentencePair*> pairs_in(const Dataset& pairs);
/// With `for_scores`, no pair is left out for its length.
Dataset read_files(const std::vector<std::filesystem::path>& files, const ReadingOptions& options,
                   bool for_scores, std::vector<std::string>* notices);
/// "en" of a.en, a.en.gz and a.en.xz.
std::string language_of(const std::filesystem::path& file);

}  // namespace rondo::translate
