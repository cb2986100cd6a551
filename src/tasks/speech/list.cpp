#include "tasks/speech/list.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <span>

#include "base/files.h"
#include "base/json.h"
#include "base/message.h"
#include "base/utf8.h"
#include "data/cells.h"
#include "data/table.h"

namespace rondo::speech {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 8> endings = {".wav",  ".flac", ".ogg", ".oga",
                                                     ".opus", ".aiff", ".aif", ".mp3"};

bool is_sound(const fs::path& file) {
  return std::find(endings.begin(), endings.end(), data::lower_ascii(file.extension().string())) !=
         endings.end();
}

std::vector<fs::path> files_under(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(folder, fs::directory_options::follow_directory_symlink))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

/// The sounds below a folder by their names without ending, and by the names that a Kaldi wav.scp gives them.
class NamedSounds {
 public:
  explicit NamedSounds(const std::vector<fs::path>& files) {
    for (const fs::path& file : files)
      if (is_sound(file)) by_name_.emplace(file.stem().string(), file);
    for (const fs::path& file : files)
      if (file.filename() == "wav.scp") add_names(file);
  }

  const fs::path* find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &found->second;
  }

 private:
  /// "ID PATH" a line.
  void add_names(const fs::path& list) {
    LineReader lines(list);
    for (std::string line; lines.next(line);) {
      const std::string_view text = trim_unseen(line);
      if (text.empty()) continue;
      const std::string place = list.string() + " line " + std::to_string(lines.number());
      const std::size_t blank = text.find_first_of(" \t");
      if (blank == text.npos) fail(ErrorKind::data, place + ": wanted an ID and the path of a sound");
      if (text.ends_with('|'))
        fail(ErrorKind::data, place + ": " + quote(text.substr(0, blank)) +
                                  " is the output of a command; rondo reads files, so write each to one");
      const fs::path path(std::string(trim_unseen(text.substr(blank))));
      by_name_.insert_or_assign(std::string(text.substr(0, blank)),
                                path.is_absolute() ? path : list.parent_path() / path);
    }
  }

  std::map<std::string, fs::path> by_name_;
};

/// LibriSpeech, Kaldi and AISHELL: "ID TEXT" a line, and the sound ID somewhere below the folder. Of lists
/// with other names than *.trans.txt and text, lines whose ID is no sound are other text.
void add_transcript(const fs::path& transcript, bool sure, const NamedSounds& sounds, Listed& to) {
  LineReader lines(transcript);
  for (std::string line; lines.next(line);) {
    const std::string_view text = trim_unseen(line);
    if (text.empty()) continue;
    const std::size_t blank = std::min(text.find_first_of(" \t"), text.size());
    const std::string id(text.substr(0, blank));
    const fs::path* const sound = sounds.find(id);
    if (sound == nullptr && !sure) continue;
    to.entries.push_back({sound != nullptr ? *sound : transcript.parent_path() / (id + ".flac"),
                          std::string(trim_unseen(text.substr(blank))),
                          transcript.filename().string() + " line " + std::to_string(lines.number())});
  }
}

void add_transcripts(const std::vector<fs::path>& files, Listed& to) {
  const NamedSounds sounds(files);
  for (const fs::path& file : files) {
    const std::string name = data::lower_ascii(file.filename().string());
    const bool sure = name.ends_with(".trans.txt") || name == "text";
    if (sure || (name.ends_with(".txt") && name.find("transcript") != name.npos))
      add_transcript(file, sure, sounds, to);
  }
}

/// What stands before the first _ of each name (0_jackson_3.wav): nothing unless it recurs as words do.
std::vector<std::string> words_in_names(const std::vector<fs::path>& sounds) {
  std::vector<std::string> words;
  std::set<std::string> different;
  for (const fs::path& sound : sounds) {
    const std::string stem = sound.stem().string();
    const std::size_t end = stem.find('_');
    if (end == std::string::npos || end == 0) return {};
    words.push_back(stem.substr(0, end));
    different.insert(words.back());
  }
  return different.size() > 1 && words.size() >= 2 * different.size() ? words : std::vector<std::string>();
}

void add_sounds(const fs::path& folder, const std::vector<fs::path>& sounds, Listed& to) {
  const bool flat = std::all_of(sounds.begin(), sounds.end(), [&](const fs::path& sound) {
    return sound.parent_path() == folder || sound.lexically_relative(folder).parent_path().empty();
  });
  const std::vector<std::string> words = flat ? words_in_names(sounds) : std::vector<std::string>();
  if (!words.empty())
    to.notice = folder.string() + ": the words are what stands before _ in the names, " +
                quote(words.front()) + " of " + quote(sounds.front().filename().string());
  for (std::size_t i = 0; i < sounds.size(); ++i) {
    const fs::path word = sounds[i].lexically_relative(folder).parent_path();
    if (word.empty() && words.empty())
      fail(ErrorKind::data, quote(folder.string()) + ": sounds such as " +
                                quote(sounds[i].filename().string()) +
                                " lie in no folder that names their word; wanted a folder for each word "
                                "(yes/a.wav), names that begin "
                                "with it (yes_a.wav), *.trans.txt beside them, or a list of file, tab, text");
    to.entries.push_back({sounds[i], words.empty() ? word.begin()->string() : words[i], sounds[i].string()});
  }
}

Listed in_folder(const fs::path& folder) {
  Listed listed{.from = folder};
  const std::vector<fs::path> files = files_under(folder);
  add_transcripts(files, listed);
  if (!listed.entries.empty()) return listed;
  std::vector<fs::path> sounds;
  std::copy_if(files.begin(), files.end(), std::back_inserter(sounds), is_sound);
  add_sounds(folder, sounds, listed);
  if (listed.entries.empty())
    fail(ErrorKind::data, quote(folder.string()) +
                              ": no sounds (.wav, .flac, .ogg, ...) below it; wanted a folder "
                              "for each word, *.trans.txt beside sounds, or a list");
  return listed;
}

constexpr std::array<std::string_view, 9> file_names = {
    "path", "file", "audio", "filename", "file_name", "audio_filepath", "wav", "wav_filename", "audio_path"};
constexpr std::array<std::string_view, 8> text_names = {"sentence",      "text", "label",   "transcript",
                                                        "transcription", "word", "command", "category"};

struct ListColumns {
  std::size_t file = 0, text = 1;
  bool header = false;
};

/// The column of one of these names; none: npos.
std::size_t find_column(const std::vector<std::string>& header, std::span<const std::string_view> names) {
  for (const std::string_view name : names)
    for (std::size_t i = 0; i < header.size(); ++i)
      if (data::lower_ascii(header[i]) == name) return i;
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

/// What stands between the cells of a list: tabs or bars, and then quotes are text; or commas and semicolons
/// of a table with names.
struct ListForm {
  char separator = '\t';
  bool quotes = false;

  std::vector<std::string> cells(const std::string& line, const std::string& place) const {
    std::vector<std::string> cells;
    if (quotes) {
      data::cut_cells(line, separator, place, cells);
      return cells;
    }
    cells.emplace_back();
    for (const char c : line)
      if (c == separator)
        cells.emplace_back();
      else
        cells.back() += c;
    return cells;
  }
};

ListForm form_of(const std::string& first, const ReadingOptions& options) {
  if (first.find('\t') != first.npos) return {};
  if (first.find('|') != first.npos) return {'|'};
  for (const char separator : {',', ';'}) {
    const ListForm form{separator, true};
    const std::vector<std::string> header = form.cells(first, "header");
    const bool asked = !options.file_column.empty() || !options.text_column.empty();
    if (header.size() > 1 && (asked || (find_column(header, file_names) != std::string::npos &&
                                        find_column(header, text_names) != std::string::npos)))
      return form;
  }
  return {};
}

ListColumns columns_of(const std::vector<std::string>& header, const ReadingOptions& options,
                       const fs::path& path) {
  ListColumns columns;
  const std::size_t file = find_column(header, file_names);
  const std::size_t text = find_column(header, text_names);
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

/// Corpora keep their sounds in a folder beside the list, and some leave the ending out.
fs::path located(const fs::path& list, const std::string& file) {
  const fs::path path(file);
  if (path.is_absolute()) return path;
  std::error_code ignored;
  for (const char* const folder : {"", "clips", "wavs", "wav", "audio"})
    for (const char* const ending : {"", ".wav", ".flac"}) {
      const fs::path here = list.parent_path() / folder / (file + ending);
      if (fs::is_regular_file(here, ignored)) return here;
    }
  return list.parent_path() / path;
}

/// An object a line, as NeMo's manifests have it: {"audio_filepath": ..., "text": ...}.
Entry entry_of(const std::string& line, const ReadingOptions& options, const fs::path& path,
               std::uint64_t number) {
  const Json object = parse_json(line, {.name = path.string(), .kind = ErrorKind::data, .line = number});
  const auto value = [&](std::span<const std::string_view> names, const std::string& asked) -> std::string {
    for (const std::string_view name : names)
      if (const std::string key(asked.empty() ? name : asked); object.is_object() && object.contains(key)) {
        const Json& found = object[key];
        return found.is_string() ? found.get<std::string>() : dump_json(found);
      }
    fail(ErrorKind::data,
         path.string() + " line " + std::to_string(number) + ": no " +
             (asked.empty() ? "'" + std::string(names[0]) + "' or '" + std::string(names[1]) + "'"
                            : quote(asked)) +
             " in the object; --file-column and --text-column name the keys");
  };
  return {located(path, value(file_names, options.file_column)), value(text_names, options.text_column),
          "line " + std::to_string(number)};
}

Listed in_list(const fs::path& path, const ReadingOptions& options) {
  Listed listed{.from = path};
  LineReader lines(path);
  ListForm form;
  ListColumns columns;
  std::string line;
  bool objects = false;
  for (bool first = true; lines.next(line); first = false) {
    require_utf8(line, path.string(), lines.number());
    const std::string place = "line " + std::to_string(lines.number());
    if (first) {
      line = without_byte_order_mark(line);
      objects = line.starts_with('{');
      form = form_of(line, options);
      if (!objects) columns = columns_of(form.cells(line, path.string() + " " + place), options, path);
      if (columns.header) continue;
    }
    if (trim_unseen(line).empty()) continue;
    if (objects) {
      listed.entries.push_back(entry_of(line, options, path, lines.number()));
      continue;
    }
    const std::vector<std::string> cells = form.cells(line, path.string() + " " + place);
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
