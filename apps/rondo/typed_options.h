/// Command-line options made from tables of options: `--max-length` for max_length, with help, bounds,
/// choices and default from the table. What the user typed is kept as text and applied after the
/// configuration file, so that the command line takes precedence.
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
  /// Adds an option for each entry of the table. Its section in the help is that of its group. Without a
  /// group, it is the section of the option before it, and `section` at first.
  void add_to(CLI::App& command, const std::vector<OptionInfo>& table,
              const std::string& section = "Options");
  /// Adds the options that any application has there, each once, because the application is known only after
  /// the model was read.
  void add_to(CLI::App& command, std::span<const TaskKind> applications, OptionTable TaskKind::*table,
              const std::string& section);

  /// What to do with an option that no table has.
  enum class Unknown { refused, left };
  /// Error(option), naming the option as typed, for an unsuitable value. Error(usage) for an option that no
  /// table has; `whose` says what has no such option ("a model of 'tag'").
  void apply(std::initializer_list<OptionTable*> tables, Unknown unknown,
             const std::string& whose = {}) const;

  /// Error(option) for a value that no application takes. Use it before the model, and so the application, is
  /// known.
  void check(std::span<const TaskKind> applications, OptionTable TaskKind::*table) const;

  /// Names and texts, in the order in which they were typed.
  const std::vector<std::pair<std::string, std::string>>& typed() const { return *typed_; }

 private:
  void add_texts(CLI::App& command, const OptionInfo& info, const std::string& group);

  std::shared_ptr<std::vector<std::pair<std::string, std::string>>> typed_ =
      std::make_shared<std::vector<std::pair<std::string, std::string>>>();
};

}  // namespace rondo::program
