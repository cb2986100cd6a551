/// Forecasts of series whose rows come one at a time.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/forecast/model.h"
#include "tasks/forecast/reading.h"

namespace rondo::forecast {

/// Keeps the last `lookback` rows of each series. What it says behind a row is what forecasts_of says of a
/// table that ends there, in the same bits, if the series was learned from; another is scaled by the rows
/// kept.
class RowStream {
 public:
  /// Error(usage) for a model that needs columns known in advance, or does not say how its data were read.
  RowStream(const ForecastModel& model, ColumnOptions columns, ForecastRequest request);

  struct Answer {
    std::string cutoff;  ///< the newest time of the series
    SeriesForecast forecast;
  };
  /// Takes a line; the forecasts of its series, none for a blank one and for the line of names. Error(data)
  /// for a line that is no row of such a table; the stream then stays as it was before it.
  std::vector<Answer> push(std::string_view line);

 private:
  std::string id_of(const std::string& line);

  const ForecastModel& model_;
  ReadingOptions reading_;
  ForecastRequest request_;
  Record record_;
  std::string id_column_, header_;
  bool wants_header_ = false;
  char separator_ = '\0';
  std::int64_t lines_ = 0;
  std::map<std::string, std::deque<std::string>> rows_;  // by series; all in one if none is named
};

}  // namespace rondo::forecast
