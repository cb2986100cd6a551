// A sentence a line: words with blanks between, and words with their tags.
#include <algorithm>
#include <utility>

#include "base/message.h"
#include "tasks/tag/files/blanks.h"
#include "tasks/tag/files/parser.h"
#include "tasks/tag/units.h"

namespace rondo::tag {
namespace {

/// Each line is a sentence.
class LineParser : public SentenceParser {
 public:
  LineParser(const TagReading& reading, TagScheme scheme, std::string name, ParseFor purpose)
      : SentenceParser(std::move(name), purpose), tagger_(reading.unit, scheme) {}

 protected:
  void add_word(std::string_view word, std::string_view type) {
    TaggedSentence& sentence = at_hand().sentence;
    tagger_.add(word, type, sentence.tokens);
    while (at_hand().token_lines.size() < sentence.tokens.size())
      token_here();
  }
  void end_sentence() {
    Strings tags = tagger_.take_tags();
    if (learning()) at_hand().sentence.tags = std::move(tags);
  }

 private:
  WordTagger tagger_;
};

class SegmentedParser final : public LineParser {
 public:
  using LineParser::LineParser;

 private:
  Then read(std::string_view line) override {
    for (const std::string_view word : words_between_blanks(line))
      add_word(word, {});
    end_sentence();
    return Then::whole;
  }
};

class SlashParser final : public LineParser {
 public:
  SlashParser(const TagReading& reading, TagScheme scheme, std::string name, ParseFor purpose)
      : LineParser(reading, scheme, std::move(name), purpose), separator_(reading.separator) {}

 private:
  Then read(std::string_view line) override {
    bool groups = false;
    words_.clear();
    for (const std::string_view pair : words_between_blanks(line)) {
      if (words_.empty() && is_place_in_paper(pair)) continue;
      words_.push_back(parted(pair));
      groups = groups || words_.back().second.find(']', 1) != pair.npos;
    }
    depth_ = 0;
    for (auto& [word, type] : words_) {
      if (groups) drop_brackets(word, type);
      add_word(word, type);
    }
    end_sentence();
    return Then::whole;
  }

  std::pair<std::string_view, std::string_view> parted(std::string_view pair) const {
    const std::size_t at = pair.rfind(separator_);
    if (at == pair.npos || at == 0 || at + separator_.size() == pair.size())
      refuse(quote(pair) + " is no word with its tag; wanted WORD" + separator_ +
             "TAG, with blanks between (--separator says what stands between word and tag)");
    return {pair.substr(0, at), pair.substr(at + separator_.size())};
  }

  /// The People's Daily corpus begins each paragraph with its place: 19980101-01-001-001/m.
  static bool is_place_in_paper(std::string_view pair) {
    constexpr std::string_view form = "00000000-00-000-000/m";
    const auto fits = [](char c, char wanted) { return wanted == '0' ? c >= '0' && c <= '9' : c == wanted; };
    return std::equal(pair.begin(), pair.end(), form.begin(), form.end(), fits);
  }

  /// It puts a name of several words in brackets: [中国/ns 科学院/n]nt.
  void drop_brackets(std::string_view& word, std::string_view& type) {
    if (word.size() > 1 && word.starts_with('[')) {
      word.remove_prefix(1);
      ++depth_;
    }
    const std::size_t closing = type.find(']', 1);
    if (depth_ > 0 && closing != type.npos) {
      type = type.substr(0, closing);
      --depth_;
    }
  }

  std::string separator_;
  std::vector<std::pair<std::string_view, std::string_view>> words_;
  int depth_ = 0;  ///< brackets open
};

}  // namespace

std::unique_ptr<SentenceParser> segmented_parser(const TagReading& reading, TagScheme scheme,
                                                 std::string name, ParseFor purpose) {
  return std::make_unique<SegmentedParser>(reading, scheme, std::move(name), purpose);
}

std::unique_ptr<SentenceParser> slash_parser(const TagReading& reading, TagScheme scheme, std::string name,
                                             ParseFor purpose) {
  if (reading.separator.empty())
    fail(ErrorKind::option, "separator must not be empty: it stands between a word and its tag");
  return std::make_unique<SlashParser>(reading, scheme, std::move(name), purpose);
}

}  // namespace rondo::tag
