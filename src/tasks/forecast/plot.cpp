#include "tasks/forecast/plot.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/shown.h"
#include "tasks/report/svg.h"

namespace rondo::forecast {
namespace {

constexpr double width = 860, height = 240, left = 70, right = 20, top = 34, bottom = 34;

/// From steps and values to places in the picture.
struct Axes {
  double steps, low, high, offset;
  double x(double step) const { return left + step / std::max(1.0, steps - 1) * (width - left - right); }
  double y(double value) const {
    return offset + top + (high - value) / (high - low) * (height - top - bottom);
  }
};

std::string number(double value) {
  return fixed(value, 1);
}

void widen(const std::vector<double>& values, double& low, double& high) {
  for (const double value : values) {
    if (std::isnan(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
}

/// A line through the values from step `first` on; NaN breaks it.
std::string line(const Axes& axes, const std::vector<double>& values, std::size_t first,
                 std::string_view style) {
  std::string path;
  bool open = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) {
      open = false;
      continue;
    }
    path +=
        (open ? "L" : "M") + number(axes.x(static_cast<double>(first + i))) + " " + number(axes.y(values[i]));
    open = true;
  }
  return "<path d=\"" + path + "\" fill=\"none\" " + std::string(style) + "/>\n";
}

std::string band(const Axes& axes, const std::vector<double>& low, const std::vector<double>& high,
                 std::size_t first) {
  std::string points;
  const auto add = [&](std::size_t i, double value) {
    points += number(axes.x(static_cast<double>(first + i))) + "," + number(axes.y(value)) + " ";
  };
  for (std::size_t i = 0; i < low.size(); ++i)
    if (!std::isnan(low[i])) add(i, low[i]);
  for (std::size_t i = high.size(); i-- > 0;)
    if (!std::isnan(high[i])) add(i, high[i]);
  return "<polygon points=\"" + points + "\" fill=\"#0072B2\" fill-opacity=\"0.18\"/>\n";
}

std::string text(double x, double y, std::string_view anchor, const std::string& words) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + std::string(anchor) +
         "\">" + svg::escape(words) + "</text>\n";
}

std::string panel(const Panel& one, const std::vector<double>& levels, double offset) {
  const SeriesForecast& f = one.forecast;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  widen(one.past, low, high);
  widen(f.point, low, high);
  for (const auto& values : f.low)
    widen(values, low, high);
  for (const auto& values : f.high)
    widen(values, low, high);
  if (!(low <= high)) low = 0, high = 1;
  if (low == high) low -= 1, high += 1;
  const std::size_t first = one.past.size();
  const Axes axes{static_cast<double>(first + f.point.size()), low, high, offset};
  std::string names;
  for (const double level : levels)
    names += (names.empty() ? " · " : ", ") + plain(level) + " %";
  std::string out = text(left, offset + 20, "start", f.id + names);
  for (const double value : {low, (low + high) / 2, high}) {
    out += "<path class=\"grid\" d=\"M" + number(left) + " " + number(axes.y(value)) + "H" +
           number(width - right) + "\"/>\n";
    out += text(left - 8, axes.y(value) + 4, "end", significant(value, 4));
  }
  for (std::size_t l = f.low.size(); l-- > 0;)
    out += band(axes, f.low[l], f.high[l], first);
  out += line(axes, one.past, 0, "stroke=\"currentColor\" stroke-width=\"1.3\"");
  out += line(axes, f.point, first, "stroke=\"#D55E00\" stroke-width=\"1.8\"");
  out += text(axes.x(static_cast<double>(first) - 1), offset + height - 10, "middle", one.last_time);
  if (!f.times.empty()) out += text(width - right, offset + height - 10, "end", f.times.back());
  return out;
}

}  // namespace

std::string plot(const std::vector<Panel>& panels, const std::vector<double>& levels) {
  const double all = height * static_cast<double>(panels.size());
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) + " " +
                    number(all) +
                    "\" font-family=\"sans-serif\" font-size=\"13\">\n<style>:root{color-scheme:light "
                    "dark}text{fill:currentColor}.grid{stroke:#8884;fill:none}</style>\n";
  for (std::size_t i = 0; i < panels.size(); ++i)
    out += panel(panels[i], levels, height * static_cast<double>(i));
  return out + "</svg>\n";
}

}  // namespace rondo::forecast
