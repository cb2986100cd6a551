// Tables as people have them: dates from spreadsheets, banks, statistical offices and weather stations, times
// in columns of their own, currencies, marks for values that are missing, columns and rows of nothing.
#include <cmath>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "tasks/forecast/reading.h"

namespace rondo::test {
namespace {

using namespace rondo::forecast;
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

  const Series& series() const { return frame->series.at(0); }
  std::string begins() const { return to_text(series().grid.time(0), frame->style); }
  std::string frequency() const { return in_words(frame->frequency); }
};

Read read_text(const std::string& text, const ColumnOptions& columns = {}, const Record* like = nullptr) {
  Read read;
  ReadingOptions options{.columns = columns};
  if (like == nullptr) options.windows = {.lookback = 1, .horizon = 1};
  Framed framed = parse_frame(text, "t.csv", options, like, read.notices);
  read.frame = framed.frame;
  read.record = framed.record;
  return read;
}

/// A table of two columns, with a time for each of some numbers.
std::string table(int rows, const std::function<std::string(int)>& time,
                  const std::string& header = "date,y\n") {
  std::string text = header;
  for (int i = 0; i < rows; ++i)
    text += time(i) + "," + std::to_string(10 + i % 7) + "\n";
  return text;
}

std::string two_digits(int number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string moment(std::string_view text, DateOrder order = DateOrder::automatic) {
  const auto found = parse_moment(text, order);
  return found ? to_text(found->ms, {TimeKind::moment, Detail::second}) : "none";
}

TEST(ForecastForms, EnglishMonthsHaveNames) {
  for (const char* text :
       {"Mar 2024", "Mar-2024", "Mar-24", "March 2024", "Mar '24", "2024-Mar", "March, 2024", "Mar. 2024"})
    EXPECT_EQ(moment(text), "2024-03-01 00:00:00") << text;
  for (const char* text : {"5 Mar 2024", "05-Mar-2024", "05-Mar-24", "Mar 5, 2024", "March 05 2024",
                           "Tue, 05 Mar 2024", "Tuesday, March 5, 2024", "2024-Mar-05", "5 MAR 2024"})
    EXPECT_EQ(moment(text), "2024-03-05 00:00:00") << text;
  EXPECT_EQ(moment("Sept 1, 2024"), "2024-09-01 00:00:00");
  EXPECT_EQ(moment("Tue, 05 Mar 2024 18:30:00 GMT"), "2024-03-05 18:30:00");
  EXPECT_EQ(moment("Mar 5, 2024, 6:30 PM"), "2024-03-05 18:30:00");
  for (const char* text : {"Mar", "5 Mar", "Mar 5", "Marx 2024", "Mar 32, 2024", "Mar 024"})
    EXPECT_EQ(moment(text), "none") << text;
}

TEST(ForecastForms, ChineseDatesQuartersAndWeeks) {
  EXPECT_EQ(moment("2024年3月5日"), "2024-03-05 00:00:00");
  EXPECT_EQ(moment("2024年03月05号 18:30"), "2024-03-05 18:30:00");
  EXPECT_EQ(moment("2024年3月5日18时30分15秒"), "2024-03-05 18:30:15");
  EXPECT_EQ(moment("2024年3月5日 18时"), "2024-03-05 18:00:00");
  EXPECT_EQ(moment("2024年3月"), "2024-03-01 00:00:00");
  EXPECT_EQ(moment("2024年"), "2024-01-01 00:00:00");
  for (const char* text :
       {"2024年第2季度", "2024年二季度", "2024Q2", "2024-Q2", "2024 q2", "Q2 2024", "Q2-2024"})
    EXPECT_EQ(moment(text), "2024-04-01 00:00:00") << text;
  // ISO 8601: the first week is that of 4 January.
  EXPECT_EQ(moment("2024-W01"), "2024-01-01 00:00:00");
  EXPECT_EQ(moment("2021-W01"), "2021-01-04 00:00:00");
  EXPECT_EQ(moment("2020W53-7"), "2021-01-03 00:00:00");
  for (const char* text :
       {"2024Q5", "2024Q", "Q2", "2024年13月", "2024年3月5", "2024-W54", "2021-W53", "2024-W9"})
    EXPECT_EQ(moment(text), "none") << text;
}

TEST(ForecastForms, DatesWithoutMarksAndTimesOfDay) {
  EXPECT_EQ(moment("20240305"), "2024-03-05 00:00:00");
  EXPECT_EQ(moment("202403"), "2024-03-01 00:00:00");
  EXPECT_EQ(moment("2024030518"), "2024-03-05 18:00:00");
  EXPECT_EQ(moment("202403051830"), "2024-03-05 18:30:00");
  EXPECT_EQ(moment("20240305T183015"), "2024-03-05 18:30:15");
  EXPECT_EQ(moment("20240305 18:30"), "2024-03-05 18:30:00");
  EXPECT_EQ(moment("2024-03-05 12:05 AM"), "2024-03-05 00:05:00");
  EXPECT_EQ(moment("2024-03-05 12:05:00 pm"), "2024-03-05 12:05:00");
  EXPECT_EQ(moment("2024-03-05 6 p.m."), "2024-03-05 18:00:00");
  EXPECT_EQ(moment("2024-03-05 18"), "2024-03-05 18:00:00");
  EXPECT_EQ(moment("2024-03-05T18Z"), "2024-03-05 18:00:00");
  for (const char* text :
       {"20241305", "20240230", "16000101", "2024030525", "2024-03-05 24:30", "2024-03-05 13:00 PM",
        "2024-03-05 0:10 AM", "2024-03-05 6", "2024-03-05 18:3", "2024-03-05 18:30 XM"})
    EXPECT_EQ(moment(text), "none") << text;
  EXPECT_EQ(moment("2024030524"), "2024-03-06 00:00:00") << "the end of a day";
  EXPECT_EQ(parse_clock("18.00.00"), 18 * ms_of_hour);
  EXPECT_EQ(parse_clock("6:30 pm"), 18 * ms_of_hour + 30 * ms_of_minute);
  EXPECT_EQ(parse_clock("18"), 18 * ms_of_hour);
  for (const char* text : {"", "6", "25:00", "noon", "18:30Z", "18:30 x"})
    EXPECT_EQ(parse_clock(text), std::nullopt) << text;
}

TEST(ForecastForms, YearsOfTwoDigits) {
  EXPECT_EQ(moment("3/5/24", DateOrder::month_first), "2024-03-05 00:00:00");
  EXPECT_EQ(moment("3.5.68", DateOrder::day_first), "2068-05-03 00:00:00");
  EXPECT_EQ(moment("03-05-69", DateOrder::day_first), "1969-05-03 00:00:00");
  EXPECT_EQ(moment("24-3-5", DateOrder::year_first), "2024-03-05 00:00:00");
  EXPECT_EQ(moment("3/5/4", DateOrder::month_first), "none");
  const auto day = [](int i) { return i % 28 + 1; };
  const auto month = [](int i) { return i / 28 + 1; };
  const auto read = [&](const std::function<std::string(int)>& time) { return read_text(table(50, time)); };
  const Read american =
      read([&](int i) { return std::to_string(month(i)) + "/" + std::to_string(day(i)) + "/21"; });
  EXPECT_EQ(american.begins(), "2021-01-01");
  EXPECT_THAT(american.notices, Contains(HasSubstr("the month first (line 14 proves it)")));
  const Read german = read([&](int i) { return two_digits(day(i)) + "." + two_digits(month(i)) + ".21"; });
  EXPECT_EQ(german.begins(), "2021-01-01");
  EXPECT_THAT(german.notices, Contains(HasSubstr("the day first (so the times lie closest together")));
  const Read chinese = read([&](int i) { return "21/" + two_digits(month(i)) + "/" + two_digits(day(i)); });
  EXPECT_EQ(chinese.begins(), "2021-01-01");
  EXPECT_THAT(chinese.notices, Contains(HasSubstr("the year first (so the times lie closest together")));
}

TEST(ForecastForms, WholeColumnsOfThem) {
  const auto read = [](int rows, const std::function<std::string(int)>& time) {
    return read_text(table(rows, time));
  };
  constexpr std::array<const char*, 12> names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Read months = read(36, [&](int i) {
    return names[static_cast<std::size_t>(i % 12)] + ("-" + std::to_string(90 + i / 12));
  });
  EXPECT_EQ(months.frequency(), "monthly");
  EXPECT_EQ(months.begins(), "1990-01");
  EXPECT_EQ(read(20, [](int i) { return std::to_string(1970 + i / 4) + "Q" + std::to_string(i % 4 + 1); })
                .frequency(),
            "quarterly");
  EXPECT_EQ(read(20, [](int i) { return "2024-W" + two_digits(i + 1); }).frequency(), "weekly");
  const Read compact =
      read(40, [](int i) { return "2021" + two_digits(i / 28 + 1) + two_digits(i % 28 + 1); });
  EXPECT_EQ(compact.frequency(), "daily");
  EXPECT_EQ(compact.begins(), "2021-01-01");
  EXPECT_EQ(read(24, [](int i) { return std::to_string(188001 + i / 12 * 100 + i % 12); }).frequency(),
            "monthly");
  EXPECT_EQ(read(14, [](int i) { return std::to_string(188001 + i); }).frequency(), "one step a row")
      << "there is no 13th month: these are numbers";
  const Read halves = read(48, [](int i) {
    const int hour = i % 12 == 0 ? 12 : i % 12;
    return "1/" + std::to_string(i / 24 + 13) + "/2021 " + std::to_string(hour) + ":00:00 " +
           (i % 24 < 12 ? "AM" : "PM");
  });
  EXPECT_EQ(halves.frequency(), "hourly");
  EXPECT_EQ(halves.series().steps(), 48);
}

TEST(ForecastForms, ATimeOfDayMayStandBesideItsDate) {
  std::string text = "Date;Time;CO(GT);;\n";
  for (int i = 0; i < 30; ++i)
    text += two_digits(13 + i / 24) + "/03/2004;" + two_digits(i % 24) + ".00.00;2," +
            std::to_string(i % 10) + ";;\n";
  const Read read = read_text(text + ";;;;\n;;;;\n");
  EXPECT_EQ(read.frequency(), "hourly");
  EXPECT_EQ(read.series().steps(), 30);
  EXPECT_EQ(read.series().y[3], 2.3);
  EXPECT_EQ(read.frame->series.size(), 1U) << "columns without a name or a value are no series";
  EXPECT_THAT(read.notices, Contains(HasSubstr("times: 'Date' and 'Time'")));
  EXPECT_THAT(read.notices, Contains(HasSubstr("column '4' is empty, and is left out")));
  EXPECT_THAT(read.notices, Contains(HasSubstr("2 rows of empty cells are left out")));
  const Record record = Record::from_json(read.record.to_json());
  const Read again =
      read_text("Time;CO(GT);Date\n23.00.00;1,5;11/03/2004\n00.00.00;1,7;12/03/2004\n", {}, &record);
  EXPECT_EQ(again.begins(), "2004-03-11 23:00:00") << "the columns of a time may stand anywhere";

  std::string hours = "dteday,hr,cnt\n";
  for (int i = 0; i < 30; ++i)
    hours += "2011-01-0" + std::to_string(1 + i / 24) + "," + std::to_string(i % 24) + "," +
             std::to_string(i) + "\n";
  EXPECT_EQ(read_text(hours).frequency(), "hourly");
  EXPECT_EQ(read_text(hours, {.time = {"dteday", "hr"}}).series().steps(), 30);
  expect_error(
      ErrorKind::data,
      [&] {
        read_text(hours + "2011-01-03,noon,3\n", {.time = {"dteday", "hr"}});
      },
      "line 32", "whole number");
}

TEST(ForecastForms, AnUnclearOrderIsThatOfTheTrainingData) {
  const Read first = read_text("date,y\n12/03/2024,1\n13/03/2024,2\n14/03/2024,3\n");
  const Record record = Record::from_json(first.record.to_json());
  const Read next = read_text("date,y\n01/04/2024,1\n02/04/2024,2\n03/04/2024,3\n", {}, &record);
  EXPECT_EQ(next.begins(), "2024-04-01");
  EXPECT_THAT(next.notices, Contains(HasSubstr("the day first (as in the training data)")));
}

TEST(ForecastForms, ColumnsAreNumberedFromOne) {
  const std::string text = "date,a,b\n2024-03-01,1,10\n2024-03-02,2,20\n";
  EXPECT_EQ(read_text(text, {.target = {"2"}}).series().y[1], 2);
  EXPECT_EQ(read_text(text, {.target = {"3"}}).series().y[1], 20);
  for (const char* none : {"0", "4"})
    expect_error(
        ErrorKind::option, [&] { read_text(text, {.target = {none}}); }, "no column", "--target");
}

TEST(ForecastForms, CurrenciesPercentAndScales) {
  const auto value = [](std::string_view text, char decimal = '.') {
    return parse_number(text, {decimal}).value_or(NAN);
  };
  EXPECT_EQ(value("$1,234.50"), 1234.5);
  EXPECT_EQ(value("-$5"), -5);
  EXPECT_EQ(value("$-5"), -5);
  EXPECT_EQ(value("($12.50)"), -12.5);
  EXPECT_EQ(value("1.234,50 €", ','), 1234.5);
  EXPECT_EQ(value("￥88"), 88);
  EXPECT_EQ(value("88元"), 88);
  EXPECT_EQ(value("12.5%"), 12.5);
  EXPECT_EQ(value("-0.45 %"), -0.45);
  EXPECT_EQ(value("75.45M"), 75.45e6);
  EXPECT_EQ(value("1.20K"), 1200);
  EXPECT_EQ(value("1.5万"), 15000);
  EXPECT_EQ(value("3亿"), 3e8);
  for (const char* text : {"2B", "$", "%", "5 $ 5", "M", "1.5 m", "$$5", "万", "12%%", "5k"})
    EXPECT_TRUE(std::isnan(value(text))) << text;
  const Read read = read_text(
      "Date,Price,Vol.,Change %\n2024-03-01,\"$1,200.5\",75.45M,-0.45%\n2024-03-02,$990.25,-,1.2%\n");
  EXPECT_THAT(read.frame->series[0].y, ElementsAre(1200.5, 990.25));
  EXPECT_EQ(read.frame->series[1].y[0], 75.45e6);
  EXPECT_TRUE(std::isnan(read.frame->series[1].y[1]));
}

TEST(ForecastForms, MarksOfMissingValues) {
  for (const char* text : {"", " ", "NA", "n/a", "NaN", "NaT", "null", "None", "-", "--", "—", ".", "..",
                           "#N/A", "#DIV/0!", "?"})
    EXPECT_TRUE(is_missing(text)) << text;
  for (const char* text : {"0", "-1", "x", "nano", "north", ".5", "5."})
    EXPECT_FALSE(is_missing(text)) << text;
  const std::string text =
      "date,t\n2024-03-01,1.5\n2024-03-02,-9999\n2024-03-03,2\n2024-03-04,-9999.0\n2024-03-05,缺测\n";
  const Read read = read_text(text, {.missing = {"-9999", "缺测"}});
  EXPECT_EQ(read.series().y[0], 1.5);
  for (const std::size_t i : {1U, 3U, 4U})
    EXPECT_TRUE(std::isnan(read.series().y[i])) << i;
  const Record record = Record::from_json(read.record.to_json());
  EXPECT_TRUE(std::isnan(read_text("date,t\n2024-03-06,-9999\n2024-03-07,1\n", {}, &record).series().y[0]))
      << "what stood for no value in the training data does later";
  expect_error(
      ErrorKind::data, [&] { read_text("date,t\n2024-03-01,1\n2024-03-02,缺测\n", {.target = {"t"}}); },
      "line 3", "wanted a number");
}

TEST(ForecastForms, NumbersFarFromAllOthersAreSaid) {
  const Read read =
      read_text("date,t\n2024-03-01,1.5\n2024-03-02,-999\n2024-03-03,2\n2024-03-04,-999\n2024-03-05,8\n");
  EXPECT_EQ(read.series().y[1], -999) << "they are kept unless an option says otherwise";
  EXPECT_THAT(
      read.notices,
      Contains(HasSubstr("column 't': -999 stands in 2 rows, far from all other values; --missing -999")));
  EXPECT_THAT(
      read_text("date,t\n2024-03-01,-900\n2024-03-02,-999\n2024-03-03,-1200\n2024-03-04,-999\n").notices,
      Not(Contains(HasSubstr("--missing"))));
}

TEST(ForecastForms, WordsThatHardlyRecurAreLeftOut) {
  const Read read = read_text(table(20, [](int i) { return "moment " + std::to_string(i); }));
  EXPECT_THAT(read.frame->covariates, IsEmpty());
  EXPECT_THAT(read.notices,
              Contains(HasSubstr("column 'date' has other words in nearly every row ('moment 0')")));
  EXPECT_EQ(
      read_text(table(20, [](int i) { return "kind " + std::to_string(i % 5); })).frame->covariates.size(),
      1U);
  EXPECT_EQ(
      read_text(table(20, [](int i) { return "moment " + std::to_string(i); }), {.categories = {"date"}})
          .frame->covariates.size(),
      1U);
}

}  // namespace
}  // namespace rondo::test
