/// Errors by hour of the day and month of the year.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <rondo/tasks/evaluation.h>

#include "tasks/forecast/grid.h"

namespace rondo::forecast {

/// Sums of the absolute scaled errors of some methods by where a target lies in the day and in the year.
class CalendarErrors {
 public:
  /// Hours are told apart where steps are shorter than a day, months where they are shorter than a year.
  CalendarErrors(std::vector<std::string> methods, const Frequency& frequency);

  /// An error of a method, by its number, at a time in milliseconds; NaN is left out.
  void add(std::size_t method, std::int64_t time, double error);
  /// A picture for each of hours and months of which two or more were seen.
  std::vector<report::Block> blocks() const;

 private:
  struct Sums {
    std::array<double, 24> errors{};
    std::array<std::int64_t, 24> counts{};
  };
  report::Lines lines(const std::vector<Sums>& sums, std::size_t places, Words title, Words x_title) const;

  std::vector<std::string> methods_;
  bool has_hours_, has_months_;
  std::vector<Sums> hours_, months_;  // [method]
};

}  // namespace rondo::forecast
