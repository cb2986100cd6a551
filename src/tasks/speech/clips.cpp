#include "tasks/speech/clips.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/message.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "data/normalize.h"
#include "tasks/speech/list.h"

namespace rondo::speech {
namespace {

namespace fs = std::filesystem;

/// What is wrong with the entries of a list, kind by kind.
struct Problems {
  std::vector<std::string> missing, hints, empty, broken, without_text;
  std::string why_empty, why_broken;
};

/// Why a file is not there, where that can be seen.
std::string hint_of(const Entry& entry) {
  const std::string name = entry.file.filename().string();
  if (name.find('\\') != std::string::npos) return entry.place + " has a path with \\, write it with /";
  std::error_code ignored;
  for (const fs::directory_entry& other : fs::directory_iterator(entry.file.parent_path(), ignored)) {
    const std::string there = other.path().filename().string();
    const auto same = [](char a, char b) { return (a | 32) == (b | 32); };
    if (there != name && std::equal(there.begin(), there.end(), name.begin(), name.end(), same))
      return entry.place + ": there is " + quote(there);
  }
  return {};
}

/// Notices of many files, of which the first few are shown.
class Said {
 public:
  void add(const std::string& notice) {
    if (count_++ < 3) first_.push_back(notice);
  }
  void give(std::vector<std::string>* to) const {
    if (to == nullptr) return;
    to->insert(to->end(), first_.begin(), first_.end());
    if (count_ > first_.size())
      to->push_back("and " + std::to_string(count_ - first_.size()) +
                    " more notes like these about other sounds");
  }

 private:
  std::size_t count_ = 0;
  std::vector<std::string> first_;
};

class Reader {
 public:
  Reader(const ReadingOptions& options, std::vector<std::string>* notices)
      : options_(options), notices_(notices) {}

  void add(const Listed& listed) {
    Problems problems;
    const bool classes = answer_of(texts_of(listed)) == SpeechAnswer::classes;
    std::vector<SpeechClip> clips;
    std::map<fs::path, std::pair<std::string, std::string>> texts;  // of a file: its text and place
    for (const Entry& entry : listed.entries) {
      SpeechClip clip{.name = entry.file.string(), .text = tidy(entry.text), .channel = options_.channel};
      if (!read(entry, clip, problems)) continue;
      if (clip.text.empty() && classes) {
        problems.without_text.push_back(entry.place);
        continue;
      }
      const auto [known, is_new] =
          texts.try_emplace(fs::weakly_canonical(entry.file), clip.text, entry.place);
      if (!is_new && known->second.first != clip.text)
        twice_.push_back(known->second.second + " and " + entry.place);
      clips.push_back(std::move(clip));
    }
    judge(listed, problems);
    if (notices_ != nullptr && !listed.notice.empty()) notices_->push_back(listed.notice);
    clips_.insert(clips_.end(), std::make_move_iterator(clips.begin()), std::make_move_iterator(clips.end()));
  }

  std::vector<SpeechClip> take() {
    said_.give(notices_);
    if (notices_ != nullptr && !twice_.empty())
      notices_->push_back("one sound has two texts: " + enumerate(shortened(twice_), "and"));
    const auto silent =
        std::count_if(clips_.begin(), clips_.end(), [](const auto& c) { return c.text.empty(); });
    if (notices_ != nullptr && silent > 0)
      notices_->push_back(std::to_string(silent) + (silent == 1 ? " clip has" : " clips have") +
                          " no text: nothing is said in them");
    return std::move(clips_);
  }

 private:
  static std::vector<std::string> texts_of(const Listed& listed) {
    std::vector<std::string> texts;
    for (const Entry& entry : listed.entries)
      texts.push_back(tidy(entry.text));
    return texts;
  }

  bool read(const Entry& entry, SpeechClip& clip, Problems& problems) {
    std::error_code ignored;
    if (!fs::is_regular_file(entry.file, ignored)) {
      problems.missing.push_back(entry.place);
      if (std::string hint = hint_of(entry); !hint.empty()) problems.hints.push_back(std::move(hint));
      return false;
    }
    try {
      std::vector<std::string> notices;
      clip.sound = read_sound(entry.file, {.channel = options_.channel}, 0, &notices);
      for (const std::string& notice : notices)
        said_.add(notice);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::data) throw;
      const std::string what = error.what();
      const bool empty = what.find("it is empty") != std::string::npos;
      (empty ? problems.empty : problems.broken).push_back(entry.place);
      std::string& why = empty ? problems.why_empty : problems.why_broken;
      if (why.empty()) why = what.substr(what.find(": ") + 2);
      return false;
    }
    clip.samples = static_cast<std::int64_t>(clip.sound.samples.size());
    kept_ += clip.samples;
    if (kept_ > std::int64_t{options_.keep_mb} * (1 << 18)) clip.sound.samples = {};
    return true;
  }

  static std::vector<std::string> shortened(std::vector<std::string> places) {
    const std::size_t all = places.size();
    if (all > 10) {
      places.resize(10);
      places.push_back(std::to_string(all - 10) + " more");
    }
    return places;
  }

  void judge(const Listed& listed, const Problems& p) {
    std::vector<std::string> parts;
    const std::size_t all = listed.entries.size() + listed.without_tab.size();
    if (!p.missing.empty()) {
      std::string part = std::to_string(p.missing.size()) + " of " + std::to_string(all) +
                         " sounds are missing (" + enumerate(shortened(p.missing), "and");
      for (const std::string& hint : shortened(p.hints))
        part += "; " + hint;
      parts.push_back(part + ")");
    }
    if (!listed.without_tab.empty())
      parts.push_back(enumerate(shortened(listed.without_tab), "and") + ": no tab between file and text");
    if (!p.empty.empty())
      parts.push_back(enumerate(shortened(p.empty), "and") + ": no sound in the file (" + p.why_empty + ")");
    if (!p.broken.empty())
      parts.push_back(enumerate(shortened(p.broken), "and") + ": no sound that can be read (" + p.why_broken +
                      ")");
    if (!p.without_text.empty()) parts.push_back(enumerate(shortened(p.without_text), "and") + ": no text");
    if (parts.empty()) return;
    std::string text = listed.from.string() + ": ";
    for (std::size_t i = 0; i < parts.size(); ++i)
      text += (i > 0 ? "; " : "") + parts[i];
    if (!options_.skip_missing)
      fail(ErrorKind::data, text + "; correct them, or leave them out with --skip-missing");
    if (notices_ != nullptr) notices_->push_back(text + "; left out");
  }

  ReadingOptions options_;
  std::vector<std::string>* notices_;
  std::vector<SpeechClip> clips_;
  std::vector<std::string> twice_;
  Said said_;
  std::int64_t kept_ = 0;
};

}  // namespace

std::string tidy(std::string_view text) {
  const Normalizer normalizer{.form = Normalization::nfc, .lowercase = false};
  return std::string(trim_unseen(normalizer(text)));
}

SpeechAnswer answer_of(const std::vector<std::string>& texts) {
  std::set<std::string> different(texts.begin(), texts.end());
  different.erase("");
  // A class is learned from several examples of it; a sentence is hardly ever said twice.
  const bool recur = different.size() * 3 <= texts.size() || different.size() <= 2;
  return recur && different.size() <= 1000 ? SpeechAnswer::classes : SpeechAnswer::ctc;
}

Sound sound_of(const SpeechClip& clip) {
  return clip.sound.samples.empty() ? read_sound(clip.name, {.channel = clip.channel}) : clip.sound;
}

std::vector<const SpeechClip*> clips_in(const Dataset& clips) {
  std::vector<const SpeechClip*> all;
  for (std::size_t i = 0; i < clips.size(); ++i)
    all.push_back(&clips.example<SpeechClip>(i));
  return all;
}

Dataset read_files(const std::vector<fs::path>& files, const ReadingOptions& options,
                   std::vector<std::string>* notices) {
  Reader reader(options, notices);
  for (const fs::path& file : files)
    reader.add(entries_of(file, options));
  std::vector<SpeechClip> clips = reader.take();
  if (clips.empty()) fail(ErrorKind::data, files.front().string() + ": no clip is left");
  return dataset_of(std::move(clips));
}

Dataset read_clips(const std::vector<fs::path>& files, const ReadingOptions& options,
                   std::vector<std::string>* notices) {
  return read_files(files, options, notices);
}

Dataset dataset_of(std::vector<SpeechClip> clips) {
  std::vector<std::string> texts;
  for (SpeechClip& clip : clips) {
    if (clip.samples == 0) clip.samples = static_cast<std::int64_t>(clip.sound.samples.size());
    if (clip.samples == 0) fail(ErrorKind::data, quote(clip.name) + ": a clip without samples");
    texts.push_back(clip.text);
  }
  data::About<SpeechClip> about{
      .content = std::function<std::string(const SpeechClip&)>([](const SpeechClip& clip) {
        return data::content_of(clip.text, clip.sound.rate, clip.samples,
                                clip.sound.samples.empty() ? clip.name : std::string(), clip.sound.samples);
      }),
      // In hundredths of a second, as frames usually come.
      .length = [](const SpeechClip& clip) { return clip.samples * 100 / std::max(1, clip.sound.rate) + 1; }};
  const bool silent = std::find(texts.begin(), texts.end(), "") != texts.end();
  if (answer_of(texts) == SpeechAnswer::classes && !silent) {
    const std::set<std::string> names(texts.begin(), texts.end());
    about.stratum = [all = std::vector<std::string>(names.begin(), names.end())](const SpeechClip& clip) {
      return std::lower_bound(all.begin(), all.end(), clip.text) - all.begin();
    };
  }
  return data::examples_of(std::move(clips), about);
}

}  // namespace rondo::speech
