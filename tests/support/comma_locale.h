/// A locale whose numbers have a decimal comma, as German and French ones do.
#pragma once
#include <locale>
#include <optional>
#include <string>

#include "support/temporary_folder.h"

namespace rondo::test {

/// In force while it lives: in C (setlocale) and in C++ (std::locale::global).
class CommaLocale {
 public:
  CommaLocale();
  CommaLocale(const CommaLocale&) = delete;
  CommaLocale& operator=(const CommaLocale&) = delete;
  ~CommaLocale();

  /// Whether C's numbers have commas now; a locale is made where none is installed, which needs glibc.
  bool in_c() const;

 private:
  std::string before_;
  std::locale global_before_;
  std::optional<std::string> path_before_;
  TemporaryFolder folder_;
};

}  // namespace rondo::test
