/// Which sounds there are and what is said in them, before any of them is read.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <rondo/tasks/speech.h>

namespace rondo::speech {

struct Entry {
  std::filesystem::path file;
  std::string text;
  std::string place;  ///< "line 3" of a list; of folders the file's name
};

struct Listed {
  std::filesystem::path from;
  std::vector<Entry> entries = {};
  std::vector<std::string> without_tab = {};  ///< places of lines that are no entries
  std::string notice = {};                    ///< how texts were found, where that is not plain
};

/// What a list or a folder names. Error(data) for a folder without sounds and for a list without entries.
Listed entries_of(const std::filesystem::path& path, const ReadingOptions& options);

}  // namespace rondo::speech
