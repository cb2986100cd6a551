#include "tasks/trees/answers.h"

#include <array>
#include <memory>
#include <utility>

#include "base/files.h"
#include "base/message.h"
#include "base/shown.h"
#include "tasks/trees/files/lines.h"
#include "tasks/trees/network.h"
#include "tasks/trees/render.h"

namespace rondo::trees {
namespace {

/// Trees are answered at most so many at once.
constexpr std::size_t at_once = 256;
/// Nobody looks at more trees in one picture.
constexpr std::uint64_t most_drawn = 50;

ReadingOptions reading_of(const AnswerOptions& options, ConlluLabel column) {
  return {.form = options.input,
          .label_column = column,
          .roots = options.roots,
          .skip_bad = options.skip_bad,
          .max_depth = options.max_depth};
}

/// Answers trees as they arrive from sources, one after another.
class Stream {
 public:
  Stream(const TreeClassifier& classifier, const AnswerOptions& options, ConlluLabel column,
         const VerbCall& call)
      : classifier_(classifier),
        options_(options),
        column_(column),
        call_(call),
        picture_(classifier.classes()) {
    if (!options.svg.empty()) check_writable(options.svg);
  }

  void begin(const std::string& name) {
    name_ = name;
    lines_ = std::make_unique<LineTrees>(name, ParseFor::answering, reading_of(options_, column_),
                                         options_.branching);
  }
  void take(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines_->take(line, waiting_);
    if (lines_->knows_form()) {
      say_fallback();
      if (!options_.skip_bad && lines_->parser().faults().count() > 0) refuse();
    }
    if (waiting_.size() >= at_once) answer();
  }
  void end() {
    lines_->end(waiting_);
    TreeParser& parser = lines_->parser();
    if (parser.faults().count() > 0) {
      if (!options_.skip_bad) refuse();
      call_.notice(parser.faults().in_words() + "; " + grouped(static_cast<std::int64_t>(parser.bad())) +
                   (parser.bad() == 1 ? " tree is left out" : " trees are left out"));
    }
    if (parser.empty() > 0)
      call_.notice(name_ + ": " + grouped(static_cast<std::int64_t>(parser.empty())) +
                   (parser.empty() == 1 ? " tree holds" : " trees hold") +
                   " nothing but empties (-NONE-), no answer");
    answer();
  }

  void answer() {
    if (waiting_.empty()) return;
    std::vector<const LabelledTree*> trees;
    for (const ParsedTree& one : waiting_)
      trees.push_back(&one.tree);
    std::vector<TreeAnswer> answers = classifier_.predict(trees);
    std::string out;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const Answered one{std::move(waiting_[i]), std::move(answers[i]), ++number_};
      out += printed(one);
      if (!options_.svg.empty() && number_ <= most_drawn) picture_.add(one);
    }
    waiting_.clear();
    call_.write(out);
  }

  void finish() {
    if (options_.svg.empty()) return;
    write_file_atomically(options_.svg, picture_.svg());
    if (number_ > most_drawn)
      call_.notice("the first " + std::to_string(most_drawn) + " of " +
                   grouped(static_cast<std::int64_t>(number_)) + " trees are drawn in " +
                   options_.svg.string());
  }

 private:
  std::string printed(const Answered& one) const {
    const std::vector<std::string>& classes = classifier_.classes();
    if (call_.json) return json_lines(one, classes);
    if (options_.form == AnswerForm::indented) return indented(one, classes) + "\n";
    const bool dependencies = one.parsed.tree.dependencies;
    if (options_.form == AnswerForm::brackets && dependencies)
      fail(ErrorKind::option,
           "form brackets would change the order of words in trees of dependencies; leave it out, and they "
           "come "
           "back as CoNLL-U");
    return written(one, classes, column_) + "\n";
  }

  /// What came before a fault is answered before it ends the program.
  [[noreturn]] void refuse() {
    const std::string what = lines_->parser().faults().in_words();
    answer();
    fail(ErrorKind::data, what + "; --skip-bad answers the others");
  }

  void say_fallback() {
    if (said_ || lines_->form() != TreeForm::text) return;
    said_ = true;
    call_.notice(std::string(options_.branching == Branching::right ? "right-branching" : "balanced") +
                 " trees over the words stand in for a parser's; trees in brackets or CoNLL-U are better");
  }

  const TreeClassifier& classifier_;
  const AnswerOptions& options_;
  ConlluLabel column_;
  const VerbCall& call_;
  TreePicture picture_;
  std::string name_;
  std::unique_ptr<LineTrees> lines_;
  std::vector<ParsedTree> waiting_;
  std::uint64_t number_ = 0;
  bool said_ = false;
};

void take_text(Stream& stream, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    stream.take(text.substr(at, end - at));
    at = end + 1;
  }
}

void take_input(Stream& stream, const VerbCall& call) {
  std::string rest;
  std::array<char, 1 << 16> buffer{};
  while (const std::size_t size = call.read(buffer.data(), buffer.size())) {
    rest.append(buffer.data(), size);
    std::size_t begin = 0;
    for (std::size_t end; (end = rest.find('\n', begin)) != std::string::npos; begin = end + 1)
      stream.take(std::string_view(rest).substr(begin, end - begin));
    rest.erase(0, begin);
    stream.answer();
  }
  if (!rest.empty()) stream.take(rest);
}

}  // namespace

void answer_stream(const TreeClassifier& classifier, const AnswerOptions& options, ConlluLabel column,
                   const VerbCall& call) {
  const InferenceMode weights_packed_once;
  Stream stream(classifier, options, column, call);
  if (call.texts.empty()) {
    stream.begin("standard input");
    take_input(stream, call);
    stream.end();
  }
  for (const std::string& text : call.texts) {
    std::error_code error;
    if (std::filesystem::is_regular_file(text, error)) {
      stream.begin(text);
      LineReader lines(text);
      for (std::string line; lines.next(line);)
        stream.take(line);
    } else {
      stream.begin("text");
      take_text(stream, text);
    }
    stream.end();
  }
  stream.finish();
}

std::vector<Answer> answers_to(const TreeClassifier& classifier, std::span<const std::string> lines,
                               const AnswerOptions& options) {
  std::vector<Answer> answers;
  for (const std::string& line : lines) {
    std::vector<ParsedTree> parsed;
    LineTrees reader("text", ParseFor::answering, reading_of(options, ConlluLabel::upos), options.branching);
    reader.take(line, parsed);
    reader.end(parsed);
    if (reader.parser().faults().count() > 0) fail(ErrorKind::data, reader.parser().faults().in_words());
    Answer& answer = answers.emplace_back();
    for (ParsedTree& one : parsed) {
      TreeAnswer said = classifier.predict(one.tree);
      const Answered answered{std::move(one), std::move(said), answers.size()};
      answer.text +=
          (answer.text.empty() ? "" : " ") + written(answered, classifier.classes(), ConlluLabel::upos);
      answer.json = json_object(answered, classifier.classes());
    }
  }
  return answers;
}

}  // namespace rondo::trees
