/// The C locale for the calling thread while it lives, whatever setlocale() has chosen for the process: a
/// number's decimal point is '.', and the system's messages are English.
#pragma once
#include <clocale>
#include <new>

#include <locale.h>

namespace rondo {

class PlainLocale {
 public:
  PlainLocale() : before_(::uselocale(plain())) {}
  PlainLocale(const PlainLocale&) = delete;
  PlainLocale& operator=(const PlainLocale&) = delete;
  ~PlainLocale() { ::uselocale(before_); }

 private:
  /// Made once and never freed: a thread may still use it when the program ends.
  static locale_t plain() {
    static const locale_t made = ::newlocale(LC_ALL_MASK, "C", locale_t{});
    if (made == locale_t{}) throw std::bad_alloc();
    return made;
  }

  locale_t before_;
};

}  // namespace rondo
