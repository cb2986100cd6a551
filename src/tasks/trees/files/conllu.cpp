// CoNLL-U: a word a line, its head by number, a blank line after each sentence.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/message.h"
#include "base/shown.h"
#include "tasks/tag/files/blanks.h"
#include "tasks/trees/files/parsed.h"

namespace rondo::trees {
namespace {

constexpr std::size_t id_column = 0, form_column = 1, head_column = 6, misc_column = 9, columns_wanted = 10;

std::optional<std::int64_t> as_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

std::size_t column_of(ConlluLabel label) {
  switch (label) {
    case ConlluLabel::upos:
      return 3;
    case ConlluLabel::xpos:
      return 4;
    case ConlluLabel::deprel:
      return 7;
    case ConlluLabel::misc:
      return misc_column;
  }
  throw Bug("conllu: unknown column");
}

class ConlluParser final : public TreeParser {
 public:
  using TreeParser::TreeParser;

  void end(std::vector<ParsedTree>& to) override {
    if (first_line_ > 0) finish(to);
  }

 private:
  struct Word {
    std::string form, label;
    std::int64_t head;
    std::uint64_t line;
    LabelPlace place;
  };

  void read(std::string_view line, std::vector<ParsedTree>& to) override;
  void add_line(std::string_view line);
  void add_word(std::string_view line, std::size_t at);
  void add_range(std::string_view id);
  void comment(std::string_view line);
  void finish(std::vector<ParsedTree>& to);
  void check();
  void check_roots();
  void check_cycles();
  ParsedTree whole();
  void set_misc_label(Word& word, std::size_t begin);

  std::string named() const {
    return name_.empty() ? "the sentence in line " + std::to_string(first_line_) : "sentence " + quote(name_);
  }
  /// The first fault of a sentence stands for it.
  void fault(const std::string& what) {
    if (!faulty_) faults().add(what);
    faulty_ = true;
  }
  std::string at_line(std::uint64_t line) const { return "line " + std::to_string(line) + ": " + named(); }

  std::vector<Word> words_;
  std::vector<std::string_view> columns_;
  struct Range {
    std::int64_t from, to;
    std::uint64_t line;
    std::string id;
  };
  std::vector<Range> ranges_;
  std::string text_, name_, root_label_;
  std::uint64_t first_line_ = 0;
  bool faulty_ = false;
};

void ConlluParser::read(std::string_view line, std::vector<ParsedTree>& to) {
  if (line.empty()) {
    if (first_line_ > 0) finish(to);
    return;
  }
  if (first_line_ == 0) first_line_ = number();
  const std::size_t at = text_.size();
  if (keeps_text()) text_.append(line) += '\n';
  if (line.starts_with('#')) return comment(line);
  tag::split_columns(line, true, columns_);
  if (columns_.size() != columns_wanted)
    return fault(at_line(number()) + " has " + std::to_string(columns_.size()) +
                 " columns with tabs between; CoNLL-U has 10, and an empty line ends a sentence");
  const std::string_view id = columns_[id_column];
  if (as_number(id)) return add_word(line, at);
  const std::size_t dash = id.find_first_of("-.");
  const bool pair = dash != id.npos && as_number(id.substr(0, dash)) && as_number(id.substr(dash + 1));
  if (!pair) return fault(at_line(number()) + ": the id must be 3, 3-4 or 3.1, got " + quote(id));
  if (id[dash] == '-') add_range(id);
}

void ConlluParser::comment(std::string_view line) {
  const auto value = [&](std::string_view key) -> std::optional<std::string> {
    std::string_view rest = line.substr(1);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (!rest.starts_with(key)) return std::nullopt;
    rest.remove_prefix(key.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (!rest.starts_with('=')) return std::nullopt;
    rest.remove_prefix(1);
    return std::string(tag::without_blanks_around(rest));
  };
  if (const auto id = value("sent_id")) name_ = *id;
  if (const auto label = value("label")) root_label_ = *label;
}

void ConlluParser::add_word(std::string_view line, std::size_t at) {
  const std::int64_t id = *as_number(columns_[id_column]), next = std::ssize(words_) + 1;
  if (id != next)
    return fault(at_line(number()) + ": id " + std::to_string(id) + " after " + std::to_string(next - 1) +
                 "; words are numbered from 1, one after another");
  const std::string_view form = columns_[form_column], head = columns_[head_column];
  if (form.empty()) fault(at_line(number()) + ": the form, column 2, is empty");
  const std::optional<std::int64_t> above = as_number(head);
  if (!above)
    fault(at_line(number()) + ": word " + std::to_string(id) + " has no head (column 7 is " + quote(head) +
          ")");
  const std::string_view label = columns_[column_of(options().label_column)];
  Word word{.form = std::string(form), .label = {}, .head = above.value_or(0), .line = number(), .place = {}};
  const auto begin = at + static_cast<std::size_t>(label.data() - line.data());
  word.place = {.begin = static_cast<std::uint32_t>(begin),
                .length = static_cast<std::uint32_t>(label.size())};
  if (options().label_column == ConlluLabel::misc)
    set_misc_label(word, begin);
  else if (label != "_")
    word.label = label;
  words_.push_back(std::move(word));
}

/// "Label=..." among what the last column has, with bars between.
void ConlluParser::set_misc_label(Word& word, std::size_t begin) {
  constexpr std::string_view key = "Label=";
  const std::string_view misc = columns_[misc_column];
  for (std::size_t at = 0; at < misc.size();) {
    const std::size_t end = std::min(misc.find('|', at), misc.size());
    if (misc.substr(at, end - at).starts_with(key)) {
      word.label = misc.substr(at + key.size(), end - at - key.size());
      word.place = {.begin = static_cast<std::uint32_t>(begin + at),
                    .length = static_cast<std::uint32_t>(end - at)};
      return;
    }
    at = end + 1;
  }
  // A new entry goes behind the others, or in place of "_".
  if (misc != "_") word.place = {.begin = static_cast<std::uint32_t>(begin + misc.size()), .length = 0};
}

void ConlluParser::add_range(std::string_view id) {
  const std::size_t dash = id.find('-');
  ranges_.push_back(
      {*as_number(id.substr(0, dash)), *as_number(id.substr(dash + 1)), number(), std::string(id)});
}

void ConlluParser::check() {
  const std::int64_t count = std::ssize(words_);
  for (const Range& range : ranges_) {
    const std::int64_t absent = range.from < 1 || range.from > count ? range.from : range.to;
    if (range.from < 1 || range.from >= range.to || range.to > count)
      return fault(at_line(range.line) + ": the range " + range.id + " has no word " +
                   std::to_string(absent));
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const Word& word = words_[static_cast<std::size_t>(i)];
    if (word.head > count)
      return fault(at_line(word.line) + ": word " + std::to_string(i + 1) + " has the head " +
                   std::to_string(word.head) + " of " + std::to_string(count) + " words");
    if (word.head == i + 1)
      return fault(at_line(word.line) + ": word " + std::to_string(i + 1) + " is its own head");
  }
  check_roots();
  if (!faulty_) check_cycles();
}

void ConlluParser::check_roots() {
  std::vector<std::string> roots, lines;
  for (std::size_t i = 0; i < words_.size(); ++i)
    if (words_[i].head == 0) {
      roots.push_back(std::to_string(i + 1));
      lines.push_back(std::to_string(words_[i].line));
    }
  if (roots.empty()) return fault(at_line(first_line_) + " has no root (a word whose head is 0)");
  if (roots.size() > 1 && options().roots == SeveralRoots::refuse)
    fault(at_line(words_[0].line) + " has " + std::to_string(roots.size()) + " roots (words " +
          enumerate(roots, "and") + ", lines " + enumerate(lines, "and") +
          "); --roots join puts them under one node");
}

/// Words that one does not reach from a root go round in a circle.
void ConlluParser::check_cycles() {
  std::vector<std::size_t> seen(words_.size() + 1, 0);  // by the walk that came there first
  for (std::size_t start = 1; start <= words_.size(); ++start) {
    std::size_t at = start;
    while (at != 0 && seen[at] == 0) {
      seen[at] = start;
      at = static_cast<std::size_t>(words_[at - 1].head);
    }
    if (at == 0 || seen[at] != start) continue;
    std::string circle = std::to_string(at);
    std::uint64_t first = words_[at - 1].line, last = first;
    constexpr int most = 20;
    std::size_t next = at;
    for (int i = 0; i < most; ++i) {
      next = static_cast<std::size_t>(words_[next - 1].head);
      circle += " → " + std::to_string(next);
      first = std::min(first, words_[next - 1].line);
      last = std::max(last, words_[next - 1].line);
      if (next == at) break;
    }
    if (next != at) circle += " → ...";
    return fault("lines " + std::to_string(first) + " to " + std::to_string(last) + ": " + named() +
                 " goes round in a circle: " + circle);
  }
}

ParsedTree ConlluParser::whole() {
  ParsedTree parsed;
  LabelledTree& tree = parsed.tree;
  tree.dependencies = true;
  tree.line = first_line_;
  std::int64_t roots = 0;
  for (const Word& word : words_)
    roots += word.head == 0 ? 1 : 0;
  const std::int32_t top = roots > 1 ? static_cast<std::int32_t>(words_.size()) : -1;
  const bool given = options().label_column == ConlluLabel::misc && !root_label_.empty();
  for (const Word& word : words_) {
    tree.parents.push_back(word.head == 0 ? top : static_cast<std::int32_t>(word.head) - 1);
    tree.words.push_back(word.form);
    tree.labels.push_back(given && word.head == 0 && word.label.empty() ? root_label_ : word.label);
    if (keeps_text()) parsed.places.push_back(word.place);
  }
  if (top >= 0) {
    tree.parents.push_back(-1);
    tree.words.push_back("");
    tree.labels.push_back("");
    if (keeps_text()) parsed.places.push_back({.written = false});
  }
  if (keeps_text()) parsed.text = std::move(text_);
  return parsed;
}

void ConlluParser::finish(std::vector<ParsedTree>& to) {
  if (!faulty_ && words_.empty() && !ranges_.empty()) fault(at_line(first_line_) + " has no words");
  if (!faulty_ && !words_.empty()) check();
  if (faulty_)
    ++bad_;
  else if (!words_.empty())
    to.push_back(whole());
  const bool only_comments = !faulty_ && words_.empty();
  words_.clear();
  ranges_.clear();
  if (only_comments && keeps_text())
    text_ += '\n';  // they come back before the next sentence
  else
    text_.clear();
  name_.clear();
  root_label_.clear();
  first_line_ = 0;
  faulty_ = false;
}

}  // namespace

std::unique_ptr<TreeParser> conllu_parser(std::string name, ParseFor purpose, const ReadingOptions& options) {
  return std::make_unique<ConlluParser>(std::move(name), purpose, options);
}

}  // namespace rondo::trees
