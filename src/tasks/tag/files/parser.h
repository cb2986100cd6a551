/// Lines to sentences, one line after another: what files and standard input are read with. A form of files
/// is a class behind SentenceParser.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tasks/tagged_text.h>

namespace rondo::tag {

/// A sentence and the lines in which it stood.
struct SentenceLines {
  TaggedSentence sentence = {};                 ///< without tokens: lines that are only passed on
  std::vector<std::string> lines = {};          ///< all of them as they were, what ends the sentence included
  std::uint64_t first = 1;                      ///< number of the first line in its file
  std::vector<std::uint32_t> token_lines = {};  ///< of each token, from the first line on
};

/// What sentences are wanted for: to learn from, where each token needs a tag, or to be tagged, where the
/// lines are needed again.
enum class ParseFor { learning, tagging };

class SentenceParser {
 public:
  /// `name` stands for the file in messages.
  SentenceParser(std::string name, ParseFor purpose) : name_(std::move(name)), purpose_(purpose) {}
  SentenceParser(const SentenceParser&) = delete;
  SentenceParser& operator=(const SentenceParser&) = delete;
  virtual ~SentenceParser() = default;

  /// Takes the next line, without its end, in valid UTF-8. Gives the lines up to here if they are whole: a
  /// sentence, or something between sentences. Error(data) "FILE line N: ...".
  std::optional<SentenceLines> take(std::string_view line);
  /// After the last line: what is left.
  std::optional<SentenceLines> end();

 protected:
  /// Reads a line into `at_hand`.
  /// whole_before: the line belongs to what follows, and is read again when what lies before is handed over.
  enum class Then { go_on, whole, whole_before };
  virtual Then read(std::string_view line) = 0;

  [[noreturn]] void refuse(const std::string& what) const;
  bool learning() const noexcept { return purpose_ == ParseFor::learning; }
  /// The line being read holds the next token, which was added to the sentence.
  void token_here();
  SentenceLines& at_hand() noexcept { return at_hand_; }
  const std::string& name() const noexcept { return name_; }
  std::uint64_t number() const noexcept { return number_; }

 private:
  SentenceLines handed_over();
  void keep(std::string_view line);

  std::string name_;
  ParseFor purpose_;
  std::uint64_t number_ = 0;      ///< of the line being read
  std::uint32_t lines_read_ = 0;  ///< of what is at hand
  SentenceLines at_hand_;
};

/// A parser of settled reading: its format, columns and unit are not automatic. Error(option) for columns
/// that cannot be.
std::unique_ptr<SentenceParser> parser_for(const TagReading& reading, TagScheme scheme, std::string name,
                                           ParseFor purpose);

// One for each format; declared here for parser_for().
/// What the two columns hold, in messages.
struct ColumnNames {
  const char* token = "token";
  const char* tag = "tag";
};
std::unique_ptr<SentenceParser> conll_parser(const TagReading& reading, std::string name, ParseFor purpose,
                                             ColumnNames names = {});
std::unique_ptr<SentenceParser> conllu_parser(const TagReading& reading, std::string name, ParseFor purpose);
std::unique_ptr<SentenceParser> segmented_parser(const TagReading& reading, TagScheme scheme,
                                                 std::string name, ParseFor purpose);
std::unique_ptr<SentenceParser> slash_parser(const TagReading& reading, TagScheme scheme, std::string name,
                                             ParseFor purpose);
/// Of a table with a line of names.
std::unique_ptr<SentenceParser> csv_parser(const TagReading& reading, std::string name, ParseFor purpose);
std::unique_ptr<SentenceParser> jsonl_parser(const TagReading& reading, TagScheme scheme, std::string name,
                                             ParseFor purpose);

}  // namespace rondo::tag
