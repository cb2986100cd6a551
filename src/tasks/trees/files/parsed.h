/// Lines to trees, one line after another: what files and standard input are read with. A form of files is a
/// class behind TreeParser.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/tasks/trees.h>

#include "tasks/trees/shape.h"

namespace rondo::trees {

/// Where a node's label stands in the text of its tree. `length` is 0 where it has none.
struct LabelPlace {
  std::uint32_t begin = 0, length = 0;
  bool written = true;  ///< false: the node is not in the text
};

/// A tree and how it was written.
struct ParsedTree {
  LabelledTree tree = {};
  std::string text = {};                ///< of brackets on one line; of CoNLL-U all lines with their ends
  std::vector<LabelPlace> places = {};  ///< of each node, in order of the text
};

/// What is wrong in a file, gathered so that one message has it all.
class Faults {
 public:
  explicit Faults(std::string name) : name_(std::move(name)) {}

  /// "line 3, column 7: ..."
  void add(std::uint64_t line, std::uint64_t column, const std::string& what);
  void add(const std::string& what);
  std::uint64_t count() const noexcept { return count_; }
  const std::string& name() const noexcept { return name_; }
  /// "FILE line 3, column 7: ...; line 9, ...; and 2 more", or the first alone.
  std::string in_words() const;
  void clear();

 private:
  std::string name_;
  std::vector<std::string> first_;
  std::uint64_t count_ = 0;
};

/// What trees are wanted for: to learn from, or to be answered, where their text is needed again.
enum class ParseFor { learning, answering };

class TreeParser {
 public:
  TreeParser(std::string name, ParseFor purpose, const ReadingOptions& options)
      : faults_(std::move(name)), purpose_(purpose), options_(options) {}
  TreeParser(const TreeParser&) = delete;
  TreeParser& operator=(const TreeParser&) = delete;
  virtual ~TreeParser() = default;

  /// Takes the next line, without its end, in valid UTF-8, and appends the trees that are whole. Trees with
  /// faults are not among them.
  void take(std::string_view line, std::vector<ParsedTree>& to) {
    ++line_;
    read(line, to);
  }
  /// After the last line: what is left.
  virtual void end(std::vector<ParsedTree>& to) = 0;

  Faults& faults() noexcept { return faults_; }
  /// Trees of which nothing was left once empties were taken out.
  std::uint64_t empty() const noexcept { return empty_; }
  /// Whether -NONE- or an outer node without label was seen.
  bool of_a_treebank() const noexcept { return treebank_; }
  /// Trees that were left out for their faults.
  std::uint64_t bad() const noexcept { return bad_; }

 protected:
  virtual void read(std::string_view line, std::vector<ParsedTree>& to) = 0;

  bool keeps_text() const noexcept { return purpose_ == ParseFor::answering; }
  const ReadingOptions& options() const noexcept { return options_; }
  std::uint64_t number() const noexcept { return line_; }  ///< of the line at hand
  std::uint64_t empty_ = 0, bad_ = 0;
  bool treebank_ = false;

 private:
  Faults faults_;
  ParseFor purpose_;
  ReadingOptions options_;
  std::uint64_t line_ = 0;
};

std::unique_ptr<TreeParser> bracket_parser(std::string name, ParseFor purpose, const ReadingOptions& options);
std::unique_ptr<TreeParser> conllu_parser(std::string name, ParseFor purpose, const ReadingOptions& options);
/// Only for answers.
std::unique_ptr<TreeParser> text_parser(std::string name, ParseFor purpose, const ReadingOptions& options,
                                        Branching branching);

/// The form of a file that has such a line; automatic: the line does not tell (blank, or a comment).
TreeForm form_of(std::string_view line);

/// The word that a token in brackets stands for: `(` for -LRB- and for \(.
std::string plain_word(std::string_view token);
/// A word as a token in brackets.
std::string escaped_word(std::string_view word);

}  // namespace rondo::trees
