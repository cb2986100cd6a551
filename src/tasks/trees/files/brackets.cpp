// S-expressions: (label word), (label child child). Nothing recurses: the open nodes are a list.
#include <algorithm>
#include <array>
#include <optional>

#include "base/message.h"
#include "base/utf8.h"
#include "tasks/trees/files/parsed.h"

namespace rondo::trees {
namespace {

constexpr auto bracket_names = std::to_array<std::pair<std::string_view, std::string_view>>(
    {{"-LRB-", "("}, {"-RRB-", ")"}, {"-LSB-", "["}, {"-RSB-", "]"}, {"-LCB-", "{"}, {"-RCB-", "}"}});

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/// The end of the token that begins at `at`. A backslash takes the next character with it.
std::size_t token_end(std::string_view line, std::size_t at) {
  while (at < line.size() && !is_blank(line[at]) && line[at] != '(' && line[at] != ')')
    at += line[at] == '\\' && at + 1 < line.size() && !is_blank(line[at + 1]) ? 2 : 1;
  return std::min(at, line.size());
}

class BracketParser final : public TreeParser {
 public:
  using TreeParser::TreeParser;

  void end(std::vector<ParsedTree>& to) override {
    if (!open_.empty()) refuse_unclosed();
    flush(to);
  }

 private:
  /// A node of the tree being read.
  struct Node {
    std::int32_t parent;
    std::uint64_t line, column;
    LabelPlace label = {};
    std::string name = {}, word = {};
    bool labelled = false, worded = false;
    std::int32_t children = 0, removed = 0;
  };

  void read(std::string_view line, std::vector<ParsedTree>& to) override;
  std::size_t between(std::string_view line, std::size_t at, std::vector<ParsedTree>& to);
  void begin_node(std::string_view line, std::size_t at);
  void token(std::string_view line, std::size_t begin, std::size_t end);
  void close_node(std::vector<ParsedTree>& to);
  void check_empty(const Node& node);
  void finish(std::vector<ParsedTree>& to);
  ParsedTree whole();
  void refuse_unclosed();
  void flush(std::vector<ParsedTree>& to);

  /// In code points, from 1. Places of a line are asked for from left to right, so that each byte is counted
  /// once, however long the line is.
  std::uint64_t column_at(std::string_view line, std::size_t at) {
    column_ += count_code_points(line.substr(counted_, at - counted_));
    counted_ = at;
    return column_;
  }
  /// Only the first fault of a tree is told: others often follow from it.
  void fault(std::uint64_t line, std::uint64_t column, const std::string& what) {
    if (!faulty_) faults().add(line, column, what);
    faulty_ = true;
  }
  void reset() {
    nodes_.clear();
    open_.clear();
    text_.clear();
    faulty_ = wordless_ = false;
    words_ = 0;
  }

  std::size_t counted_ = 0;   ///< bytes of the line at hand whose columns are counted
  std::uint64_t column_ = 1;  ///< of the byte there
  std::vector<Node> nodes_;
  std::vector<std::int32_t> open_;  ///< from the root down
  std::string text_;                ///< of the tree so far, on one line
  std::size_t line_begins_ = 0;  ///< what of the line at hand stands at text_'s end: from where in the line
  std::size_t text_before_ = 0;  ///< and where in text_
  bool faulty_ = false, wordless_ = false;
  std::uint64_t wordless_line_ = 0, wordless_column_ = 0, words_ = 0;
  std::optional<ParsedTree> last_ = {};  ///< of this line: a parenthesis too many would be its fault
};

void BracketParser::read(std::string_view line, std::vector<ParsedTree>& to) {
  counted_ = 0;
  column_ = 1;
  if (!open_.empty() && line.starts_with('(')) refuse_unclosed();
  std::size_t at = 0;
  if (!open_.empty()) {
    at = std::min(line.find_first_not_of(" \t\r\f\v"), line.size());
    if (at == line.size()) return;
    if (keeps_text()) text_ += ' ';
  }
  line_begins_ = at;
  text_before_ = text_.size();
  const auto keep = [&](std::size_t end) {
    if (!keeps_text()) return;
    text_.append(line.substr(line_begins_, end - line_begins_));
  };
  while (at < line.size()) {
    const char c = line[at];
    if (is_blank(c)) {
      ++at;
    } else if (open_.empty()) {
      at = between(line, at, to);
    } else if (c == '(') {
      begin_node(line, at++);
    } else if (c == ')') {
      if (open_.size() == 1) keep(at + 1);
      close_node(to);
      ++at;
    } else {
      const std::size_t end = token_end(line, at);
      token(line, at, end);
      at = end;
    }
  }
  if (!open_.empty()) {
    std::size_t end = line.size();
    while (end > line_begins_ && is_blank(line[end - 1]))
      --end;
    keep(end);
  }
  flush(to);
}

/// Outside of a tree: a tree begins, a comment runs to the end of the line, and nothing else may stand there.
std::size_t BracketParser::between(std::string_view line, std::size_t at, std::vector<ParsedTree>& to) {
  const char c = line[at];
  if (c == '(') {
    flush(to);
    reset();
    line_begins_ = at;
    text_before_ = 0;
    begin_node(line, at);
    return at + 1;
  }
  if (c == '#' || c == ';') return line.size();
  const std::uint64_t column = column_at(line, at);
  if (c == ')') {
    if (last_) ++bad_;
    last_.reset();
    faults().add(number(), column, "one ) too many; a parenthesis as a word is -RRB- or \\)");
    return line.size();
  }
  const std::size_t end = std::max(token_end(line, at), at + 1);
  faults().add(number(), column,
               quote(line.substr(at, end - at)) + " stands outside of a tree; comments begin with # or ;");
  return line.size();
}

void BracketParser::begin_node(std::string_view line, std::size_t at) {
  const std::uint64_t column = column_at(line, at);
  const std::int32_t parent = open_.empty() ? -1 : open_.back();
  if (parent >= 0) {
    Node& above = nodes_[static_cast<std::size_t>(parent)];
    if (above.worded)
      fault(
          number(), column,
          "a node beside the word " + quote(above.word) + "; give the word a node of its own, (label word)");
    ++above.children;
  }
  const auto place = static_cast<std::uint32_t>(text_before_ + at + 1 - line_begins_);
  nodes_.push_back({.parent = parent, .line = number(), .column = column, .label = {.begin = place}});
  open_.push_back(static_cast<std::int32_t>(nodes_.size()) - 1);
  const int most = options().max_depth;
  if (most > 0 && open_.size() > static_cast<std::size_t>(most))
    fault(number(), column, "the tree is deeper than " + std::to_string(most) + " (--max-depth)");
}

void BracketParser::token(std::string_view line, std::size_t begin, std::size_t end) {
  Node& node = nodes_[static_cast<std::size_t>(open_.back())];
  const std::string_view text = line.substr(begin, end - begin);
  if (!node.labelled && node.children == 0) {
    node.labelled = true;
    node.name = text;
    node.label = {.begin = static_cast<std::uint32_t>(text_before_ + begin - line_begins_),
                  .length = static_cast<std::uint32_t>(text.size())};
  } else if (node.worded) {
    fault(number(), column_at(line, begin),
          "the words " + quote(plain_word(node.word)) + " and " + quote(plain_word(text)) +
              " in one node; give each a node of its own, (label word)");
  } else if (node.children > 0) {
    fault(number(), column_at(line, begin),
          "the word " + quote(plain_word(text)) +
              " beside other nodes; give it a node of its own, "
              "(label word)");
  } else {
    node.worded = true;
    node.word = text;
  }
}

/// A node without word and children, which is a fault unless empties were taken out of it.
void BracketParser::check_empty(const Node& node) {
  if (node.removed > 0) return;
  if (node.labelled)
    fault(node.line, node.column,
          "the label " + quote(node.name) + " has no word; a word follows its label, (label word)");
  else if (!wordless_) {
    wordless_ = true;
    wordless_line_ = node.line;
    wordless_column_ = node.column;
  }
}

void BracketParser::close_node(std::vector<ParsedTree>& to) {
  const auto number = static_cast<std::size_t>(open_.back());
  open_.pop_back();
  Node& node = nodes_[number];
  bool gone = false;
  if (node.worded) {
    gone = node.name == "-NONE-";
    words_ += gone ? 0 : 1;
    treebank_ = treebank_ || gone;
  } else if (node.children == 0) {
    check_empty(node);
    gone = node.removed > 0;
  }
  if (gone) {
    // All below it went before: it is the last one.
    const std::int32_t parent = node.parent;
    nodes_.pop_back();
    if (parent >= 0) {
      --nodes_[static_cast<std::size_t>(parent)].children;
      ++nodes_[static_cast<std::size_t>(parent)].removed;
    }
  }
  if (open_.empty()) finish(to);
}

void BracketParser::finish(std::vector<ParsedTree>& to) {
  flush(to);
  if (wordless_) {
    const bool all = words_ == 0 && !nodes_.empty();
    fault(all ? nodes_[0].line : wordless_line_, all ? nodes_[0].column : wordless_column_,
          all ? "a tree without words" : "a node without label and word");
  }
  if (faulty_)
    ++bad_;
  else if (nodes_.empty())
    ++empty_;
  else
    last_ = whole();
  reset();
}

/// What was read as a tree; an outer node without label over a single child drops out.
ParsedTree BracketParser::whole() {
  std::size_t first = 0;
  while (!nodes_[first].labelled && nodes_[first].children == 1)
    ++first;
  treebank_ = treebank_ || first > 0;
  ParsedTree parsed;
  parsed.tree.line = nodes_[0].line;
  for (std::size_t i = first; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    parsed.tree.parents.push_back(i == first ? -1 : node.parent - static_cast<std::int32_t>(first));
    parsed.tree.labels.push_back(node.name);
    parsed.tree.words.push_back(node.worded ? plain_word(node.word) : std::string());
    if (keeps_text()) parsed.places.push_back(node.label);
  }
  if (keeps_text()) parsed.text = text_;
  return parsed;
}

/// A parenthesis in column 1 begins a tree, so one that is open there lacks its end.
void BracketParser::refuse_unclosed() {
  const std::size_t missing = open_.size();
  if (!faulty_)
    faults().add("the tree that begins in line " + std::to_string(nodes_[0].line) + ", column " +
                 std::to_string(nodes_[0].column) + " is not closed (" + std::to_string(missing) +
                 " missing)" +
                 (number() > nodes_[0].line ? "; lines that continue a tree are indented" : ""));
  ++bad_;
  reset();
}

void BracketParser::flush(std::vector<ParsedTree>& to) {
  if (last_) to.push_back(std::move(*last_));
  last_.reset();
}

}  // namespace

std::string plain_word(std::string_view token) {
  for (const auto& [name, bracket] : bracket_names)
    if (token == name) return std::string(bracket);
  std::string word;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '\\' && i + 1 < token.size() &&
                        std::string_view("()/*\\").find(token[i + 1]) != std::string_view::npos;
    word += token[escape ? ++i : i];
  }
  return word;
}

std::string escaped_word(std::string_view word) {
  for (const auto& [name, bracket] : bracket_names)
    if (word == bracket) return std::string(name);
  std::string token;
  for (const char c : word) {
    if (c == '(' || c == ')' || c == '\\') token += '\\';
    token += is_blank(c) || c == '\n' ? '_' : c;
  }
  return token;
}

std::unique_ptr<TreeParser> bracket_parser(std::string name, ParseFor purpose,
                                           const ReadingOptions& options) {
  return std::make_unique<BracketParser>(std::move(name), purpose, options);
}

}  // namespace rondo::trees
