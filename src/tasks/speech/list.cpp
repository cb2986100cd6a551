#include "tasks/speech/list.h"

#include <algorithm>
#include <array>

#include "base/files.h"
#include "base/message.h"
#include "base/utf8.h"

namespace rondo::speech {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 8> endings = {".wav",  ".flac", ".ogg", ".oga",
                                                     ".opus", ".aiff", ".aif", ".mp3"};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

bool is_sound(const fs::path& file) {
  return std::find(endings.begin(), endings.end(), lower(file.extension().string())) != endings.end();
}

std::vector<fs::path> files_under(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(folder, fs::directory_options::follow_directory_symlink))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line)
    if (c == '\t')
      cells.emplace_back();
    else
      cells.back() += c;
  return cells;
}

/// LibriSpeech: "ID TEXT" a line, and ID.flac beside the file.
void add_transcript(const fs::path& transcript, const std::vector<fs::path>& sounds, Listed& to) {
  LineReader lines(transcript);
  for (std::string line; lines.next(line);) {
    if (trim_unseen(line).empty()) continue;
    const std::size_t blank = line.find(' ');
    const std::string id = line.substr(0, blank);
    fs::path file = transcript.parent_path() / (id + ".flac");
    for (const fs::path& sound : sounds)
      if (sound.parent_path() == transcript.parent_path() && sound.stem() == id) file = sound;
    to.entries.push_back({file, blank == std::string::npos ? "" : line.substr(blank + 1),
                          transcript.filename().string() + " line " + std::to_string(lines.number())});
  }
}

Listed in_folder(const fs::path& folder) {
  Listed listed{.from = folder};
  std::vector<fs::path> sounds, transcripts;
  for (const fs::path& file : files_under(folder)) {
    if (is_sound(file)) sounds.push_back(file);
    if (file.string().ends_with(".trans.txt")) transcripts.push_back(file);
  }
  for (const fs::path& transcript : transcripts)
    add_transcript(transcript, sounds, listed);
  if (!listed.entries.empty()) return listed;
  for (const fs::path& sound : sounds) {
    const fs::path word = sound.lexically_relative(folder).parent_path();
    if (word.empty())
      fail(ErrorKind::data, quote(folder.string()) + ": sounds such as " + quote(sound.filename().string()) +
                                " lie in no folder that names their word; wanted a folder for each word "
                                "(yes/a.wav), *.trans.txt beside them, or a list of file, tab, text");
    listed.entries.push_back({sound, word.begin()->string(), sound.string()});
  }
  if (listed.entries.empty())
    fail(ErrorKind::data, quote(folder.string()) +
                              ": no sounds (.wav, .flac, .ogg, ...) below it; wanted a folder "
                              "for each word, *.trans.txt beside sounds, or a list");
  return listed;
}

struct ListColumns {
  std::size_t file = 0, text = 1;
  bool header = false;
};

/// The column of one of these names; none: npos.
std::size_t find_column(const std::vector<std::string>& header,
                        std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    for (std::size_t i = 0; i < header.size(); ++i)
      if (lower(header[i]) == name) return i;
  return std::string::npos;
}

std::size_t named_column(const std::vector<std::string>& header, const std::string& name,
                         const fs::path& path) {
  const auto at = std::find(header.begin(), header.end(), name);
  if (at == header.end())
    fail(ErrorKind::data,
         path.string() + ": no column " + quote(name) + "; its first line has " + enumerate(header, "and"));
  return static_cast<std::size_t>(at - header.begin());
}

ListColumns columns_of(const std::string& first, const ReadingOptions& options, const fs::path& path) {
  const std::vector<std::string> header = cells_of(first);
  ListColumns columns;
  const std::size_t file = find_column(header, {"path", "file", "audio", "filename"});
  const std::size_t text = find_column(header, {"sentence", "text", "label", "transcript", "word"});
  columns.header = !options.file_column.empty() || !options.text_column.empty() ||
                   (file != std::string::npos && text != std::string::npos);
  if (!columns.header) return columns;
  columns.file = options.file_column.empty() ? file : named_column(header, options.file_column, path);
  columns.text = options.text_column.empty() ? text : named_column(header, options.text_column, path);
  if (columns.file == std::string::npos || columns.text == std::string::npos)
    fail(ErrorKind::data, path.string() +
                              ": wanted a column of files (path) and one of texts (sentence), its first "
                              "line has " +
                              enumerate(header, "and") + "; name them with --file-column and --text-column");
  return columns;
}

/// Common Voice keeps its sounds in `clips` beside the list.
fs::path located(const fs::path& list, const std::string& file) {
  const fs::path path(file);
  if (path.is_absolute()) return path;
  const fs::path beside = list.parent_path() / path, clips = list.parent_path() / "clips" / path;
  std::error_code ignored;
  return !fs::exists(beside, ignored) && fs::exists(clips, ignored) ? clips : beside;
}

Listed in_list(const fs::path& path, const ReadingOptions& options) {
  Listed listed{.from = path};
  LineReader lines(path);
  ListColumns columns;
  std::string line;
  for (bool first = true; lines.next(line); first = false) {
    require_utf8(line, path.string(), lines.number());
    if (first) {
      line = without_byte_order_mark(line);
      columns = columns_of(line, options, path);
      if (columns.header) continue;
    }
    if (trim_unseen(line).empty()) continue;
    const std::string place = "line " + std::to_string(lines.number());
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() <= std::max(columns.file, columns.text)) {
      listed.without_tab.push_back(place);
      continue;
    }
    listed.entries.push_back({located(path, cells[columns.file]), cells[columns.text], place});
  }
  if (listed.entries.empty())
    fail(ErrorKind::data,
         path.string() + ": no clips; wanted a line for each: file, tab, what is said in it");
  return listed;
}

}  // namespace

Listed entries_of(const fs::path& path, const ReadingOptions& options) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return in_folder(path);
  if (is_sound(path))
    fail(ErrorKind::data, path.string() +
                              ": it is a sound, and does not say what is said in it; wanted a list "
                              "(file, tab, text) or a folder with a folder for each word");
  return in_list(path, options);
}

}  // namespace rondo::speech
