// From tables to series: times, frequencies, numbers, gaps, repeats, columns and parts.
#include "tasks/forecast/reading.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace rondo::test {
namespace {

using namespace rondo::forecast;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Texts = std::vector<std::string>;

struct Read {
  std::shared_ptr<const Frame> frame;
  Record record;
  Texts notices;

  const Series& series(std::size_t i = 0) const { return frame->series.at(i); }
  Texts ids() const {
    Texts all;
    for (const Series& one : frame->series)
      all.push_back(one.id);
    return all;
  }
  /// The times of the next steps of a series.
  Texts next(std::size_t i, int count) const {
    Texts all;
    for (int k = 0; k < count; ++k)
      all.push_back(to_text(series(i).grid.time(series(i).steps() + k), frame->style));
    return all;
  }
};

Read read_text(const std::string& text, ReadingOptions options = {}) {
  Read read;
  if (options.windows.lookback == 0) options.windows.lookback = 1;
  if (options.windows.horizon == 0) options.windows.horizon = 1;
  Framed framed = parse_frame(text, "t.csv", options, nullptr, read.notices);
  read.frame = framed.frame;
  read.record = framed.record;
  return read;
}

void refuses(const std::string& text, const ReadingOptions& options, const std::string& a,
             const std::string& b = {}) {
  expect_error(
      ErrorKind::data, [&] { read_text(text, options); }, a, b);
}

TEST(ForecastMoments, AreReadInManyForms) {
  const auto at = [](std::string_view text, DateOrder order = DateOrder::automatic) {
    const auto moment = parse_moment(text, order);
    return moment ? to_text(moment->ms, {TimeKind::moment, Detail::millisecond}) : std::string("none");
  };
  EXPECT_EQ(at("2024-02-29"), "2024-02-29 00:00:00.000");
  EXPECT_EQ(at("2024/2/9 7:05"), "2024-02-09 07:05:00.000");
  EXPECT_EQ(at("2024-02-29T12:30:01.25+02:00"), "2024-02-29 10:30:01.250");
  EXPECT_EQ(at("2024-02-29 00:30:00Z"), "2024-02-29 00:30:00.000");
  EXPECT_EQ(at("31.12.1969 23:00"), "1969-12-31 23:00:00.000");
  EXPECT_EQ(at("03/13/2024", DateOrder::month_first), "2024-03-13 00:00:00.000");
  EXPECT_EQ(at("1949-01"), "1949-01-01 00:00:00.000");
  for (const char* bad : {"2023-02-29", "2024-13-01", "03/13/2024", "2024-01-01 25:00", "2024-01-01x", "",
                          "x", "12", "2024-01-01 10:00 +2"})
    EXPECT_EQ(at(bad), "none") << bad;
}

TEST(ForecastNumbers, HaveOneReadingAFile) {
  const auto value = [](std::string_view text, char decimal) {
    return parse_number(text, {decimal}).value_or(NAN);
  };
  EXPECT_EQ(value("1.234,50", ','), 1234.5);
  EXPECT_EQ(value("1,234.50", '.'), 1234.5);
  EXPECT_EQ(value("(1,050.75)", '.'), -1050.75);
  EXPECT_EQ(value("-1.050,75", ','), -1050.75);
  EXPECT_EQ(value("1e-3", '.'), 0.001);
  for (const char* bad : {"1,23", "12,34.5", "1.2.3", "inf", "nan", "1e999", "", "-", "1 2", "0x1"})
    EXPECT_TRUE(std::isnan(value(bad, '.'))) << bad;
}

TEST(ForecastReading, DecimalCommaAndDayFirstAreFoundAndSaid) {
  const Read read = read_text(
      "Datum;Umsatz;Menge\n01.03.2024;1.234,50;10,5\n02.03.2024;987,25;9,75\n03.03.2024;12.004,00;11,0\n"
      "04.03.2024;-1.050,75;0,5\n",
      {.columns = {.target = {"Umsatz"}}});
  EXPECT_THAT(read.series().y, ElementsAre(1234.5, 987.25, 12004, -1050.75));
  EXPECT_THAT((*read.series().covariates)[0], ElementsAre(10.5F, 9.75F, 11.0F, 0.5F));
  EXPECT_THAT(read.next(0, 1), ElementsAre("2024-03-05"));
  EXPECT_THAT(read.notices, Contains(HasSubstr("decimal mark is a comma")));
  EXPECT_THAT(read.notices, Contains(HasSubstr("the day first")));
}

TEST(ForecastReading, MonthFirstIsProvedByALaterLine) {
  const Read read = read_text(
      "date,sales,units\n03/01/2024,\"1,234.50\",10.5\n03/02/2024,987.25,9.75\n03/03/2024,\"12,004\",11\n"
      "03/13/2024,\"(1,050.75)\",0.5\n",
      {.columns = {.target = {"sales"}}});
  EXPECT_EQ(read.series().steps(), 13);
  EXPECT_EQ(read.series().y[2], 12004);
  EXPECT_EQ(read.series().y[12], -1050.75);
  EXPECT_THAT(read.notices, Contains(HasSubstr("month first (line 5 proves it)")));
  EXPECT_THAT(read.notices, Contains(HasSubstr("9 rows are missing")));
}

TEST(ForecastReading, AnUnclearMarkIsAPointAndSaid) {
  const Read read = read_text("ds;y\n2024-03-01;1.234\n2024-03-02;2.500\n2024-03-03;1.750\n");
  EXPECT_THAT(read.series().y, ElementsAre(1.234, 2.5, 1.75));
  EXPECT_THAT(read.notices, Contains(HasSubstr("--decimal comma")));
  refuses("ds;y\n2024-03-01;1.234,5\n2024-03-02;2,500.5\n", {}, "line 2", "line 3");
}

TEST(ForecastReading, IdsStayAsTyped) {
  const Read read = read_text(
      "unique_id,ds,y\n007,2024-01-01,1\n007,2024-01-02,2\n7,2024-01-01,10\n7,2024-01-02,11\n"
      "NA,2024-01-01,5\nNA,2024-01-02,6\n1e2,2024-01-01,30\n1e2,2024-01-02,31\n");
  EXPECT_THAT(read.ids(), ElementsAre("007", "1e2", "7", "NA"));
  EXPECT_THAT(read.frame->covariates, IsEmpty());
}

TEST(ForecastReading, RowsAreSortedWithinEachSeries) {
  const Read read = read_text(
      "unique_id,ds,y\nB,2024-01-03,6\nA,2024-01-02,2\nB,2024-01-01,4\nA,2024-01-01,1\nB,2024-01-02,5\n");
  EXPECT_THAT(read.ids(), ElementsAre("A", "B"));
  EXPECT_THAT(read.series(0).y, ElementsAre(1, 2));
  EXPECT_THAT(read.series(1).y, ElementsAre(4, 5, 6));
  EXPECT_THAT(read.notices, Contains(HasSubstr("not in order of time in 2 of 2 series")));
}

constexpr const char* repeats =
    "unique_id,ds,y\nA,2024-05-01,10\nA,2024-05-02,12\nA,2024-05-02,12\nA,2024-05-03,11\nA,2024-05-03,15\n"
    "A,2024-05-04,13\nB,2024-05-01,7\nB,2024-05-02,8\nB,2024-05-03,9\nB,2024-05-04,9\n";

TEST(ForecastReading, RepeatsAreSettledByAnOption) {
  refuses(repeats, {}, "A: 2024-05-03 occurs with different values (11 and 15) in lines 5 and 6",
          "--duplicates");
  const auto with = [](Duplicates how) {
    const Read read = read_text(repeats, {.columns = {.duplicates = how}});
    return std::pair(read.series().y[1], read.series().y[2]);
  };
  EXPECT_EQ(with(Duplicates::mean), std::pair(12.0, 13.0));
  EXPECT_EQ(with(Duplicates::sum), std::pair(24.0, 26.0));
  EXPECT_EQ(with(Duplicates::first), std::pair(12.0, 11.0));
  EXPECT_EQ(with(Duplicates::last), std::pair(12.0, 15.0));
}

TEST(ForecastReading, SeveralSeriesWithoutANameAreRefused) {
  refuses(
      "ds,y\n2024-05-01,10\n2024-05-02,12\n2024-05-02,12\n2024-05-03,11\n2024-05-03,15\n2024-05-01,7\n"
      "2024-05-02,8\n2024-05-03,9\n",
      {}, "every date occurs up to 3 times", "name their column");
}

TEST(ForecastReading, MonthsKeepTheirDay) {
  const Read read = read_text(
      "unique_id,ds,y\nend,2023-09-30,10\nend,2023-10-31,12\nend,2023-11-30,11\nend,2023-12-31,15\n"
      "end,2024-01-31,14\nstart,2023-10-01,5\nstart,2023-11-01,6\nstart,2023-12-01,8\nstart,2024-01-01,7\n"
      "thirty,2023-10-30,3\nthirty,2023-11-30,4\nthirty,2023-12-30,4\nthirty,2024-01-30,5\n");
  EXPECT_EQ(in_words(read.frame->frequency), "monthly");
  EXPECT_THAT(read.next(0, 4), ElementsAre("2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"));
  EXPECT_THAT(read.next(1, 4), ElementsAre("2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"));
  EXPECT_THAT(read.next(2, 4), ElementsAre("2024-02-29", "2024-03-30", "2024-04-30", "2024-05-30"));
  EXPECT_THAT(read.notices, Not(Contains(HasSubstr("missing and masked"))));
  EXPECT_EQ(usual_period(read.frame->frequency), 12);
}

constexpr const char* weeks =
    "unique_id,ds,y\nmon,2024-12-09,40\nmon,2024-12-16,42\nmon,2024-12-23,45\nmon,2024-12-30,41\n"
    "sun,2024-12-08,9\nsun,2024-12-15,8\nsun,2024-12-22,11\nsun,2024-12-29,10\n"
    "late,2024-12-09,70\nlate,2024-12-16,71\nlate,2024-12-24,75\nlate,2024-12-30,72\n";

TEST(ForecastReading, WeeksBeginOnAnyDayAndAMovedOneIsRefused) {
  refuses(weeks, {}, "line 12: late: 2024-12-24 is not on the grid",
          "--off-grid move takes it to 2024-12-23");
  const Read read = read_text(weeks, {.columns = {.off_grid = OffGrid::move}});
  EXPECT_EQ(in_words(read.frame->frequency), "weekly");
  EXPECT_THAT(read.ids(), ElementsAre("late", "mon", "sun"));
  EXPECT_THAT(read.next(1, 2), ElementsAre("2025-01-06", "2025-01-13"));
  EXPECT_THAT(read.next(2, 2), ElementsAre("2025-01-05", "2025-01-12"));
  EXPECT_THAT(read.notices, Contains(HasSubstr("moved to the nearest step")));
}

TEST(ForecastReading, GapsAreMaskedAndCounted) {
  const std::string text = "ds,y\n2024-06-03,10\n2024-06-04,24\n2024-06-06,41\n2024-06-07,\n2024-06-08,NA\n";
  const Read read = read_text(text);
  EXPECT_EQ(read.series().steps(), 6);
  EXPECT_TRUE(std::isnan(read.series().y[2]));
  EXPECT_THAT(read.notices, Contains(AllOf(HasSubstr("6 steps"), HasSubstr("5 rows"), HasSubstr("3 of 6"))));
  EXPECT_THAT(read.notices, Contains(HasSubstr("1 row is missing and masked; the first: 2024-06-05")));
  refuses(text, {.columns = {.gaps = Gaps::refuse}}, "1 rows are missing");
}

TEST(ForecastReading, FrequenciesAreFound) {
  const auto found = [](const std::string& text) { return in_words(read_text(text).frame->frequency); };
  EXPECT_EQ(found("ds,y\n2024-01-01 00:00,1\n2024-01-01 00:15,2\n2024-01-01 00:30,2\n"), "every 15 minutes");
  EXPECT_EQ(found("ds,y\n2024-01-05,1\n2024-01-08,2\n2024-01-09,2\n2024-01-10,3\n2024-01-11,3\n"),
            "business days");
  EXPECT_EQ(found("ds,y\n2020-03-31,1\n2020-06-30,2\n2020-09-30,2\n"), "quarterly");
  EXPECT_EQ(found("ds,y\n1700,1\n1701,2\n1702,2\n"), "yearly");
  EXPECT_EQ(found("ds,y\n1704067200,1\n1704070800,2\n1704074400,2\n"), "hourly");
  EXPECT_EQ(found("ds,y\n0,1\n10,2\n20,2\n"), "every 10 numbers");
  EXPECT_EQ(found("1.5,2\n1.6,3\n1.7,5\n"), "one step a row");
  refuses("ds,y\n2024-01-01,1\n2024-01-02,1\n2024-03-09,1\n2024-11-30,1\n", {}, "no common step",
          "--frequency");
  const Read rows = read_text("ds,y\n2024-01-01,1\n2024-01-02,1\n2024-03-09,1\n2024-11-30,1\n",
                              {.columns = {.frequency = "rows"}});
  EXPECT_EQ(rows.series().steps(), 4);
}

TEST(ForecastReading, TimesMayLieInSeveralColumns) {
  const Read read = read_text(
      "No,year,month,day,hour,pm2.5,cbwd\r\n1,2010,1,1,22,NA,NE\r\n2,2010,1,1,23,3,NE\r\n3,2010,1,2,0,4,"
      "cv\r\n"
      "4,2010,1,2,1,5,cv\r\n",
      {.columns = {.target = {"pm2.5"}}});
  EXPECT_THAT(read.next(0, 1), ElementsAre("2010-01-02 02:00:00"));
  EXPECT_EQ(in_words(read.frame->frequency), "hourly");
  ASSERT_EQ(read.frame->covariates.size(), 1U) << "the row numbers are left out";
  EXPECT_THAT(read.frame->covariates[0].words, ElementsAre("NE", "cv"));
}

TEST(ForecastReading, WideTablesAreASeriesAColumn) {
  const Read read = read_text("\"a\",\"b\",\"Date\"\r\n1,2,2007-01-03\r\n2,3,2007-01-04\r\n");
  EXPECT_THAT(read.ids(), ElementsAre("a", "b"));
  EXPECT_THAT(read.series(1).y, ElementsAre(2, 3));
}

TEST(ForecastReading, ARecordReadsLikeFilesAlike) {
  const std::string text = "ds,y,temp,kind\n2024-01-01,1,2,x\n2024-01-02,2,2,y\n2024-01-03,2,2,y\n";
  const Read first = read_text(text);
  const Record record = Record::from_json(first.record.to_json());
  Texts notices;
  const Framed again =
      parse_frame("kind,y,ds,temp,more\nz,1,2025-01-01,5,9\n", "u.csv", {}, &record, notices);
  EXPECT_EQ(again.frame->frequency, first.frame->frequency);
  ASSERT_EQ(again.frame->covariates.size(), 2U);
  expect_error(
      ErrorKind::option, [&] { parse_frame("ds,y\n2025-01-01,1\n", "u.csv", {}, &record, notices); }, "temp");
}

TEST(ForecastReading, PartsAreCutInTime) {
  std::string text = "ds,y\n";
  for (int d = 1; d <= 30; ++d)
    text += "2024-04-" + std::string(d < 10 ? "0" : "") + std::to_string(d) + "," + std::to_string(d) + "\n";
  ReadingOptions options;
  options.windows = {.lookback = 3, .horizon = 2};
  Texts notices;
  Reading whole = reading_of(parse_frame(text, "t.csv", options, nullptr, notices), {}, {});
  hold_out(whole, 0.1, 0.1);
  const auto span = [](const Dataset& part) {
    const SeriesPart one = parts_in(part).front();
    return std::pair(one.begin, one.end);
  };
  using Span = std::pair<std::int64_t, std::int64_t>;
  EXPECT_EQ(span(whole.test), Span(27, 30));
  EXPECT_EQ(span(whole.valid), Span(24, 27));
  EXPECT_EQ(span(whole.train), Span(0, 24));
  const Reading dated =
      reading_of(parse_frame(text, "t.csv", options, nullptr, notices),
                 {.valid_from = "2024-04-11", .test_from = "2024-04-21", .until = "2024-04-30"}, {});
  EXPECT_EQ(span(dated.train), Span(0, 10));
  EXPECT_EQ(span(dated.valid), Span(10, 20));
  EXPECT_EQ(span(dated.test), Span(20, 29));
}

TEST(ForecastReading, BadTablesAreRefusedWithALine) {
  refuses("", {}, "no rows");
  refuses("ds,y\n", {}, "no rows");
  refuses("ds,y\n2024-01-01,1\n2024-01-02\n", {}, "line 3", "1 cell");
  refuses("ds,y\n2024-01-01,1\n,2\n", {}, "line 3", "wanted a time");
  refuses("ds,y\n2024-01-01,a\n2024-01-02,b\n", {.columns = {.target = {"y"}}}, "wanted a number", "line 2");
  refuses("ds,y\n2024-01-01,\"1\n", {}, "line 2", "quotation mark");
  refuses("a,a\n1,2\n", {}, "two columns are named 'a'");
  refuses("ds,name\n2024-01-01,a\n2024-01-02,b\n", {}, "no column of numbers");
}

}  // namespace
}  // namespace rondo::test
