/// Small labelled texts on which a small model trains in a second.
#pragma once
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace rondo::test {

/// Rows of label, tab, text: words that tell the two classes apart among words that do not.
inline std::string reviews_tsv(int rows = 120) {
  const std::vector<std::string> good = {"lovely", "wonderful", "charming", "great"};
  const std::vector<std::string> bad = {"awful", "boring", "terrible", "dull"};
  const std::vector<std::string> rest = {"the film", "this long story", "it", "the cast of it",
                                         "every scene here"};
  std::string text;
  for (int i = 0; i < rows; ++i) {
    const bool positive = i % 2 == 0;
    const auto at = static_cast<std::size_t>(i);
    text += (positive ? "positive\t" : "negative\t") + rest[at % rest.size()] + " was " +
            (positive ? good : bad)[at / 2 % 4] + " and number " + std::to_string(i) + "\n";
  }
  return text;
}

inline std::filesystem::path write(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
  return file;
}

inline std::string read_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Options that make training small.
inline std::vector<std::string> small(std::vector<std::string> arguments) {
  for (const char* word :
       {"--embedding", "8", "--units", "8", "--epochs", "5", "--batch-size", "8", "--learning-rate", "0.02"})
    arguments.emplace_back(word);
  return arguments;
}

}  // namespace rondo::test
