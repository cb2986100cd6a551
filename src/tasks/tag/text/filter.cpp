#include "tasks/tag/text/filter.h"

#include <algorithm>
#include <utility>

#include "base/message.h"
#include "base/utf8.h"
#include "tasks/tag/files/format.h"
#include "tasks/tag/files/writer.h"
#include "tasks/tag/scheme.h"
#include "tasks/tag/text/line_parts.h"
#include "tasks/tag/text/prepare.h"

namespace rondo::tag {
namespace {

/// Tokens given to the model at once: enough for a batch, and tens of megabytes in the network.
constexpr std::size_t tokens_at_once = 8192;
/// Bytes of a line that is tagged as one sentence; a longer one is cut at its sentences' ends.
constexpr std::size_t longest_line = 4096;
constexpr std::size_t longest_record = std::size_t{1} << 26;

/// Tags of many sentences, or the bug that there are not as many as tokens.
std::vector<Strings> tags_for(const TagSentences& tag, std::span<const TaggedSentence> sentences) {
  std::vector<Strings> tags = tag(sentences);
  for (std::size_t i = 0; i < sentences.size(); ++i)
    if (tags.size() != sentences.size() || tags[i].size() != sentences[i].tokens.size())
      throw Bug("a tagger must give one tag for each token");
  return tags;
}

void add_tags(std::span<TaggedLine*> lines, const Tagging& tagging, const TagSentences& tag) {
  std::vector<TaggedSentence> sentences;
  std::vector<TaggedLine*> filled;
  for (TaggedLine* const line : lines)
    if (!line->tokens.empty()) {
      filled.push_back(line);
      sentences.push_back(sentence_of(*line));
    }
  if (filled.empty()) return;
  std::vector<Strings> tags = tags_for(tag, sentences);
  for (std::size_t i = 0; i < filled.size(); ++i) {
    filled[i]->tags = std::move(tags[i]);
    keep_borders(*filled[i], tagging.scheme);
  }
}

/// Takes bytes as they come and gives bytes to write.
class Filter {
 public:
  virtual ~Filter() = default;
  /// Answers all that is whole with these bytes.
  virtual void add(std::string_view bytes) = 0;
  virtual void end() = 0;
  /// What was written since the last call.
  std::string take() { return std::exchange(out_, {}); }

 protected:
  std::string& out() noexcept { return out_; }

 private:
  std::string out_;
};

class TextFilter final : public Filter {
 public:
  TextFilter(const Tagging& tagging, const WholeWords& whole, TagFormat format, const TagSentences& tag)
      : tagging_(tagging), tag_(tag), prepare_(tagging, whole), writer_(format, tagging) {}

  void add(std::string_view bytes) override {
    parts_.add(bytes);
    answer_parts();
  }
  void end() override {
    parts_.end();
    answer_parts();
  }

 private:
  struct Waiting {
    LinePart part;
    TaggedLine line;
  };

  void answer_parts() {
    while (std::optional<LinePart> part = parts_.next()) {
      std::string text = std::exchange(part->text, {});
      if (part->line == 1 && part->offset == 0) text = without_byte_order_mark(text);
      if (find_utf8_fault(text)) answer_waiting();  // what came before is answered
      require_utf8(text, "standard input", part->line);
      waiting_.push_back({std::move(*part), prepare_(std::move(text))});
      tokens_ += waiting_.back().line.tokens.size();
      const bool open = waiting_.back().part.open;
      if (open) shorten_open();
      if (tokens_ >= tokens_at_once) answer_waiting();
    }
    answer_waiting();
  }

  /// Tags the part at hand, whose end is cut anywhere, and keeps only what ends with a word for sure; the
  /// rest comes again with what follows.
  void shorten_open() {
    Waiting open = std::move(waiting_.back());
    waiting_.pop_back();
    answer_waiting();
    TaggedLine* line = &open.line;
    add_tags(std::span(&line, 1), tagging_, tag_);
    const std::size_t kept = sure_tokens(open.line);
    if (kept < line->tokens.size()) {
      const std::size_t end = line->tokens[kept].begin;
      parts_.give_back(line->text.size() - end);
      line->text.resize(end);
      line->tokens.resize(kept);
      Strings tags;
      for (std::size_t i = 0; i < kept; ++i)
        tags.push_back(line->tags[i]);
      line->tags = std::move(tags);
    }
    writer_.write(open.part, open.line, out());
  }

  /// How many tokens stand before the last word or phrase that ends well before the end; all, where none
  /// does.
  std::size_t sure_tokens(const TaggedLine& line) const {
    const std::size_t count = line.tokens.size(), enough = count - count / 4;
    std::vector<bool> within(count + 1);
    for (const Phrase& phrase : phrases_of(line.tags, tagging_.scheme))
      for (std::size_t i = phrase.begin + 1; i < phrase.end; ++i)
        within[i] = true;
    for (std::size_t i = enough; i > 0; --i)
      if (!within[i]) return i;
    return count;
  }

  void answer_waiting() {
    std::vector<TaggedLine*> lines;
    for (Waiting& waiting : waiting_)
      lines.push_back(&waiting.line);
    add_tags(lines, tagging_, tag_);
    for (const Waiting& waiting : waiting_)
      writer_.write(waiting.part, waiting.line, out());
    waiting_.clear();
    tokens_ = 0;
  }

  const Tagging& tagging_;
  const TagSentences& tag_;
  LinePreparer prepare_;
  LineWriter writer_;
  LineParts parts_{longest_line};
  std::vector<Waiting> waiting_;
  std::size_t tokens_ = 0;  ///< in what is waiting
};

/// Lines of a form of files: what came in goes out with tags.
class FileFilter final : public Filter {
 public:
  FileFilter(const TagReading& reading, const Tagging& tagging, TagFormat format, const TagSentences& tag)
      : reading_(reading),
        tagging_(tagging),
        format_(format),
        tag_(tag),
        parser_(parser_for(reading, TagScheme::none, "standard input", ParseFor::tagging)),
        writer_(format, tagging) {}

  void add(std::string_view bytes) override {
    parts_.add(bytes);
    read_lines();
  }
  void end() override {
    parts_.end();
    read_lines();
    take(parser_->end());
    answer_waiting();
  }

 private:
  void read_lines() {
    while (const std::optional<LinePart> part = parts_.next()) {
      if (!part->ends) refuse_long(part->line);
      const std::string_view text = part->line == 1 ? without_byte_order_mark(part->text) : part->text;
      if (find_utf8_fault(text)) answer_waiting();
      require_utf8(text, "standard input", part->line);
      take(parser_->take(text));
    }
    answer_waiting();
  }

  [[noreturn]] static void refuse_long(std::uint64_t line) {
    fail(ErrorKind::data, "standard input line " + std::to_string(line) + ": is longer than " +
                              std::to_string(longest_record) + " bytes; --input text reads running text");
  }

  void take(std::optional<SentenceLines> lines) {
    if (!lines) return;
    tokens_ += lines->sentence.tokens.size();
    waiting_.push_back(std::move(*lines));
    if (tokens_ >= tokens_at_once) answer_waiting();
  }

  void answer_waiting() {
    std::vector<TaggedSentence> sentences;
    for (SentenceLines& lines : waiting_)
      if (!lines.sentence.tokens.empty()) sentences.push_back(std::move(lines.sentence));
    const std::vector<Strings> tags = sentences.empty() ? std::vector<Strings>() : tags_for(tag_, sentences);
    std::size_t next = 0;
    for (const SentenceLines& lines : waiting_) {
      const bool empty = lines.token_lines.empty();
      write(lines, empty ? Strings() : sentences[next].tokens, empty ? Strings() : tags[next]);
      next += empty ? 0 : 1;
    }
    waiting_.clear();
    tokens_ = 0;
  }

  void write(const SentenceLines& lines, const Strings& tokens, const Strings& tags) {
    const bool columns = reading_.format == TagFormat::conll || reading_.format == TagFormat::conllu;
    if (columns && format_ == reading_.format) return write_columns(lines, tags, reading_, out());
    if (columns && tokens.empty()) return;  // comments and blank lines stand between sentences
    writer_.write({}, line_of(tokens, tags, tagging_.reading.unit), out());
  }

  TagReading reading_;
  const Tagging& tagging_;
  TagFormat format_;
  const TagSentences& tag_;
  std::unique_ptr<SentenceParser> parser_;
  LineWriter writer_;
  LineParts parts_{longest_record};
  std::vector<SentenceLines> waiting_;
  std::size_t tokens_ = 0;
};

/// What running text becomes where nothing is said.
TagFormat format_of_text(const Tagging& tagging) {
  return tagging.words && !tagging.types ? TagFormat::segmented : TagFormat::slash;
}

void check_whole(const WholeWords& whole, const Tagging& tagging) {
  const bool phrases = !tagging.words && tagging.reading.unit != TokenUnit::words;
  if (!whole.words.empty() && phrases)
    fail(ErrorKind::option,
         "--words is for models that cut text into words; this one finds phrases in characters");
}

void check_text(const Tagging& tagging) {
  if (tagging.reading.features.empty()) return;
  fail(ErrorKind::option,
       "this model also reads column " + std::to_string(tagging.reading.features.front()) +
           " of its files (--features), which text does not have; give it columns (--input conll)");
}

/// Reads until the end, and writes what each reading brings, also before a fault.
void run(Filter& filter, const std::string& first, const VerbCall& call) {
  const auto write = [&](const auto& step) {
    try {
      step();
    } catch (const Error&) {
      call.write(filter.take());
      throw;
    }
    call.write(filter.take());
  };
  write([&] { filter.add(first); });
  std::string bytes(std::size_t{1} << 16, '\0');
  while (call.texts.empty()) {
    const std::size_t count = call.read(bytes.data(), bytes.size());
    if (count == 0) break;
    write([&] { filter.add(std::string_view(bytes).substr(0, count)); });
  }
  write([&] { filter.end(); });
}

std::string joined_texts(const std::vector<std::string>& texts) {
  std::string all;
  for (std::string text : texts) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    all += text + "\n";
  }
  return all;
}

/// What arrives first, with at least one whole line unless there is none.
std::string arrived(const VerbCall& call) {
  std::string bytes;
  constexpr std::size_t chunk = std::size_t{1} << 16, enough = std::size_t{1} << 18;
  while (bytes.size() < enough && bytes.find('\n') == bytes.npos) {
    const std::size_t before = bytes.size();
    bytes.resize(before + chunk);
    const std::size_t count = call.read(bytes.data() + before, chunk);
    bytes.resize(before + count);
    if (count == 0) break;
  }
  return bytes;
}

std::vector<std::string> lines_of(std::string_view bytes) {
  std::vector<std::string> lines;
  bytes = without_byte_order_mark(bytes);
  while (!bytes.empty() && lines.size() < lines_to_know_by) {
    const std::size_t end = bytes.find('\n');
    if (end == bytes.npos && !lines.empty()) break;  // perhaps not whole
    std::string_view line = bytes.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    bytes.remove_prefix(std::min(bytes.size(), end == bytes.npos ? end : end + 1));
  }
  return lines;
}

/// Columns were asked for, and each line has as many of them; or a token alone.
bool may_be_columns(std::span<const std::string> lines, const Tagging& tagging) {
  if (find_format(lines, {.comments = tagging.reading.comments}).format == TagFormat::conll) return true;
  return std::all_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return find_utf8_fault(line) ? false : cut_text(line, tagging.reading.unit, tagging.rules).size() <= 1;
  });
}

TagInput input_of(const TagOptions& options, const Tagging& tagging, std::string_view first,
                  const VerbCall& call) {
  if (!call.texts.empty()) return TagInput::text;
  if (options.input != TagInput::automatic) return options.input;
  const std::vector<std::string> lines = lines_of(first);
  TagFormat found = find_arriving_format(lines);
  const bool columns =
      tagging.reading.format == TagFormat::conll || tagging.reading.format == TagFormat::conllu;
  const bool wanted = options.format == TagFormat::conll || !tagging.reading.features.empty();
  if (found == TagFormat::automatic && columns && wanted && may_be_columns(lines, tagging))
    found = TagFormat::conll;
  if (found == TagFormat::automatic) return TagInput::text;
  call.notice("standard input is taken for columns, " + std::string(name_of(found)) +
              "; --input text reads it as text");
  return found == TagFormat::conllu ? TagInput::conllu : TagInput::conll;
}

/// How columns that come in are read: as the training data, if these had the same form.
TagReading reading_of(TagInput input, const Tagging& tagging) {
  TagReading reading = tagging.reading;
  const std::array<TagFormat, 6> formats = {TagFormat::automatic, TagFormat::automatic, TagFormat::conll,
                                            TagFormat::conllu,    TagFormat::segmented, TagFormat::slash};
  const TagFormat format = formats[static_cast<std::size_t>(input)];
  if (reading.format == format) return reading;
  reading.format = format;
  reading.columns.clear();
  return settled(reading, {});
}

}  // namespace

void check(const SegmentOptions& options, const Tagging& tagging) {
  if (!tagging.words)
    fail(ErrorKind::option,
         "segment is for models that cut text into words; rondo tag says what this one finds");
  check_format(options.format, tagging, "--format");
  check_whole(options.whole, tagging);
  check_text(tagging);
}

void check(const TagOptions& options, const Tagging& tagging) {
  check_format(options.format, tagging, "--format");
  check_whole(options.whole, tagging);
  if (options.input == TagInput::text) check_text(tagging);
  const bool words = options.input == TagInput::segmented || options.input == TagInput::slash;
  if (words && tagging.reading.unit != TokenUnit::words)
    fail(ErrorKind::option, "--input " + std::string(name_of(options.input)) +
                                " has words, and the tokens of this model are characters; give it text");
  if (words) check_text(tagging);
}

void segment(const Tagging& tagging, const SegmentOptions& options, const TagSentences& tag,
             const VerbCall& call) {
  check(options, tagging);
  TagFormat format = call.json ? TagFormat::jsonl : options.format;
  if (format == TagFormat::automatic) format = format_of_text(tagging);
  TextFilter filter(tagging, options.whole, format, tag);
  run(filter, joined_texts(call.texts), call);
}

void tag_stream(const Tagging& tagging, const TagOptions& options, const TagSentences& tag,
                const VerbCall& call) {
  check(options, tagging);
  const std::string first = call.texts.empty() ? arrived(call) : joined_texts(call.texts);
  const TagInput input = input_of(options, tagging, first, call);
  TagFormat format = call.json ? TagFormat::jsonl : options.format;
  std::unique_ptr<Filter> filter;
  if (input == TagInput::text) {
    check_text(tagging);
    if (format == TagFormat::automatic) format = format_of_text(tagging);
    filter = std::make_unique<TextFilter>(tagging, options.whole, format, tag);
  } else {
    const TagReading reading = reading_of(input, tagging);
    const bool columns = input == TagInput::conll || input == TagInput::conllu;
    if (format == TagFormat::automatic) format = columns ? reading.format : TagFormat::slash;
    filter = std::make_unique<FileFilter>(reading, tagging, format, tag);
  }
  run(*filter, first, call);
}

std::vector<Answer> answers(const Tagging& tagging, const WholeWords& whole, TagFormat format,
                            std::span<const std::string> lines, const TagSentences& tag) {
  check_text(tagging);
  if (format == TagFormat::automatic) format = format_of_text(tagging);
  const LinePreparer prepare(tagging, whole);
  std::vector<TaggedLine> tagged;
  std::vector<TaggedLine*> all;
  for (std::string line : lines) {
    std::replace(line.begin(), line.end(), '\n', ' ');
    tagged.push_back(prepare(std::move(line)));
  }
  for (TaggedLine& line : tagged)
    all.push_back(&line);
  add_tags(all, tagging, tag);
  std::vector<Answer> answers;
  for (const TaggedLine& line : tagged) {
    Answer answer;
    LineWriter(format, tagging).write({}, line, answer.text);
    LineWriter(TagFormat::jsonl, tagging).write({}, line, answer.json);
    for (std::string* const text : {&answer.text, &answer.json})
      if (text->ends_with('\n')) text->pop_back();
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace rondo::tag
