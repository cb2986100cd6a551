/// `rondo inspect --text` and `--data`: what happens inside of a model while it answers.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include <rondo/tasks/task.h>

namespace rondo::program {

struct Inside {
  std::optional<std::string> text;
  std::filesystem::path data;  ///< in place of a text: a file of examples, of which
  int example = 1;             ///< this one is taken, from 1 on
  int tokens = 200;            ///< the most that are looked at
  std::filesystem::path html;  ///< the page to write; empty: tables on the terminal
  std::string language = "auto";
  bool json = false;

  bool wanted() const { return text.has_value() || !data.empty(); }
  /// Error(option) for options that contradict each other.
  void check() const;
  int run(const Task& task, const std::string& model) const;
};

}  // namespace rondo::program
