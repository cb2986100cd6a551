// TMX 1.4 (Translation Memory eXchange, LISA 2005): <tu> holds a <tuv> with an xml:lang for each language,
// and its <seg> the text. Read by expat, piece by piece.
#include <exception>
#include <memory>

#include <expat.h>

#include "base/files.h"
#include "base/message.h"
#include "base/shown.h"
#include "data/table.h"
#include "tasks/translate/pairs.h"

namespace rondo::translate {
namespace {

/// "en" is every English, "en-GB" one of them; case does not count.
bool is_in(const std::string& wanted, const std::string& language) {
  const std::string a = data::lower_ascii(wanted), b = data::lower_ascii(language);
  return a == b || b.starts_with(a + "-");
}

class TmxReader {
 public:
  TmxReader(const std::string& name, const ReadingOptions& options, PairFilter& to)
      : name_(name), directions_(directions_of(options)), to_(to), parser_(XML_ParserCreate(nullptr)) {
    if (!parser_) throw Bug("tmx: expat gives no parser");
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const char* element, const char** attributes) {
          static_cast<TmxReader*>(self)->guarded([&](TmxReader& r) { r.open(element, attributes); });
        },
        [](void* self, const char* element) {
          static_cast<TmxReader*>(self)->guarded([&](TmxReader& r) { r.close(element); });
        });
    XML_SetCharacterDataHandler(parser_.get(), [](void* self, const char* text, int size) {
      static_cast<TmxReader*>(self)->guarded([&](TmxReader& r) {
        r.text({text, static_cast<std::size_t>(size)});
      });
    });
    // A file of pairs needs no entities of its own; with them a small file can unpack to an enormous one.
    XML_SetEntityDeclHandler(parser_.get(), [](void* self, const char*, int, const char*, int, const char*,
                                               const char*, const char*, const char*) {
      static_cast<TmxReader*>(self)->guarded(
          [](TmxReader& r) { r.refuse("declares entities of its own; write the characters themselves"); });
    });
  }

  void read(std::string_view piece) { parse(piece, false); }
  void end() {
    parse({}, true);
    if (!is_tmx_) refuse("is no TMX: it has no element <tmx>");
  }

 private:
  struct Free {
    void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
  };

  void parse(std::string_view piece, bool last) {
    const XML_Status status =
        XML_Parse(parser_.get(), piece.data(), static_cast<int>(piece.size()), last ? XML_TRUE : XML_FALSE);
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    if (status == XML_STATUS_ERROR)
      refuse(std::string("is no whole XML: ") + XML_ErrorString(XML_GetErrorCode(parser_.get())));
  }

  /// An exception does not pass through C: it stops the parser and waits.
  template <class F>
  void guarded(const F& f) noexcept {
    if (error_) return;
    try {
      f(*this);
    } catch (...) {
      error_ = std::current_exception();
      XML_StopParser(parser_.get(), XML_FALSE);
    }
  }

  std::string place() const {
    return name_ + " line " + std::to_string(XML_GetCurrentLineNumber(parser_.get()));
  }
  [[noreturn]] void refuse(const std::string& why) const { fail(ErrorKind::data, place() + " " + why); }

  static std::string attribute(const char** attributes, std::string_view wanted) {
    for (; *attributes != nullptr; attributes += 2)
      if (attributes[0] == wanted) return attributes[1];
    return {};
  }

  void open(std::string_view element, const char** attributes) {
    if (element == "tmx") is_tmx_ = true;
    if (element == "header") source_ = attribute(attributes, "srclang");
    if (element == "tu") texts_.clear();
    if (element == "tuv") {
      language_ = attribute(attributes, "xml:lang");
      if (language_.empty()) language_ = attribute(attributes, "lang");
      if (language_.empty()) refuse("has a <tuv> without xml:lang");
    }
    if (element == "seg") {
      inside_ = true;
      text_.clear();
    }
    // What stands in these is the code of the document that the text is from.
    if (inside_ && is_code(element)) ++code_;
  }

  void close(std::string_view element) {
    if (inside_ && is_code(element)) --code_;
    if (element == "seg" && inside_) {
      inside_ = false;
      code_ = 0;
      texts_.emplace_back(language_, std::move(text_));
      text_.clear();
    }
    if (element == "tu") unit();
  }

  static bool is_code(std::string_view element) {
    return element == "bpt" || element == "ept" || element == "it" || element == "ph" || element == "ut";
  }

  void text(std::string_view piece) {
    if (inside_ && code_ == 0) text_ += piece;
  }

  const std::string* in(const std::string& language) const {
    for (const auto& [own, text] : texts_)
      if (is_in(language, own)) return &text;
    return nullptr;
  }

  void unit() {
    if (directions_.empty()) find_direction();
    for (const auto& [from, into] : directions_) {
      const std::string *source = in(from), *target = in(into);
      if (source == nullptr || target == nullptr)
        to_.skip("no text in " + quote(source == nullptr ? from : into), place());
      else
        to_.add({*source, *target, from, into}, place());
    }
  }

  /// Of a file of two languages.
  void find_direction() {
    if (texts_.size() != 2)
      refuse("has a <tu> of " + std::to_string(texts_.size()) +
             " texts; which languages are source and target? --from LANGUAGE --to LANGUAGE");
    const bool turned =
        !source_.empty() && is_in(source_, texts_[1].first) && !is_in(source_, texts_[0].first);
    directions_.emplace_back(texts_[turned ? 1 : 0].first, texts_[turned ? 0 : 1].first);
  }

  std::string name_;
  std::vector<std::pair<std::string, std::string>> directions_;
  PairFilter& to_;
  std::unique_ptr<XML_ParserStruct, Free> parser_;
  std::exception_ptr error_;
  bool is_tmx_ = false, inside_ = false;
  int code_ = 0;
  std::string source_, language_, text_;
  std::vector<std::pair<std::string, std::string>> texts_;  // of the unit: language, text
};

}  // namespace

void add_tmx(const EachPiece& pieces, const std::string& name, const ReadingOptions& options,
             PairFilter& to) {
  TmxReader reader(name, options, to);
  pieces([&](std::string_view piece) { reader.read(piece); });
  reader.end();
}

void add_tmx(const std::filesystem::path& file, const ReadingOptions& options, PairFilter& to) {
  const EachPiece pieces = [&](const std::function<void(std::string_view)>& f) {
    InputFile input(file, {.size = std::uint64_t{1} << 40});
    std::string buffer(1 << 16, '\0');
    while (const std::size_t size = input.read(buffer.data(), buffer.size()))
      f(std::string_view(buffer).substr(0, size));
  };
  add_tmx(pieces, file.string(), options, to);
}

}  // namespace rondo::translate
