/// Command-line options made from a description's fields: one option a field, `--max-length` for max_length,
/// with help, default and bounds from the field. What the user typed is kept as text and applied after the
/// configuration file, so that the command line wins.
#pragma once
#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fields.h"

namespace rondo::program {

/// What the user typed for the fields of one description, in order.
class FieldOptions {
 public:
  /// Adds an option for each field of the table. `groups` names the field with which a section of the help
  /// begins.
  void add_to(CLI::App& command, const std::vector<FieldInfo>& table,
              const std::map<std::string, std::string>& groups = {});

  template <Description D>
  void apply(D& description) const {
    for (const auto& [name, text] : *typed_)
      set(description, name, text, FieldPlace{});
  }

 private:
  std::shared_ptr<std::vector<std::pair<std::string, std::string>>> typed_ =
      std::make_shared<std::vector<std::pair<std::string, std::string>>>();
};

/// "max_length" as "--max-length".
std::string option_name(std::string_view field);

/// A TOML (by its name's ending .toml) or JSON file of options as one JSON object. Errors name file and line.
Json read_config(const std::string& file);

}  // namespace rondo::program
