#include "tasks/report/svg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/shown.h"
#include "base/utf8.h"

namespace rondo::svg {
namespace {

constexpr std::array<std::string_view, 6> colours = {"#0072B2", "#D55E00", "#009E73",
                                                     "#CC79A7", "#E69F00", "#56B4E9"};
constexpr double width = 560, left = 56, right = 16, top = 14;
/// Lines of more points are drawn without a dot at each.
constexpr std::size_t most_dotted = 80;

std::string number(double value, int digits = 1) {
  return fixed(value, digits);
}

/// A value for people: whole, or at most four significant digits without trailing zeros.
std::string label_of(double value) {
  if (std::abs(value) >= 1000 && std::abs(value) < 1e15) return number(value, 0);
  return significant(value, 4);
}

std::string open(double height) {
  return "<svg viewBox=\"0 0 " + number(width, 0) + " " + number(height, 0) + "\" width=\"" +
         number(width, 0) + "\" height=\"" + number(height, 0) + "\" role=\"img\">";
}

std::string text_at(double x, double y, std::string_view anchor, std::string_view text) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + std::string(anchor) +
         "\">" + escape(text) + "</text>";
}

std::string line_at(double x1, double y1, double x2, double y2, std::string_view style) {
  return "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" +
         number(y2) + "\" " + std::string(style) + "/>";
}

std::string box(double x, double y, double w, double h, std::string_view fill, double opacity = 1) {
  return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(std::max(w, 0.0)) +
         "\" height=\"" + number(std::max(h, 0.0)) + "\" fill=\"" + std::string(fill) + "\" fill-opacity=\"" +
         number(opacity, 3) + "\"/>";
}

/// The step 1, 2 or 5 times a power of ten that cuts `range` into about five.
double tick_step(double range) {
  const double rough = std::max(range, 1e-9) / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double lead = rough / power;
  return power * (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10);
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

Range range_of(std::span<const Line> lines) {
  Range range;
  for (const Line& line : lines)
    for (const float value : line.values)
      range.add(static_cast<double>(value));
  if (range.low > range.high) return {0, 1};
  const double room = std::max((range.high - range.low) * 0.06, 1e-3);
  return {range.low - room, range.high + room};
}

/// Maps values to places in the drawing.
struct Axes {
  Range y;
  double bottom;
  std::size_t points;
  double x_at(std::size_t i) const {
    const double share = points < 2 ? 0.5 : static_cast<double>(i) / static_cast<double>(points - 1);
    return left + 10 + share * (width - left - right - 20);
  }
  double y_at(double value) const { return bottom - (value - y.low) / (y.high - y.low) * (bottom - top); }
};

std::string grid(const Axes& axes) {
  std::string out;
  const double step = tick_step(axes.y.high - axes.y.low);
  for (double tick = std::ceil(axes.y.low / step) * step; tick <= axes.y.high; tick += step) {
    const double shown = std::abs(tick) < step * 1e-6 ? 0 : tick;
    out += line_at(left, axes.y_at(tick), width - right, axes.y_at(tick), "class=\"grid\"");
    out += text_at(left - 6, axes.y_at(tick) + 4, "end", label_of(shown));
  }
  const std::size_t every = std::max<std::size_t>(1, (axes.points + 11) / 12);
  for (std::size_t i = 0; i < axes.points; i += every)
    out += text_at(axes.x_at(i), axes.bottom + 16, "middle", std::to_string(i + 1));
  return out;
}

std::string curve(const Line& line, const Axes& axes, std::string_view colour) {
  std::string points, dots;
  for (std::size_t i = 0; i < line.values.size(); ++i) {
    const auto value = static_cast<double>(line.values[i]);
    if (!std::isfinite(value)) continue;
    const std::string x = number(axes.x_at(i)), y = number(axes.y_at(value));
    points += x + "," + y + " ";
    if (line.values.size() > most_dotted) continue;
    dots += "<circle cx=\"" + x + "\" cy=\"" + y + "\" r=\"3\" fill=\"" + std::string(colour) + "\"><title>" +
            escape(line.name) + " " + std::to_string(i + 1) + ": " + label_of(value) + "</title></circle>";
  }
  return "<polyline points=\"" + points + "\" fill=\"none\" stroke-width=\"2\" stroke=\"" +
         std::string(colour) + "\"/>" + dots;
}

/// About how wide a text is drawn: 7 units a column of a terminal.
double drawn_width(std::string_view text) {
  return 7.0 * static_cast<double>(display_width(text));
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text)
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  return out;
}

std::string line_chart(std::span<const Line> lines, std::string_view x_label, int mark) {
  constexpr double height = 260;
  std::size_t points = 0;
  for (const Line& line : lines)
    points = std::max(points, line.values.size());
  const Axes axes{range_of(lines), height - 44, points};
  std::string out = open(height) + grid(axes);
  if (mark > 0)
    out += line_at(axes.x_at(static_cast<std::size_t>(mark) - 1), top,
                   axes.x_at(static_cast<std::size_t>(mark) - 1), axes.bottom, "class=\"mark\"");
  double legend = left;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view colour = colours[i % colours.size()];
    out += curve(lines[i], axes, colour);
    out += box(legend, height - 14, 12, 4, colour) + text_at(legend + 16, height - 8, "start", lines[i].name);
    legend += drawn_width(lines[i].name) + 34;
  }
  return out + text_at(width - right, height - 8, "end", x_label) + "</svg>";
}

std::string bar_chart(std::span<const Bar> bars) {
  double largest = 0, names = 40;
  for (const Bar& bar : bars) {
    largest = std::max(largest, bar.value);
    names = std::max(names, drawn_width(bar.name));
  }
  const double begin = std::min(names, 200.0) + 8, room = width - begin - 70;
  std::string out = open(24.0 * static_cast<double>(bars.size()) + 8);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double y = 4 + 24.0 * static_cast<double>(i);
    const double length = largest > 0 ? bars[i].value / largest * room : 0;
    out += text_at(begin - 6, y + 14, "end", bars[i].name) + box(begin, y + 3, length, 15, colours[0]);
    out += text_at(begin + length + 6, y + 14, "start", label_of(bars[i].value));
  }
  return out + "</svg>";
}

std::string histogram(std::span<const std::int32_t> values, std::string_view x_label) {
  constexpr double height = 220, bottom = height - 44;
  constexpr std::int32_t most_bins = 40;
  const std::int32_t largest =
      values.empty() ? 1 : std::max(1, *std::max_element(values.begin(), values.end()));
  // Every bin holds the same number of whole numbers. Otherwise some would hold two and others one, and the
  // picture would look like a comb.
  const std::int32_t wide = largest / most_bins + 1;
  std::vector<std::int64_t> counts(static_cast<std::size_t>(largest / wide + 1));
  for (const std::int32_t value : values)
    ++counts[static_cast<std::size_t>(std::max(value, 0) / wide)];
  const auto most =
      static_cast<double>(std::max<std::int64_t>(1, *std::max_element(counts.begin(), counts.end())));
  const double each = (width - left - right) / static_cast<double>(counts.size());
  std::string out = open(height);
  const double up = std::max(1.0, tick_step(most));
  for (double tick = 0; tick <= most; tick += up) {
    const double y = bottom - tick / most * (bottom - top);
    out += line_at(left, y, width - right, y, "class=\"grid\"") +
           text_at(left - 6, y + 4, "end", label_of(tick));
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double tall = static_cast<double>(counts[i]) / most * (bottom - top);
    out += box(left + each * static_cast<double>(i), bottom - tall, each - 1, tall, colours[0]);
  }
  out += line_at(left, bottom, width - right, bottom, "class=\"axis\"");
  const double along = std::max(1.0, tick_step(largest));
  for (double tick = 0; tick <= largest; tick += along)  // below the middle of its number's share of the bin
    out += text_at(left + each * (tick + 0.5) / wide, bottom + 16, "middle", label_of(tick));
  return out + text_at(width - right, height - 8, "end", x_label) + "</svg>";
}

std::string heat_map(std::span<const std::string> names, const std::vector<std::vector<std::int64_t>>& counts,
                     std::string_view row_label, std::string_view column_label) {
  double widest = 60;
  for (const std::string& name : names)
    widest = std::max(widest, drawn_width(name));
  const double begin = std::min(widest, 180.0) + 12;
  const auto classes = static_cast<double>(names.size());
  const double cell = std::clamp((width - begin - right) / std::max(classes, 1.0), 18.0, 90.0);
  const double tall = std::min(cell, 34.0), first = 44;
  std::string out = open(first + tall * classes + 10);
  out += text_at(begin - 6, 14, "end", row_label) + text_at(begin + 4, 14, "start", column_label);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double y = first + tall * static_cast<double>(i);
    out += text_at(begin - 6, y + tall / 2 + 4, "end", truncate_to_width(names[i], 25));
    out += text_at(begin + cell * (static_cast<double>(i) + 0.5), first - 8, "middle",
                   truncate_to_width(names[i], static_cast<int>(cell / 7)));
    const auto sum =
        static_cast<double>(std::accumulate(counts[i].begin(), counts[i].end(), std::int64_t{0}));
    for (std::size_t j = 0; j < counts[i].size(); ++j) {
      const double x = begin + cell * static_cast<double>(j);
      const double share = sum > 0 ? static_cast<double>(counts[i][j]) / sum : 0;
      out += box(x, y, cell - 1, tall - 1, i == j ? colours[2] : colours[1], 0.08 + 0.85 * share);
      if (cell >= 26) out += text_at(x + cell / 2, y + tall / 2 + 4, "middle", std::to_string(counts[i][j]));
    }
  }
  return out + "</svg>";
}

}  // namespace rondo::svg
