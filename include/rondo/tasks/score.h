/// Scores of answers that lie in files, by the rules and to the digits of a field's reference program:
/// `rondo score NAME FILE...`. A scorer is an entry of a list, and needs no model.
#pragma once
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <rondo/options.h>

namespace [[gnu::visibility("default")]] rondo {

/// What a scorer says of files.
struct FileScores {
  std::string text;                       ///< for people: as the reference program prints it
  std::string json;                       ///< one object
  std::vector<std::string> notices = {};  ///< what there is to say besides
};

struct Scorer {
  std::string name;                ///< of `rondo score NAME`
  std::string about;               ///< one line of help
  std::vector<std::string> files;  ///< what its arguments are: "GOLD", "ANSWER"
  std::string files_about;         ///< what is in them, for help
  bool more_files = false;         ///< the last argument may be given several times
  OptionTable options = {};
  std::vector<std::string> examples = {};
  /// Error(data) naming file and line for what cannot be scored. There are as many files as `files` asks for.
  std::function<FileScores(std::span<const std::filesystem::path> files, const OptionTable& options)> score;
};

/// All scorers of the library.
const std::vector<Scorer>& scorers();

}  // namespace rondo
