#include "support/comma_locale.h"

#include <array>
#include <clocale>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <vector>

#include <stdlib.h>

namespace rondo::test {
namespace {

struct Commas final : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

std::string bytes_of(std::uint32_t number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof number);
}

/// The file LC_NUMERIC of a locale, as glibc's localedef writes it: a mark, the number of entries, where they
/// begin, the entries.
std::string numeric_file() {
  constexpr std::uint32_t mark = 0x20031115 ^ LC_NUMERIC, entries = 6, header = 4 * (2 + entries);
  std::string places, content;
  const auto add = [&](const std::string& entry) {
    places += bytes_of(header + static_cast<std::uint32_t>(content.size()));
    content += entry;
  };
  using namespace std::string_literals;
  for (const std::string& text : {",\0"s, ".\0"s, "\3\0"s})
    add(text);
  content.resize((content.size() + 3) / 4 * 4);
  for (const char c : {',', '.'})
    add(bytes_of(static_cast<std::uint32_t>(c)));
  add("UTF-8\0"s);
  return bytes_of(mark) + bytes_of(entries) + places + content;
}

bool has_commas() {
  return std::string_view(std::localeconv()->decimal_point) == ",";
}

}  // namespace

CommaLocale::CommaLocale() : before_(std::setlocale(LC_NUMERIC, nullptr)) {
  const char* const path = std::getenv("LOCPATH");
  if (path != nullptr) path_before_ = path;
  // std::locale::global() may set C's locale: it comes first.
  global_before_ = std::locale::global(std::locale(std::locale::classic(), new Commas));
  for (const char* name : {"de_DE.utf8", "fr_FR.utf8", "nl_NL.utf8", "pt_BR.utf8", "ru_RU.utf8"})
    if (std::setlocale(LC_NUMERIC, name) != nullptr && has_commas()) return;
  std::filesystem::create_directory(folder_ / "commas");
  std::ofstream(folder_ / "commas/LC_NUMERIC", std::ios::binary) << numeric_file();
  ::setenv("LOCPATH", folder_.path().c_str(), 1);
  std::setlocale(LC_NUMERIC, "commas");
}

CommaLocale::~CommaLocale() {
  std::locale::global(global_before_);
  if (path_before_)
    ::setenv("LOCPATH", path_before_->c_str(), 1);
  else
    ::unsetenv("LOCPATH");
  std::setlocale(LC_NUMERIC, before_.c_str());
}

bool CommaLocale::in_c() const {
  return has_commas();
}

}  // namespace rondo::test
