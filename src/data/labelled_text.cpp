// Files, or what is in memory, to labelled text.
#include <map>

#include <rondo/data/multi_label.h>
#include <rondo/data/read.h>
#include <rondo/error.h>

#include "base/files.h"
#include "base/message.h"
#include "data/labelled_reader.h"

namespace rondo::data {
namespace {

/// One file under two names, too: its rows would count twice.
void refuse_repeated(std::span<const std::filesystem::path> files) {
  std::map<FileIdentity, const std::filesystem::path*> seen;
  for (const std::filesystem::path& file : files) {
    const auto identity = file_identity(file);
    if (!identity) continue;  // reading it says why
    const auto [before, is_new] = seen.emplace(*identity, &file);
    if (is_new) continue;
    const std::string &first = before->second->string(), &again = file.string();
    fail(ErrorKind::usage, again + (first == again ? " is given twice" : " is the same file as " + first) +
                               ": its rows would count twice; name it once");
  }
}

LabelledText read_with(LabelledReader& reader, std::span<const std::filesystem::path> files) {
  if (files.empty()) fail(ErrorKind::usage, "no file of labelled text was given");
  refuse_repeated(files);
  for (const std::filesystem::path& file : files)
    reader.add(read_unpacked(file), file.string());
  return reader.finish();
}

}  // namespace

LabelledText parse(std::string_view bytes, std::string_view name, const ReadOptions& options,
                   const ReadLike& like) {
  LabelledReader reader(options, like);
  reader.add(bytes, std::string(name));
  return reader.finish();
}

LabelledText read(std::span<const std::filesystem::path> files, const ReadOptions& options,
                  const ReadLike& like) {
  LabelledReader reader(options, like);
  return read_with(reader, files);
}

LabelledText read_multi_label(std::span<const std::filesystem::path> files, std::string_view separator,
                              const ReadOptions& options, const ReadLike& like) {
  LabelledReader reader(options, like, std::string(separator));
  return read_with(reader, files);
}

LabelledText parse_multi_label(std::string_view bytes, std::string_view name, std::string_view separator,
                               const ReadOptions& options, const ReadLike& like) {
  LabelledReader reader(options, like, std::string(separator));
  reader.add(bytes, std::string(name));
  return reader.finish();
}

LabelledText read(const std::filesystem::path& file, const ReadOptions& options, const ReadLike& like) {
  return read(std::span(&file, 1), options, like);
}

Dataset read_labelled_text(const std::filesystem::path& file, const ReadOptions& options) {
  return read(file, options).train;
}

}  // namespace rondo::data
