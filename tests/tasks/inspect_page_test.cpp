// Pages of what is inside: pictures, shades, JSON and tables of the same blocks.
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "base/json.h"
#include "tasks/inspect/page.h"
#include "tasks/report/heat.h"

namespace rondo::inspect {
namespace {

using testing::HasSubstr;
using testing::Not;

std::uint32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// The data of each chunk by its type; every checksum must be right.
std::map<std::string, std::string> chunks_of(const std::string& png) {
  std::map<std::string, std::string> chunks;
  for (std::size_t at = 8; at < png.size();) {
    const std::uint32_t size = number_at(png, at);
    const std::string body = png.substr(at + 4, size + 4);
    EXPECT_EQ(number_at(png, at + 8 + size),
              crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())));
    chunks[body.substr(0, 4)] = body.substr(4);
    at += size + 12;
  }
  return chunks;
}

TEST(InspectPage, PicturesArePng) {
  const std::vector<std::string> rows = {std::string("\x00\x7F\x80", 3), std::string("\xFF\x01\x02", 3)};
  const std::string png = svg::png(rows);
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  const std::map<std::string, std::string> chunks = chunks_of(png);
  EXPECT_EQ(number_at(chunks.at("IHDR"), 0), 3u);
  EXPECT_EQ(number_at(chunks.at("IHDR"), 4), 2u);
  EXPECT_EQ(chunks.at("PLTE").size(), 768u);
  EXPECT_EQ(chunks.at("tRNS").size(), 256u);
  std::array<Bytef, 8> raw = {};
  uLongf size = raw.size();
  const std::string& packed = chunks.at("IDAT");
  ASSERT_EQ(uncompress(raw.data(), &size, reinterpret_cast<const Bytef*>(packed.data()),
                       static_cast<uLong>(packed.size())),
            Z_OK);
  ASSERT_EQ(size, 8u);
  EXPECT_EQ(raw[0], 0);  // no filter
  EXPECT_EQ(raw[2], 0x7F);
  EXPECT_EQ(raw[5], 0xFF);
}

Page page_with(Block block) {
  return {.title = "a <b>",
          .facts = {{{"text", "文本"}, "x & y"}},
          .sections = {{{"One", "一"}, {std::move(block)}}}};
}

TEST(InspectPage, FewCellsAreDrawnAndManyArePixels) {
  Heat heat{.key = "k", .title = {"T", "标题"}, .rows = {"<r>"}, .columns = {"c"}, .values = {{0.5F}}};
  const std::string few = to_html(page_with(heat), false);
  EXPECT_THAT(few, HasSubstr("<title>0.5</title>"));
  EXPECT_THAT(few, HasSubstr("&lt;r&gt;"));
  EXPECT_THAT(few, Not(HasSubstr("data:image")));
  heat.values.assign(50, std::vector<float>(50, std::numeric_limits<float>::quiet_NaN()));
  EXPECT_THAT(to_html(page_with(heat), true), HasSubstr("href=\"data:image/png;base64,iVBOR"));
}

TEST(InspectPage, NeedsNothingElseAndEscapesTexts) {
  const Marked marked{.key = "k", .title = {"T", "标题"}, .tokens = {"<i>", "b"}, .values = {1, -2}};
  for (const bool chinese : {false, true}) {
    const std::string page = to_html(page_with(marked), chinese);
    for (const char* part : {"http", "<script", "<i>", "a <b>", "x & y"})
      EXPECT_THAT(page, Not(HasSubstr(part))) << chinese;
    EXPECT_THAT(page, HasSubstr(chinese ? "<h2>一</h2>" : "<h2>One</h2>"));
    EXPECT_THAT(page, HasSubstr("title=\"-2\" style=\"background:rgba(213,94,0,0.85)\">b</span>"));
  }
}

TEST(InspectPage, JsonHasEveryBlockByItsKey) {
  std::vector<Section> sections = {{{"One", "一"}}};
  sections[0].blocks.emplace_back(
      Heat{.key = "heat", .title = {"H", {}}, .rows = {"r"}, .columns = {"c"}, .values = {{1}}});
  sections[0].blocks.emplace_back(
      Marked{.key = "marked", .title = {"M", {}}, .tokens = {"t"}, .values = {2}});
  sections[0].blocks.emplace_back(
      Curves{"curves",
             {.title = {"C", {}},
              .x_title = {"x", {}},
              .lines = {{{"a", {}}, {3, std::numeric_limits<float>::quiet_NaN()}}}}});
  sections[0].blocks.emplace_back(report::Table{
      .key = "table", .title = {"T", {}}, .columns = {{"n", {"n", {}}, Form::number}}, .rows = {{4.0}}});
  const Json json = parse_json(to_json(sections), {.name = "json"});
  EXPECT_EQ(json["heat"]["values"][0][0], 1);
  EXPECT_EQ(json["marked"]["values"][0], 2);
  EXPECT_EQ(json["curves"]["a"][0], 3);
  EXPECT_TRUE(json["curves"]["a"][1].is_null());
  EXPECT_EQ(json["table"][0]["n"], 4);
  EXPECT_EQ(tables_of(sections).size(), 2u) << "the table, and the marked text as one";
}

TEST(InspectPage, LowCellsArePixelsSoThatManyMapsStaySmall) {
  const std::vector<std::string> steps = {"She", "has", "a", "dog"};
  const auto map = [&](std::size_t units) {
    const std::vector<std::vector<float>> values(units, std::vector<float>(steps.size(), 0.5F));
    const std::vector<std::string> names(units, "unit");
    return svg::heat_map(
        {.rows = names, .columns = steps, .row_label = {}, .column_label = {}, .values = values, .most = 1});
  };
  EXPECT_THAT(map(20), HasSubstr("<title>0.5</title>"));
  EXPECT_THAT(map(64), Not(HasSubstr("<title>")));
  EXPECT_LT(map(64).size(), 10'000U);
}

TEST(InspectPage, LabelsAndLeaningNamesHaveRoom) {
  const std::vector<std::string> rows = {"a"}, columns = {"extraordinarily"};
  const std::vector<std::vector<float>> values = {{1}};
  const std::string map = svg::heat_map({.rows = rows,
                                         .columns = columns,
                                         .row_label = "translation",
                                         .column_label = {},
                                         .values = values,
                                         .most = 1});
  // The label ends at the left of the cells and has 7 a letter.
  const double left = std::stod(map.substr(map.find("<rect x=\"") + 9)),
               width = std::stod(map.substr(map.find("viewBox=\"0 0 ") + 13));
  EXPECT_GE(left, 7 * 11 + 20);
  EXPECT_GE(width, left + 34 + 7 * 15 * 0.5);
}

}  // namespace
}  // namespace rondo::inspect
