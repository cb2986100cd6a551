// Tables of series: bytes from anywhere become series on a grid or an Error, and so do records and inputs.
#include <cstdint>
#include <string_view>

#include <rondo/error.h>

#include "tasks/forecast/input.h"
#include "tasks/forecast/reading.h"

namespace {

using namespace rondo;
using namespace rondo::forecast;

template <class F>
void attempt(const F& f) {
  try {
    f();
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size > 10'000) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const Duplicates duplicates : {Duplicates::refuse, Duplicates::mean})
    for (const char* frequency : {"", "rows"})
      attempt([&] {
        std::vector<std::string> notices;
        ReadingOptions options;
        options.columns.duplicates = duplicates;
        options.columns.frequency = frequency;
        options.columns.off_grid = duplicates == Duplicates::mean ? OffGrid::move : OffGrid::refuse;
        options.windows = {.lookback = 2, .horizon = 1};
        const Framed framed = parse_frame(text, "fuzz", options, nullptr, notices);
        Record::from_json(framed.record.to_json());
      });
  attempt([&] { Record::from_json(text); });
  attempt([&] { ForecastInput::from_json(text); });
  return 0;
}
