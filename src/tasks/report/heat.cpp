#include "tasks/report/heat.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include <zlib.h>

#include <rondo/error.h>

#include "base/shown.h"
#include "base/utf8.h"
#include "data/base64.h"
#include "tasks/report/svg.h"

namespace rondo::svg {
namespace {

/// Blue for what is positive, orange for what is negative (Okabe & Ito 2008).
struct Colour {
  std::array<std::uint8_t, 3> rgb;
  std::string_view css;
};
constexpr Colour positive{{0x00, 0x72, 0xB2}, "#0072B2"}, negative{{0xD5, 0x5E, 0x00}, "#D55E00"};

constexpr double widest_page = 920, most_names = 150;
/// More cells than this are pixels; so are those of more rows, because no pointer meets such low ones.
constexpr std::size_t most_drawn = 1'000, most_rows = 30;

std::string tenths(double value) {
  return significant(std::round(value * 10) / 10, 6);
}

/// -1 to 1; 0 for what is no number.
double share_of(float value, double most) {
  const auto wide = static_cast<double>(value);
  return std::isfinite(wide) && most > 0 ? std::clamp(wide / most, -1.0, 1.0) : 0;
}

void put(std::string& to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    to += static_cast<char>(value >> shift & 0xFF);
}

void chunk(std::string& to, std::string_view type, const std::string& data) {
  put(to, static_cast<std::uint32_t>(data.size()));
  const std::string body = std::string(type) + data;
  to += body;
  put(to, static_cast<std::uint32_t>(
              crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()))));
}

std::string deflated(const std::string& bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  std::string out(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                static_cast<uLong>(bytes.size()), 9) != Z_OK)
    throw Bug("png: zlib refused bytes in memory");
  out.resize(size);
  return out;
}

/// Where a heat map's parts are.
struct Place {
  double left, top, right, cell, tall;
  std::size_t rows, columns;
  double width() const { return left + cell * static_cast<double>(columns) + right; }
  double height() const { return top + tall * static_cast<double>(rows) + 26; }
  double x(std::size_t column) const { return left + cell * static_cast<double>(column); }
  double y(std::size_t row) const { return top + tall * static_cast<double>(row); }
};

double width_of(std::string_view name) {
  return 7.0 * static_cast<double>(display_width(name));
}

double longest(std::span<const std::string> names) {
  double width = 0;
  for (const std::string& name : names)
    width = std::max(width, width_of(name));
  return std::min(width, most_names);
}

Place place_of(const HeatMap& map) {
  const double label = map.row_label.empty() ? 0 : width_of(map.row_label) + 30;
  Place place{.left = std::max({longest(map.rows) + 10, label, 40.0}),
              .top = longest(map.columns) * 0.87 + 24,
              .right = longest(map.columns) * 0.5 + 8,  // names lean to the right
              .rows = map.values.size(),
              .columns = map.values.empty() ? 0 : map.values.front().size()};
  const auto columns = static_cast<double>(std::max<std::size_t>(place.columns, 1));
  place.cell = std::clamp((widest_page - place.left - place.right) / columns, 4.0, 34.0);
  place.tall = place.rows > most_rows ? 5 : std::clamp(place.cell, 16.0, 24.0);
  return place;
}

std::string written_at(double x, double y, std::string_view anchor, std::string_view text,
                       bool turned = false) {
  std::string out =
      "<text x=\"" + tenths(x) + "\" y=\"" + tenths(y) + "\" text-anchor=\"" + std::string(anchor) + "\"";
  if (turned) out += " transform=\"rotate(-60 " + tenths(x) + " " + tenths(y) + ")\"";
  return out + ">" + escape(text) + "</text>";
}

/// As many names as do not touch.
std::string names_of(const HeatMap& map, const Place& place) {
  std::string out;
  double free_from = 0;
  for (std::size_t j = 0; j < map.columns.size(); ++j) {
    const double x = place.x(j) + place.cell / 2 + 4;
    if (map.columns[j].empty() || x < free_from) continue;
    out += written_at(x, place.top - 6, "start", truncate_to_width(map.columns[j], 21), true);
    free_from = x + 13;
  }
  free_from = 0;
  for (std::size_t i = 0; i < map.rows.size(); ++i) {
    const double y = place.y(i) + place.tall / 2 + 4;
    if (map.rows[i].empty() || y < free_from) continue;
    out += written_at(place.left - 6, y, "end", truncate_to_width(map.rows[i], 21));
    free_from = y + 13;
  }
  const double below = place.height() - 8;
  if (!map.column_label.empty())
    out += written_at(place.left, below, "start", std::string(map.column_label) + " →");
  if (!map.row_label.empty()) out += written_at(place.left - 6, 14, "end", std::string(map.row_label) + " ↓");
  return out;
}

std::string drawn_cells(const HeatMap& map, const Place& place) {
  std::string out;
  for (std::size_t i = 0; i < place.rows; ++i)
    for (std::size_t j = 0; j < place.columns; ++j) {
      const float value = map.values[i][j];
      if (!std::isfinite(value)) continue;
      const double share = share_of(value, map.most);
      out += "<rect x=\"" + tenths(place.x(j)) + "\" y=\"" + tenths(place.y(i)) + "\" width=\"" +
             tenths(place.cell - 1) + "\" height=\"" + tenths(place.tall - 1) + "\" fill=\"" +
             std::string(share < 0 ? negative.css : positive.css) + "\" fill-opacity=\"" +
             fixed(0.04 + 0.96 * std::abs(share), 2) + "\"><title>" +
             significant(static_cast<double>(value), 3) + "</title></rect>";
    }
  return out;
}

std::string pixels(const HeatMap& map, const Place& place) {
  std::vector<std::string> rows;
  for (const std::vector<float>& values : map.values) {
    std::string& row = rows.emplace_back();
    for (const float value : values) {
      const double share = share_of(value, map.most);
      const int shade = static_cast<int>(std::lround(std::abs(share) * 31)) * 4;
      row += static_cast<char>(share < 0 ? shade : shade == 0 ? 0 : 128 + shade);
    }
  }
  return "<image x=\"" + tenths(place.left) + "\" y=\"" + tenths(place.top) + "\" width=\"" +
         tenths(place.cell * static_cast<double>(place.columns)) + "\" height=\"" +
         tenths(place.tall * static_cast<double>(place.rows)) +
         "\" preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" href=\"data:image/png;base64," +
         to_base64(png(rows)) + "\"/><rect x=\"" + tenths(place.left) + "\" y=\"" + tenths(place.top) +
         "\" width=\"" + tenths(place.cell * static_cast<double>(place.columns)) + "\" height=\"" +
         tenths(place.tall * static_cast<double>(place.rows)) + "\" fill=\"none\" class=\"grid\"/>";
}

}  // namespace

std::string png(const std::vector<std::string>& rows) {
  std::string header, colours, clearness, raw;
  put(header, static_cast<std::uint32_t>(rows.empty() ? 0 : rows.front().size()));
  put(header, static_cast<std::uint32_t>(rows.size()));
  header += std::string("\x08\x03\x00\x00\x00", 5);  // 8 bits, a palette, nothing interlaced
  for (int i = 0; i < 256; ++i) {
    for (const std::uint8_t part : i < 128 ? negative.rgb : positive.rgb)
      colours += static_cast<char>(part);
    clearness += static_cast<char>(std::min(255, (i < 128 ? i : i - 128) * 255 / 124));
  }
  for (const std::string& row : rows)
    raw += '\0' + row;  // no filter
  std::string out = "\x89PNG\r\n\x1a\n";
  chunk(out, "IHDR", header);
  chunk(out, "PLTE", colours);
  chunk(out, "tRNS", clearness);
  chunk(out, "IDAT", deflated(raw));
  chunk(out, "IEND", {});
  return out;
}

std::string heat_map(const HeatMap& map) {
  const Place place = place_of(map);
  std::string out = "<svg viewBox=\"0 0 " + tenths(place.width()) + " " + tenths(place.height()) +
                    "\" width=\"" + tenths(place.width()) + "\" height=\"" + tenths(place.height()) +
                    "\" role=\"img\">";
  const bool many = place.rows > most_rows || place.rows * place.columns > most_drawn;
  out += many ? pixels(map, place) : drawn_cells(map, place);
  return out + names_of(map, place) + "</svg>";
}

std::string marked_text(std::span<const std::string> tokens, std::span<const float> values, double most) {
  std::string out = "<p class=\"marked\">";
  for (std::size_t i = 0; i < tokens.size() && i < values.size(); ++i) {
    const double share = share_of(values[i], most);
    const auto& rgb = share < 0 ? negative.rgb : positive.rgb;
    out += "<span title=\"" + significant(static_cast<double>(values[i]), 3) + "\" style=\"background:rgba(" +
           std::to_string(rgb[0]) + "," + std::to_string(rgb[1]) + "," + std::to_string(rgb[2]) + "," +
           fixed(0.85 * std::abs(share), 2) + ")\">" + escape(tokens[i]) + "</span> ";
  }
  return out + "</p>\n";
}

}  // namespace rondo::svg
