/// The report of a training run: one self-contained HTML page with inline SVG and without scripts.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include <rondo/tasks/evaluation.h>
#include <rondo/train.h>

namespace [[gnu::visibility("default")]] rondo {

struct Report {
  std::string title = {};
  History history = {};
  std::vector<std::string> curves = {"loss"};                      ///< epoch values that are drawn
  std::vector<std::pair<Words, std::string>> facts = {};           ///< for the section "At a glance"
  std::vector<report::Section> sections = {};                      ///< the application's sections
  std::vector<std::pair<std::string, std::string>> settings = {};  ///< options and their values
  bool chinese = false;

  std::string to_html() const;
};

}  // namespace rondo
