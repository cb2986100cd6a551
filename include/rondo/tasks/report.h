/// The page about a training run: one self-contained file with inline SVG, no script, nothing else needed.
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
  std::vector<std::string> curves = {"loss"};                      ///< values of an epoch that are drawn
  std::vector<std::pair<Words, std::string>> facts = {};           ///< at a glance
  std::vector<report::Section> sections = {};                      ///< the application's
  std::vector<std::pair<std::string, std::string>> settings = {};  ///< options and their values
  bool chinese = false;

  std::string to_html() const;
};

}  // namespace rondo
