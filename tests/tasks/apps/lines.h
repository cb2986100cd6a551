/// Lines of a file, for the miniature applications.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"

namespace rondo::test {

inline std::vector<std::string> lines_of(const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> lines;
  for (const std::filesystem::path& file : files) {
    LineReader reader(file);
    for (std::string line; reader.next(line);)
      if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

}  // namespace rondo::test
