/// Command-line options made from tables of options: `--max-length` for max_length, with help, bounds,
/// choices and default from the table. What the user typed is kept as text and applied after the
/// configuration file, so that the command line wins.
#pragma once
#include <CLI/CLI.hpp>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/options.h>
#include <rondo/tasks/task.h>

namespace rondo::program {

/// "max_length" as "--max-length".
std::string option_name(std::string_view field);

/// What the user typed for the options of a command, in order.
class TypedOptions {
 public:
  /// Adds an option for each of the table. An option's section of the help is its group's; where it has none,
  /// that of the option before it, at first `section`.
  void add_to(CLI::App& command, const std::vector<OptionInfo>& table,
              const std::string& section = "Options");
  /// The options that any of the applications has there, each once: which application is at hand is known
  /// only when the model was read.
  void add_to(CLI::App& command, std::span<const TaskKind> applications, OptionTable TaskKind::*table,
              const std::string& section);

  /// What becomes of an option that none of the tables has.
  enum class Unknown { refused, left };
  /// Error(option) naming the option as it was typed for a value that it does not take, Error(usage) for one
  /// that none of the tables has: `whose` says who does without it ("a model of 'tag'").
  void apply(std::initializer_list<OptionTable*> tables, Unknown unknown,
             const std::string& whose = {}) const;

  /// Error(option) for a value that none of the applications takes: before a model says which one it is of.
  void check(std::span<const TaskKind> applications, OptionTable TaskKind::*table) const;

  /// Names and texts, in the order in which they were typed.
  const std::vector<std::pair<std::string, std::string>>& typed() const { return *typed_; }

 private:
  std::shared_ptr<std::vector<std::pair<std::string, std::string>>> typed_ =
      std::make_shared<std::vector<std::pair<std::string, std::string>>>();
};

}  // namespace rondo::program
