/// Labelled text from several files, one after the other.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include <rondo/data/read.h>

namespace rondo::data {

/// Files come in by add(), all rows go out by finish(). What the first file settles (its columns) holds for
/// the others.
class LabelledReader {
 public:
  LabelledReader(const ReadOptions& options, const ReadLike& like);
  /// Texts with any number of labels: those of a cell stand between `separator`s.
  LabelledReader(const ReadOptions& options, const ReadLike& like, std::string separator);
  ~LabelledReader();
  LabelledReader(const LabelledReader&) = delete;
  LabelledReader& operator=(const LabelledReader&) = delete;

  /// The bytes of a file; see read() for what it throws.
  void add(std::string_view bytes, const std::string& name);
  LabelledText finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rondo::data
