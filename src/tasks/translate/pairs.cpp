#include "tasks/translate/pairs.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "data/table.h"

namespace rondo::translate {
namespace {

namespace fs = std::filesystem;

/// One line, without blanks at its ends; what ends lines elsewhere is a blank here.
std::string cleaned(std::string_view text) {
  return one_line(std::string(trim_unseen(text)));
}

std::string_view prepared(const std::string& line, std::uint64_t number, const std::string& name) {
  const std::string_view text = number == 1 ? without_byte_order_mark(line) : line;
  std::string without_nul(text);
  std::replace(without_nul.begin(), without_nul.end(), '\0', ' ');
  require_utf8(without_nul, name, number);
  return text;
}

EachLine lines_of(const fs::path& file) {
  return [file](const std::function<void(std::string_view, std::uint64_t)>& f) {
    LineReader reader(file, {.size = std::uint64_t{1} << 40});
    for (std::string line; reader.next(line);)
      f(prepared(line, reader.number(), file.string()), reader.number());
  };
}

std::string place(const std::string& name, std::uint64_t line) {
  return name + " line " + std::to_string(line);
}

void add_parallel(const fs::path& source, const fs::path& target, PairFilter& to,
                  std::string from_language = {}, std::string to_language = {}) {
  if (from_language.empty()) from_language = language_of(source);
  if (to_language.empty()) to_language = language_of(target);
  LineReader first(source, {.size = std::uint64_t{1} << 40}),
      second(target, {.size = std::uint64_t{1} << 40});
  std::string a, b;
  for (;;) {
    const bool more_first = first.next(a), more_second = second.next(b);
    if (!more_first && !more_second) return;
    if (more_first && more_second) {
      to.add({std::string(prepared(a, first.number(), source.string())),
              std::string(prepared(b, second.number(), target.string())), from_language, to_language},
             place(source.string(), first.number()));
      continue;
    }
    while (first.next(a) || second.next(b)) {
    }
    fail(ErrorKind::data, source.string() + " has " + std::to_string(first.number()) + " lines, " +
                              target.string() + " " + std::to_string(second.number()) +
                              "; line n of one must be the translation of line n of the other");
  }
}

bool is_table(const fs::path& file) {
  const std::string ending = data::ending_of(file);
  return data::names_table(file) || ending == "txt" || ending == "tmx";
}

/// b.fr for b.en, with whatever compression it has.
fs::path in_language(const fs::path& file, const std::string& language) {
  const std::string own = language_of(file);
  if (own == language) return file;
  std::string stem = file.string();
  for (const char* packed : {".gz", ".xz"})
    if (stem.ends_with(packed)) stem.resize(stem.size() - 3);
  stem.resize(stem.size() - own.size());
  for (const char* packed : {"", ".gz", ".xz"})
    if (std::error_code error; fs::is_regular_file(stem + language + packed, error))
      return stem + language + packed;
  fail(ErrorKind::data, file.string() + ": its translations would be in " + stem + language +
                            ", which is not there; give TSV or JSON lines, or both files");
}

/// One file of plain lines; the others lie beside it.
void add_siblings(const fs::path& file, ReadingOptions options, PairFilter& to) {
  const std::string own = language_of(file);
  if (options.from.empty()) options.from = own;
  const std::vector<std::string> sources = languages_in(options.from);
  if (std::find(sources.begin(), sources.end(), own) == sources.end() || own == options.to)
    fail(ErrorKind::data, file.string() + ": wanted a file of sources, whose name ends in ." +
                              (own == options.to ? "LANGUAGE" : options.from) + ", and beside it one in ." +
                              options.to + "; or give both files, the source first");
  for (const auto& [from, into] : directions_of(options))
    add_parallel(in_language(file, from), in_language(file, into), to, from, into);
}

void add_table(const fs::path& file, const ReadingOptions& options, PairFilter& to) {
  const std::string ending = data::ending_of(file);
  if (ending == "tmx")
    add_tmx(file, options, to);
  else if (ending == "json" || data::names_json_lines(file))
    add_jsonl(lines_of(file), file.string(), options, to);
  else
    add_rows(lines_of(file), file.string(), ending == "csv" ? RowForm::csv : RowForm::lines, options, to);
}

}  // namespace

std::string language_of(const fs::path& file) {
  const std::string ending = fs::path(data::unpacked_name(file)).extension().string();
  return ending.empty() ? "" : ending.substr(1);
}

PairFilter::PairFilter(const ReadingOptions& options, bool keeps_all)
    : options_(options), keeps_all_(keeps_all) {}

void PairFilter::skip(const std::string& why, const std::string& where) {
  auto found = std::find_if(skipped_.begin(), skipped_.end(), [&](const Skipped& s) { return s.why == why; });
  if (found == skipped_.end()) found = skipped_.insert(skipped_.end(), {why, where});
  ++found->count;
}

void PairFilter::add(SentencePair pair, const std::string& where) {
  pair.source = cleaned(pair.source);
  pair.target = cleaned(pair.target);
  if (pair.source.empty()) return skip("an empty source", where);
  if (pair.target.empty()) return skip("an empty target", where);
  const auto a = count_code_points(pair.source), b = count_code_points(pair.target);
  if (!keeps_all_ && options_.longest > 0 && std::max(a, b) > static_cast<std::size_t>(options_.longest))
    return skip("more than " + std::to_string(options_.longest) + " characters (--longest)", where);
  // Some characters more or less say nothing of short sentences.
  if (!keeps_all_ && options_.ratio > 0 && std::max(a, b) > 20 &&
      static_cast<double>(std::max(a, b)) >
          static_cast<double>(options_.ratio) * static_cast<double>(std::min(a, b)))
    return skip("sides more than " + plain(options_.ratio) + " times as long as each other (--ratio)", where);
  if (pair.source == pair.target) ++equal_;
  pairs_.push_back(std::move(pair));
}

std::vector<SentencePair> PairFilter::take(std::vector<std::string>* notices) {
  if (notices != nullptr) {
    notices->insert(notices->end(), said_.begin(), said_.end());
    for (const Skipped& s : skipped_)
      notices->push_back(grouped(static_cast<std::int64_t>(s.count)) + (s.count == 1 ? " pair" : " pairs") +
                         " left out: " + s.why + "; the first: " + s.first);
    if (equal_ > 0)
      notices->push_back(grouped(static_cast<std::int64_t>(equal_)) +
                         (equal_ == 1 ? " pair is" : " pairs are") + " the same on both sides, and kept");
  }
  return std::move(pairs_);
}

void add_jsonl(const EachLine& lines, const std::string& name, const ReadingOptions& options,
               PairFilter& to) {
  std::vector<std::pair<std::string, std::string>> directions = directions_of(options);
  lines([&](std::string_view line, std::uint64_t number) {
    if (trim_unseen(line).empty()) return;
    const Json whole = parse_json(line, {.name = name, .kind = ErrorKind::data, .line = number});
    const bool nested = whole.is_object() && whole.contains("translation");
    const Json& row = nested ? whole["translation"] : whole;
    if (!row.is_object()) return to.skip("a line that is no object", place(name, number));
    if (directions.empty()) {
      std::vector<std::string> keys;
      for (const auto& [key, value] : row.items())
        if (value.is_string()) keys.push_back(key);
      if (keys.size() != 2)
        fail(ErrorKind::data,
             place(name, number) + ": which texts are source and target? --from KEY --to KEY");
      directions.emplace_back(keys[0], keys[1]);
    }
    for (const auto& [from, into] : directions) {
      std::string missing;
      for (const std::string& key : {into, from})
        if (!row.contains(key) || !row[key].is_string()) missing = key;
      if (!missing.empty())
        to.skip("no text " + quote(missing), place(name, number));
      else
        to.add({row[from].get<std::string>(), row[into].get<std::string>(), from, into}, place(name, number));
    }
  });
}

std::vector<std::string> languages_in(std::string_view list) {
  std::vector<std::string> languages;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const std::string_view one = trim_unseen(list.substr(begin, end - begin));
    if (!one.empty()) languages.emplace_back(one);
    begin = end + 1;
  }
  return languages;
}

std::vector<std::pair<std::string, std::string>> directions_of(const ReadingOptions& options) {
  std::vector<std::pair<std::string, std::string>> directions;
  for (const std::string& from : languages_in(options.from))
    for (const std::string& to : languages_in(options.to))
      if (from != to) directions.emplace_back(from, to);
  return directions;
}

namespace {

/// Pairs of one direction need no names.
void forget_single_direction(std::vector<SentencePair>& pairs) {
  std::set<std::string> directions;
  for (const SentencePair& pair : pairs)
    directions.insert(pair.direction());
  if (directions.size() > 1) return;
  for (SentencePair& pair : pairs)
    pair.from = pair.to = {};
}

}  // namespace

std::vector<const SentencePair*> pairs_in(const Dataset& pairs) {
  std::vector<const SentencePair*> all;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    all.push_back(&pairs.example<SentencePair>(i));
  return all;
}

Dataset read_files(const std::vector<fs::path>& files, const ReadingOptions& options, ReadFor use,
                   std::vector<std::string>* notices) {
  PairFilter filter(options, use.scores);
  const bool parallel = !files.empty() && !is_table(files.front());
  if (parallel && files.size() == 1 && options.to.empty())
    fail(ErrorKind::data,
         files.front().string() +
             ": one file of plain lines; give source and target, as in 'a.en a.fr', or TSV or "
             "JSON lines with both");
  if (parallel && files.size() == 1) {
    add_siblings(files.front(), options, filter);
  } else if (parallel) {
    if (files.size() % 2 != 0)
      fail(ErrorKind::data,
           "files of plain lines come in pairs, source and target; got " + std::to_string(files.size()));
    for (std::size_t i = 0; i < files.size(); i += 2)
      add_parallel(files[i], files[i + 1], filter);
  } else {
    for (const fs::path& file : files)
      add_table(file, options, filter);
  }
  std::vector<SentencePair> pairs = filter.take(notices);
  if (pairs.empty())
    fail(ErrorKind::data, "no pair of sentences in " + (files.empty() ? "no files" : files.front().string()) +
                              "; wanted two files with a sentence a line, TSV, JSON lines, or TMX");
  if (!use.directions) forget_single_direction(pairs);
  return dataset_of(std::move(pairs));
}

Dataset read_pairs(const std::vector<fs::path>& files, const ReadingOptions& options,
                   std::vector<std::string>* notices) {
  return read_files(files, options, {}, notices);
}

Dataset dataset_of(std::vector<SentencePair> pairs) {
  for (std::size_t i = 0; i < pairs.size(); ++i)
    if (trim_unseen(pairs[i].source).empty() || trim_unseen(pairs[i].target).empty())
      fail(ErrorKind::data, "pair " + std::to_string(i + 1) + " has an empty side");
  const auto length = [](const SentencePair& p) { return static_cast<std::int64_t>(p.source.size()); };
  return data::examples_of(
      std::move(pairs),
      data::About<SentencePair>{
          .content = std::function<std::string(const SentencePair&)>([](const SentencePair& p) {
            return p.to.empty() ? data::content_of(p.source, p.target)
                                : data::content_of(p.source, p.target, p.direction());
          }),
          .length = length,
          .key = [](const SentencePair& p) { return p.source; }});
}

}  // namespace rondo::translate
