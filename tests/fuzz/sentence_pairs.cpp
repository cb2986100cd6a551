// Pairs of sentences from TSV, CSV, JSON lines and TMX: bytes from anywhere become pairs or an Error.
#include <cstdint>
#include <string_view>

#include <rondo/error.h>

#include "tasks/translate/input.h"
#include "tasks/translate/pairs.h"

namespace {

using namespace rondo;

translate::EachLine lines_of(std::string_view text) {
  return [text](const std::function<void(std::string_view, std::uint64_t)>& f) {
    std::uint64_t number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      f(text.substr(begin, end - begin), ++number);
      begin = end + 1;
    }
  };
}

template <class F>
void attempt(const F& f) {
  try {
    f();
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const bool keeps_all : {false, true}) {
    for (const auto form : {translate::RowForm::lines, translate::RowForm::csv})
      attempt([&] {
        translate::PairFilter pairs({}, keeps_all);
        translate::add_rows(lines_of(text), "fuzz", form, {}, pairs);
        pairs.take(nullptr);
      });
    attempt([&] {
      translate::PairFilter pairs({}, keeps_all);
      translate::add_jsonl(lines_of(text), "fuzz", {}, pairs);
      pairs.take(nullptr);
    });
  }
  for (const translate::ReadingOptions& options :
       {translate::ReadingOptions{}, {.from = "en", .to = "fr,de"}})
    attempt([&] {
      translate::PairFilter pairs(options, true);
      // In two pieces, as a file may come.
      translate::add_tmx(
          [&](const std::function<void(std::string_view)>& f) {
            f(text.substr(0, size / 2));
            f(text.substr(size / 2));
          },
          "fuzz", options, pairs);
      pairs.take(nullptr);
    });
  attempt([&] { translate::TranslationInput::from_json(text); });
  return 0;
}
