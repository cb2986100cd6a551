// Whole files to trees: their form is found, their labels checked, and all that is wrong is told at once.
#include <algorithm>
#include <set>

#include <rondo/forest.h>

#include "base/files.h"
#include "base/message.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "data/class_names.h"
#include "tasks/trees/files/lines.h"
#include "tasks/trees/files/parsed.h"
#include "tasks/trees/labels.h"
#include "tasks/trees/shape.h"

namespace rondo::trees {

void LineTrees::take(std::string_view line, std::vector<ParsedTree>& to) {
  if (++number_ == 1) line = without_byte_order_mark(line);
  require_utf8(line, name_, number_);
  if (parser_) return parser_->take(line, to);
  waiting_.emplace_back(line);
  const TreeForm form = options_.form != TreeForm::automatic ? options_.form : form_of(line);
  if (form != TreeForm::automatic) begin(form, to);
}

void LineTrees::end(std::vector<ParsedTree>& to) {
  if (!parser_) begin(TreeForm::brackets, to);
  parser_->end(to);
}

void LineTrees::begin(TreeForm form, std::vector<ParsedTree>& to) {
  if (form == TreeForm::text && purpose_ == ParseFor::learning)
    fail(ErrorKind::data, name_ + " line " + std::to_string(number_) +
                              ": wanted a tree in brackets, (label (label word) ...), or CoNLL-U, got " +
                              quote(waiting_.back()));
  form_ = form;
  parser_ = form == TreeForm::conllu ? conllu_parser(name_, purpose_, options_)
            : form == TreeForm::text ? text_parser(name_, purpose_, options_, branching_)
                                     : bracket_parser(name_, purpose_, options_);
  for (const std::string& line : waiting_)
    parser_->take(line, to);
  waiting_.clear();
}

namespace {

class Reader {
 public:
  Reader(const ReadingOptions& options, std::vector<std::string>* notices)
      : options_(options), rules_(options), notices_(notices) {}

  void add(const std::filesystem::path& file) {
    LineReader lines(file);
    LineTrees parser(file.string(), ParseFor::learning, options_);
    std::vector<ParsedTree> parsed;
    for (std::string line; lines.next(line);)
      parser.take(line, parsed);
    parser.end(parsed);
    add(std::move(parsed), parser);
  }

  void add(std::vector<ParsedTree> parsed, LineTrees& parser) {
    Faults& faults = parser.parser().faults();
    const std::uint64_t empty = parser.parser().empty(), bad = parser.parser().bad();
    const std::uint64_t all = parsed.size() + bad + empty;
    if (faults.count() > 0) refuse_or_say(faults, bad, all);
    if (empty > 0)
      say(faults.name() + ": " + grouped(static_cast<std::int64_t>(empty)) + " of " +
          grouped(static_cast<std::int64_t>(all)) +
          " trees left out, which hold nothing but empties (-NONE-)");
    Faults labels(faults.name());
    std::uint64_t outside = 0;
    for (ParsedTree& one : parsed) {
      LabelledTree& tree = one.tree;
      rules_.apply(tree, parser.parser().of_a_treebank());
      const std::vector<std::string> others = rules_.outside(tree);
      if (!others.empty()) {
        ++outside;
        labels.add("line " + std::to_string(tree.line) + ": " + joined(others, ", "));
        continue;
      }
      rules_.make_binary(tree);
      trees_.push_back(std::move(tree));
    }
    if (outside > 0) refuse_labels(labels, outside);
    if (parsed.empty() && bad == 0)
      fail(ErrorKind::data, faults.name() + ": holds no tree; wanted (label (label word) ...), or CoNLL-U");
  }

  std::vector<LabelledTree> result() && {
    if (rules_.cut() > 0)
      say("function tags cut on " + grouped(rules_.cut()) +
          " nodes: NP-SBJ counts as NP (--functions keep leaves them)");
    std::set<std::string, std::less<>> labels;
    std::int64_t nodes = 0, labelled = 0;
    for (const LabelledTree& tree : trees_)
      for (const std::string_view label : tree.labels) {
        ++nodes;
        labelled += label.empty() ? 0 : 1;
        if (!label.empty() && !labels.contains(label)) labels.emplace(label);
      }
    say(grouped(std::ssize(trees_)) + (trees_.size() == 1 ? " tree, " : " trees, ") + grouped(nodes) +
        " nodes" + (labelled < nodes ? ", " + grouped(labelled) + " of them labelled" : ""));
    const std::string alike = alike_in_words({labels.begin(), labels.end()});
    if (!alike.empty()) say(alike);
    return std::move(trees_);
  }

 private:
  void say(std::string notice) {
    if (notices_ != nullptr) notices_->push_back(std::move(notice));
  }

  void refuse_or_say(const Faults& faults, std::uint64_t bad, std::uint64_t all) {
    const std::string of =
        grouped(static_cast<std::int64_t>(bad)) + " of " + grouped(static_cast<std::int64_t>(all)) + " trees";
    if (!options_.skip_bad)
      fail(ErrorKind::data, faults.in_words() + (bad > 0 ? "; --skip-bad leaves out " + of : ""));
    say(faults.in_words() + "; " + of + " are left out");
  }

  void refuse_labels(const Faults& labels, std::uint64_t outside) {
    const std::string what = labels.in_words() + "; " + grouped(static_cast<std::int64_t>(outside)) +
                             (outside == 1 ? " tree has" : " trees have") + " labels outside " +
                             rules_.allowed_in_words();
    if (!options_.skip_bad) fail(ErrorKind::data, what + " (--labels, --binary)");
    say(what + "; they are left out");
  }

  ReadingOptions options_;
  LabelRules rules_;
  std::vector<std::string>* notices_;
  std::vector<LabelledTree> trees_;
};

/// Error(data) for what is no tree with words.
void check(const LabelledTree& tree, std::size_t number) {
  const std::string name = "tree " + std::to_string(number + 1);
  const auto count = tree.parents.size();
  if (tree.words.size() != count || tree.labels.size() != count ||
      (!tree.categories.empty() && tree.categories.size() != count))
    fail(ErrorKind::data, name + ": wanted a parent, a word and a label for each node");
  try {
    Forest::of(std::span(&tree.parents, 1));
  } catch (const Error& error) {
    fail(ErrorKind::data, name + ": " + error.what());
  }
  const ChildLists children = children_of(tree.parents);
  for (std::size_t node = 0; node < count; ++node)
    if (children.of(node).empty() && tree.words[node].empty())
      fail(ErrorKind::data, name + ": node " + std::to_string(node) + " has neither word nor children");
}

}  // namespace

Dataset read(const std::vector<std::filesystem::path>& files, const ReadingOptions& options,
             std::vector<std::string>* notices) {
  Reader reader(options, notices);
  for (const std::filesystem::path& file : files)
    reader.add(file);
  return dataset_of(std::move(reader).result());
}

LabelledTree parse(std::string_view brackets, const ReadingOptions& options) {
  LineTrees lines("tree", ParseFor::learning, options);
  std::vector<ParsedTree> parsed;
  for (std::size_t at = 0; at < brackets.size();) {
    const std::size_t end = std::min(brackets.find('\n', at), brackets.size());
    lines.take(brackets.substr(at, end - at), parsed);
    at = end + 1;
  }
  lines.end(parsed);
  Reader reader(options, nullptr);
  reader.add(std::move(parsed), lines);
  std::vector<LabelledTree> all = std::move(reader).result();
  if (all.size() != 1) fail(ErrorKind::data, "tree: wanted one, got " + std::to_string(all.size()));
  return std::move(all.front());
}

Dataset dataset_of(std::vector<LabelledTree> trees) {
  for (std::size_t i = 0; i < trees.size(); ++i)
    check(trees[i], i);
  // Trees of every root label are divided evenly.
  std::set<std::string, std::less<>> names;
  const auto root_label = [](const LabelledTree& tree) {
    const auto root = std::find(tree.parents.begin(), tree.parents.end(), -1) - tree.parents.begin();
    return tree.labels[static_cast<std::size_t>(root)];
  };
  for (const LabelledTree& tree : trees)
    if (!names.contains(root_label(tree))) names.emplace(root_label(tree));
  const std::vector<std::string> sorted(names.begin(), names.end());
  const data::About<LabelledTree> about{
      .content =
          [](const LabelledTree& t) {
            return data::content_of(t.parents, t.words.text(), t.words.to_vector(), t.labels.to_vector(),
                                    t.categories.to_vector());
          },
      .length = [](const LabelledTree& t) { return t.size(); },
      .stratum =
          [&](const LabelledTree& t) {
            return std::lower_bound(sorted.begin(), sorted.end(), root_label(t)) - sorted.begin();
          },
      .key = [](const LabelledTree& t) { return data::content_of(t.words.to_vector()); }};
  return data::examples_of(std::move(trees), about);
}

const LabelledTree& tree(const Dataset& trees, std::size_t number) {
  return trees.example<LabelledTree>(number);
}

}  // namespace rondo::trees
