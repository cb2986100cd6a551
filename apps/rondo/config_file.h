/// Files of options: TOML or JSON, each option with its line.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace rondo::program {

struct ConfigEntry {
  std::string key;
  Json value;
  std::uint64_t line = 0;
};

/// The entries of a file: JSON if it begins with a brace, else TOML. Error(option) "FILE line N ...".
std::vector<ConfigEntry> read_config(const std::string& file);

}  // namespace rondo::program
