#include "tasks/forecast/calendar.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace rondo::forecast {

CalendarErrors::CalendarErrors(std::vector<std::string> methods, const Frequency& frequency)
    : methods_(std::move(methods)),
      has_hours_(frequency.unit == StepUnit::milliseconds && frequency.step < ms_of_day),
      has_months_(frequency.unit != StepUnit::number &&
                  !(frequency.unit == StepUnit::months && frequency.step % 12 == 0)),
      hours_(methods_.size()),
      months_(methods_.size()) {}

void CalendarErrors::add(std::size_t method, std::int64_t time, double error) {
  if (!has_months_ || std::isnan(error)) return;
  const std::int64_t day = day_of(time);
  const auto count = [&](Sums& to, std::size_t place) {
    to.errors[place] += std::abs(error);
    ++to.counts[place];
  };
  count(months_[method], static_cast<std::size_t>(date_of(day).month - 1));
  if (has_hours_) count(hours_[method], static_cast<std::size_t>((time - day * ms_of_day) / ms_of_hour));
}

report::Lines CalendarErrors::lines(const std::vector<Sums>& sums, std::size_t places, Words title,
                                    Words x_title) const {
  report::Lines all{.title = std::move(title), .x_title = std::move(x_title), .lines = {}};
  for (std::size_t m = 0; m < methods_.size(); ++m) {
    std::vector<float> means;
    for (std::size_t i = 0; i < places; ++i)
      means.push_back(sums[m].counts[i] > 0
                          ? static_cast<float>(sums[m].errors[i] / static_cast<double>(sums[m].counts[i]))
                          : std::numeric_limits<float>::quiet_NaN());
    all.lines.emplace_back(Words{methods_[m], methods_[m]}, std::move(means));
  }
  return all;
}

std::vector<report::Block> CalendarErrors::blocks() const {
  const auto several = [](const std::vector<Sums>& sums) {
    const auto& counts = sums.front().counts;
    return std::count_if(counts.begin(), counts.end(), [](std::int64_t count) { return count > 0; }) > 1;
  };
  std::vector<report::Block> all;
  if (has_hours_ && several(hours_))
    all.emplace_back(
        lines(hours_, 24,
              {"Mean absolute scaled error by hour of the day", "按一天中小时的平均绝对误差（标准化后）"},
              {"hour of the day; 1 begins at midnight", "一天中的第几个小时；1 从零点开始"}));
  if (has_months_ && several(months_))
    all.emplace_back(lines(months_, 12,
                           {"Mean absolute scaled error by month", "按月份的平均绝对误差（标准化后）"},
                           {"month", "月份"}));
  return all;
}

}  // namespace rondo::forecast
