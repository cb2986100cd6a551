/// From files to Datasets of series parts, and the record of how it was done.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "tasks/forecast/frame.h"

namespace rondo::forecast {

/// How training data were read: what later files are read by.
struct Record {
  LikeLayout layout;
  Frequency frequency;
  WindowOptions windows;
  DecimalMark decimal = DecimalMark::automatic;
  std::vector<std::string> missing;

  std::string to_json() const;
  /// Error(format) for what to_json cannot have written.
  static Record from_json(std::string_view text);
};

/// A frame and the record of its reading. With `like`, columns and frequency are those of the record.
struct Framed {
  std::shared_ptr<const Frame> frame;
  Record record;
};
Framed read_frame(const std::vector<std::filesystem::path>& files, const ReadingOptions& options,
                  const Record* like, std::vector<std::string>& notices);
Framed parse_frame(std::string_view text, const std::string& name, const ReadingOptions& options,
                   const Record* like, std::vector<std::string>& notices);

/// Cuts a frame by the dates of the options.
Reading reading_of(Framed framed, const SplitOptions& split, std::vector<std::string> notices);

/// Steps of a part that stay whole: the last rows of each series go to another part of at least `horizon`
/// steps, where lookback + horizon are left.
struct HeldOut {
  std::vector<SeriesPart> kept, held;
};
HeldOut hold_out_last(const std::vector<SeriesPart>& parts, double share_of_all, double before,
                      const WindowOptions& windows);

}  // namespace rondo::forecast
