#include "base/fields.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <variant>

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace rondo {
namespace {

using test::expect_error;

enum class Colour { red, green, blue };
constexpr std::array<std::string_view, 3> names_of(Colour) {
  return {"red", "green", "blue"};
}

struct Slow {
  float rate = 0.1f;
  static constexpr std::string_view type = "slow";
  static constexpr auto fields() { return std::tuple{field("rate", &Slow::rate, "per step", 0, 1)}; }
  friend bool operator==(const Slow&, const Slow&) = default;
};
static_assert(all_fields_listed<Slow>);

struct Fast {
  Required<int> gear;
  bool turbo = false;
  static constexpr std::string_view type = "fast";
  static constexpr auto fields() {
    return std::tuple{field("gear", &Fast::gear, "from 1", 1, 6), field("turbo", &Fast::turbo, "more noise")};
  }
  friend bool operator==(const Fast&, const Fast&) = default;
};
static_assert(all_fields_listed<Fast>);
using Engine = std::variant<Slow, Fast>;

struct Inner {
  int depth = 3;
  std::string note = "none yet";
  static constexpr auto fields() {
    return std::tuple{field("depth", &Inner::depth, "how deep", 0, 10),
                      field("note", &Inner::note, "free text")};
  }
  friend bool operator==(const Inner&, const Inner&) = default;
};
static_assert(all_fields_listed<Inner>);

/// One field of each kind.
struct Machine {
  Required<int> units;
  float dropout = 0;
  double scale = 1;
  bool bidirectional = false;
  std::int64_t steps = -1;
  std::uint64_t seed = 1;
  std::string name = "machine";
  std::filesystem::path folder = "out";
  Colour colour = Colour::green;
  Required<Colour> lamp;
  std::vector<int> sizes = {1, 2};
  std::vector<std::string> tags = {};
  std::vector<float> weights = {};
  std::vector<bool> flags = {};
  std::vector<Colour> palette = {};
  std::map<std::string, float> class_weights = {};
  std::optional<float> limit = {};
  std::optional<std::string> comment = {};
  std::optional<Inner> spare = {};
  Inner inner = {};
  Engine engine = Slow{};
  Required<Inner> core;
  std::vector<Engine> more = {};

  static constexpr std::string_view type = "machine";
  static constexpr auto fields() {
    return std::tuple{field("units", &Machine::units, "size of the hidden state", 1, 1 << 20),
                      field("dropout", &Machine::dropout, "share dropped", 0, 1),
                      field("scale", &Machine::scale, "any number"),
                      field("bidirectional", &Machine::bidirectional, "also from the end"),
                      field("steps", &Machine::steps, "-1: all", -1, 1e12),
                      field("seed", &Machine::seed, "of the random numbers"),
                      field("name", &Machine::name, "for messages"),
                      field("folder", &Machine::folder, "for results"),
                      field("colour", &Machine::colour, "of the case"),
                      field("lamp", &Machine::lamp, "of the light"),
                      field("sizes", &Machine::sizes, "of the layers", 1, 100),
                      field("tags", &Machine::tags, "for search"),
                      field("weights", &Machine::weights, "of the layers", 0, 1),
                      field("flags", &Machine::flags, "of the layers"),
                      field("palette", &Machine::palette, "of the report"),
                      field("class_weights", &Machine::class_weights, "label to weight", 0, 1000),
                      field("limit", &Machine::limit, "none: no limit", 0, 5),
                      field("comment", &Machine::comment, "free text"),
                      field("spare", &Machine::spare, "a second inner one"),
                      field("inner", &Machine::inner, "what is inside"),
                      field("engine", &Machine::engine, "what drives it"),
                      field("core", &Machine::core, "the middle"),
                      field("more", &Machine::more, "further engines")};
  }
  friend bool operator==(const Machine&, const Machine&) = default;
};
static_assert(all_fields_listed<Machine>, "every kind of member is counted");

/// `fields()` leaves out a member.
struct Forgetful {
  int a = 1;
  std::vector<int> b = {};
  static constexpr auto fields() { return std::tuple{field("a", &Forgetful::a, "")}; }
};
static_assert(!all_fields_listed<Forgetful>);

/// The same where it may not be left out of the braces.
struct ForgetsRequired {
  int a = 1;
  Required<int> b;
  static constexpr auto fields() { return std::tuple{field("a", &ForgetsRequired::a, "")}; }
};
static_assert(!all_fields_listed<ForgetsRequired>);

struct ListsTwice {
  int a = 1;
  static constexpr auto fields() {
    return std::tuple{field("a", &ListsTwice::a, ""), field("b", &ListsTwice::a, "")};
  }
};
static_assert(!all_fields_listed<ListsTwice>);

struct Nothing {
  static constexpr auto fields() { return std::tuple{}; }
};
static_assert(all_fields_listed<Nothing>);

/// A description may have any number of members: 60, and of these as many listed as asked for.
template <std::size_t listed>
struct Sixty {
  int a0 = 0, a1 = 0, a2 = 0, a3 = 0, a4 = 0, a5 = 0, a6 = 0, a7 = 0, a8 = 0, a9 = 0;
  int b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0, b6 = 0, b7 = 0, b8 = 0, b9 = 0;
  int c0 = 0, c1 = 0, c2 = 0, c3 = 0, c4 = 0, c5 = 0, c6 = 0, c7 = 0, c8 = 0, c9 = 0;
  int d0 = 0, d1 = 0, d2 = 0, d3 = 0, d4 = 0, d5 = 0, d6 = 0, d7 = 0, d8 = 0, d9 = 0;
  int e0 = 0, e1 = 0, e2 = 0, e3 = 0, e4 = 0, e5 = 0, e6 = 0, e7 = 0, e8 = 0, e9 = 0;
  std::string f0 = {}, f1 = {}, f2 = {}, f3 = {}, f4 = {}, f5 = {}, f6 = {}, f7 = {}, f8 = {}, f9 = {};

  static constexpr auto fields() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return std::tuple{((void)I, field("a", &Sixty::a0, ""))...};
    }
    (std::make_index_sequence<listed>{});
  }
};
static_assert(all_fields_listed<Sixty<60>>);
static_assert(!all_fields_listed<Sixty<59>> && !all_fields_listed<Sixty<40>> &&
              !all_fields_listed<Sixty<61>>);

template <class T>
concept NeedsNothing = requires {
  T{};
};
static_assert(NeedsNothing<Slow> && NeedsNothing<Inner>);
static_assert(!NeedsNothing<Fast> && !NeedsNothing<Required<int>> && !std::is_default_constructible_v<Fast>,
              "a required option cannot be left out of the braces");
static_assert(!std::is_constructible_v<Required<int>, double> &&
              !std::is_constructible_v<Required<int>, bool>);

Machine machine() {
  return {.units = 64,
          .dropout = 0.1f,
          .seed = 18'446'744'073'709'551'615u,
          .name = "名 \"x\"",
          .lamp = Colour::blue,
          .tags = {"a", "b c"},
          .weights = {0.1f, 1},
          .flags = {true, false},
          .palette = {Colour::red},
          .class_weights = {{"neg", 0.5f}, {"pos", 2}},
          .limit = 2.5f,
          .spare = Inner{.depth = 9},
          .inner = {.depth = 1, .note = "x"},
          .engine = Fast{.gear = 2, .turbo = true},
          .core = Inner{.depth = 2},
          .more = {Slow{}, Fast{.gear = 1}}};
}

Json minimal() {
  return Json::parse(R"({"units": 8, "lamp": "red", "core": {}})");
}

void expect_refused(const char* changes, const std::string& message) {
  Json json = minimal();
  json.update(Json::parse(changes));
  expect_error(
      ErrorKind::option, [&] { from_json<Machine>(json); }, "option: machine" + message);
}

TEST(Fields, ComeBackFromJson) {
  EXPECT_EQ(from_json<Machine>(to_json(machine())), machine());
  EXPECT_EQ(from_json<Machine>(parse_json(dump_json(to_json(machine())), {.name = "x"})), machine());
}

TEST(Fields, AreWrittenInOrderWithFewDigits) {
  EXPECT_EQ(dump_json(to_json(Slow{})), R"({"type":"slow","rate":0.1})");
  EXPECT_EQ(dump_json(to_json(Inner{})), R"({"depth":3,"note":"none yet"})");
  EXPECT_EQ(to_json(machine())["engine"].dump(), R"({"type":"fast","gear":2,"turbo":true})");
  EXPECT_EQ(to_json(machine())["class_weights"].dump(), R"({"neg":0.5,"pos":2.0})");
  EXPECT_TRUE(to_json(machine())["comment"].is_null());
}

TEST(Fields, LeftOutKeepTheirDefaults) {
  const Machine read = from_json<Machine>(minimal());
  EXPECT_EQ(read, (Machine{.units = 8, .lamp = Colour::red, .core = Inner{}}));
  EXPECT_EQ(read.sizes, (std::vector<int>{1, 2}));
}

TEST(Fields, UnknownOnesAreRefusedWithTheNearestName) {
  expect_refused(R"({"drop_out": 0.5})", ".drop_out is not known; did you mean 'dropout'?");
  expect_refused(R"({"inner": {"dept": 1}})", ".inner.dept is not known; did you mean 'depth'?");
  expect_refused(R"({"inner": {"zzz": 1}})", ".inner.zzz is not known; the options are depth and note");
  expect_refused(R"({"inner": {"type": "x"}})", ".inner.type is not known");
}

TEST(Fields, RequiredOnesMustBeThere) {
  expect_error(
      ErrorKind::option, [] { from_json<Fast>(Json::object()); }, "option: fast.gear is missing (from 1)");
  expect_refused(R"({"engine": {"type": "fast"}})", ".engine.gear is missing (from 1)");
  expect_refused(R"({"more": [{"type": "slow"}, {"type": "fast"}]})", ".more[1].gear is missing");
  expect_refused(R"({"units": null})", ".units must be a whole number, got null");
}

TEST(Fields, OfAnotherTypeAreRefused) {
  expect_refused(R"({"units": "64"})", ".units must be a whole number, got '64'");
  expect_refused(R"({"units": 64.5})", ".units must be a whole number, got 64.5");
  expect_refused(R"({"units": 1e300})", ".units must be a whole number, got 1e+300");
  expect_refused(R"({"units": true})", ".units must be a whole number, got true");
  expect_refused(R"({"dropout": "high"})", ".dropout must be a number, got 'high'");
  expect_refused(R"({"bidirectional": 1})", ".bidirectional must be true or false, got 1");
  expect_refused(R"({"name": 7})", ".name must be text, got 7");
  expect_refused(R"({"folder": []})", ".folder must be text, got []");
  expect_refused(R"({"sizes": 7})", ".sizes must be a list, got 7");
  expect_refused(R"({"sizes": [1, "x"]})", ".sizes[1] must be a whole number, got 'x'");
  expect_refused(R"({"class_weights": [1]})", ".class_weights must be an object, got [1]");
  expect_refused(R"({"inner": 3})", ".inner must be an object, got 3");
  expect_error(
      ErrorKind::option, [] { from_json<Inner>(Json(3)); }, "option: must be an object");
}

TEST(Fields, WholeNumbersMayBeWrittenWithAPoint) {
  Json json = minimal();
  json["units"] = 64.0;
  EXPECT_EQ(from_json<Machine>(json).units, 64);
  Machine m = machine();
  for (const auto& [text, units] : {std::pair("12.0", 12), std::pair("1e3", 1000)}) {
    set(m, "units", text);
    EXPECT_EQ(m.units, units) << text;
  }
}

TEST(Fields, OutOfBoundsAreRefused) {
  expect_refused(R"({"dropout": 1.5})", ".dropout must be between 0 and 1, got 1.5");
  expect_refused(R"({"units": 0})", ".units must be between 1 and 1048576, got 0");
  expect_refused(R"({"units": 99999999999})", ".units must be between 1 and 1048576, got 99999999999");
  expect_refused(R"({"sizes": [1, 101]})", ".sizes[1] must be between 1 and 100, got 101");
  expect_refused(R"({"weights": [-0.5]})", ".weights[0] must be between 0 and 1, got -0.5");
  expect_refused(R"({"class_weights": {"pos": -1}})",
                 ".class_weights.pos must be between 0 and 1000, got -1");
  expect_refused(R"({"limit": 6})", ".limit must be between 0 and 5, got 6");
  expect_refused(R"({"seed": -1})", ".seed must be between 0 and 18446744073709551615, got -1");
  expect_refused(R"({"steps": 18446744073709551615})", ".steps must be between -1 and 1000000000000, got");
}

TEST(Fields, ChoicesAreRefusedWithTheNearestName) {
  expect_refused(R"({"colour": "gren"})",
                 ".colour must be red, green or blue, got 'gren'; did you mean 'green'?");
  expect_refused(R"({"colour": 1})", ".colour must be red, green or blue, got 1");
  expect_refused(R"({"engine": {"type": "slwo"}})",
                 ".engine.type must be slow or fast, got 'slwo'; did you mean 'slow'?");
  expect_refused(R"({"engine": {"rate": 1}})", ".engine needs a \"type\": slow or fast");
  expect_refused(R"({"type": "robot"})", ".type must be machine, got 'robot'");
}

TEST(Fields, FaultsHaveTheKindAndThePlaceTheCallerNames) {
  expect_error(
      ErrorKind::format,
      [] {
        from_json<Slow>(Json{{"rate", 2}}, {"m.rondo: layers[1]", ErrorKind::format});
      },
      "format: m.rondo: layers[1].rate must be between 0 and 1, got 2");
}

TEST(Fields, UpdateChangesOnlyWhatIsNamed) {
  Machine changed = machine();
  update(
      changed,
      Json::parse(R"({"dropout": 0.5, "inner": {"depth": 7}, "engine": {"type": "fast", "turbo": false}})"));
  Machine wanted = machine();
  wanted.dropout = 0.5f;
  wanted.inner.depth = 7;
  wanted.engine = Fast{.gear = 2, .turbo = false};
  EXPECT_EQ(changed, wanted);
  update(changed, Json::parse(R"({"engine": "slow", "spare": null})"));
  EXPECT_EQ(changed.engine, Engine(Slow{}));
  EXPECT_FALSE(changed.spare);
}

TEST(Fields, UpdateThatFailsChangesNothing) {
  Machine changed = machine();
  EXPECT_THROW(update(changed, Json::parse(R"({"dropout": 0.5, "units": 0})")), Error);
  EXPECT_EQ(changed, machine());
  expect_error(
      ErrorKind::option, [&] { update(changed, Json::parse(R"({"engine": "slow", "dropout": 2})")); },
      "dropout");
  EXPECT_EQ(changed, machine());
}

TEST(Fields, AreSetFromTheTextOfACommandLine) {
  Machine m = machine();
  const auto give = [&](std::string_view name, std::string_view text) { set(m, name, text); };
  give("units", "7");
  give("dropout", "0.25");
  give("scale", "-1e3");
  give("bidirectional", "yes");
  give("steps", "-1");
  give("seed", "18446744073709551615");
  give("name", "");
  give("folder", "a, b");
  give("colour", "blue");
  give("sizes", "3,4,5");
  give("tags", "");
  give("palette", "red,blue");
  give("class_weights", "a=1,b=c=2.5");
  give("limit", "none");
  give("comment", "x,y");
  give("inner.depth", "10");
  give("core.note", "deep");
  give("engine.gear", "6");
  EXPECT_EQ(m.units, 7);
  EXPECT_EQ(m.dropout, 0.25f);
  EXPECT_EQ(m.scale, -1000);
  EXPECT_TRUE(m.bidirectional);
  EXPECT_EQ(m.name, "");
  EXPECT_EQ(m.folder, "a, b");
  EXPECT_EQ(m.colour, Colour::blue);
  EXPECT_EQ(m.sizes, (std::vector<int>{3, 4, 5}));
  EXPECT_TRUE(m.tags.empty());
  EXPECT_EQ(m.palette, (std::vector<Colour>{Colour::red, Colour::blue}));
  EXPECT_EQ(m.class_weights, (std::map<std::string, float>{{"a", 1}, {"b=c", 2.5f}}));
  EXPECT_FALSE(m.limit);
  EXPECT_EQ(m.comment, "x,y");
  EXPECT_EQ(m.inner.depth, 10);
  EXPECT_EQ(m.core.value().note, "deep");
  EXPECT_EQ(m.engine, Engine(Fast{.gear = 6, .turbo = true}));
  give("engine", "slow");
  EXPECT_EQ(m.engine, Engine(Slow{}));
  give("engine", R"({"type": "fast", "gear": 3})");
  EXPECT_EQ(m.engine, Engine(Fast{.gear = 3}));
  give("more", R"([{"type": "slow", "rate": 0.5}])");
  EXPECT_EQ(m.more, std::vector<Engine>{Slow{.rate = 0.5f}});
}

TEST(Fields, SetRefusesWhatJsonWould) {
  Machine m = machine();
  const auto refused = [&](std::string_view name, std::string_view text, const std::string& message) {
    expect_error(
        ErrorKind::option, [&] { set(m, name, text); }, "option: machine." + message);
    EXPECT_EQ(m, machine());
  };
  refused("unit", "3", "unit is not known; did you mean 'units'?");
  refused("units", "many", "units must be a whole number, got 'many'");
  refused("units", "3 ", "units must be a whole number, got '3 '");
  refused("units", "3.5", "units must be a whole number, got '3.5'");
  refused("units", "1e400", "units must be a whole number, got '1e400'");
  refused("units", "", "units must be a whole number, got ''");
  refused("units", "99999999999999999999", "units must be a whole number");
  refused("units", "0", "units must be between 1 and 1048576, got 0");
  refused("dropout", "nan", "dropout must be a finite number");
  refused("dropout", "1.5", "dropout must be between 0 and 1, got 1.5");
  refused("scale", "inf", "scale must be a finite number");
  refused("weights", "1e60", "weights[0] must be between 0 and 1");
  refused("bidirectional", "maybe", "bidirectional must be true or false, got 'maybe'");
  refused("class_weights", "a", "class_weights must be name=value,name=value,..., got 'a'");
  refused("class_weights", "a=1,a=2", "class_weights has 'a' twice");
  refused("class_weights", "a=x", "class_weights.a must be a number, got 'x'");
  refused("units.more", "3", "units.more is not known; there are no options here");
  refused("engine.rate", "1", "engine.rate is not known; the options are gear and turbo");
  refused("engine", "steam", "engine must be slow or fast, got 'steam'");
  refused("inner", "x", "inner line 1 column 1");
  refused("name.x", "\xff", "name.x is not known");
  refused("colour", "\xff", "colour must be red, green or blue");
}

TEST(Fields, TooLargeForAFloatAreRefused) {
  Machine m = machine();
  struct Wide {
    float value = 0;
    static constexpr auto fields() { return std::tuple{field("value", &Wide::value, "")}; }
  } wide;
  expect_error(
      ErrorKind::option, [&] { set(wide, "value", "1e60"); }, "value must be between -3.40282346",
      "got 1e+60");
}

TEST(Fields, CheckFindsWhatBracesLetPass) {
  check(machine());
  Machine m = machine();
  m.dropout = -0.5f;
  expect_error(
      ErrorKind::option, [&] { check(m); }, "option: machine.dropout must be between 0 and 1, got -0.5");
  m = machine();
  m.scale = std::numeric_limits<double>::infinity();
  expect_error(
      ErrorKind::option, [&] { check(m); }, "machine.scale must be a finite number, got inf");
  m = machine();
  m.colour = static_cast<Colour>(9);
  EXPECT_THROW(check(m), Bug);
}

TEST(Fields, TableListsThemForHelp) {
  const std::vector<OptionInfo> table = field_table<Machine>();
  ASSERT_EQ(table.size(), 23u);
  const auto row = [&](std::string_view name) {
    for (const OptionInfo& info : table)
      if (info.name == name) return info;
    throw std::runtime_error("no such row");
  };
  EXPECT_TRUE(row("units").required);
  EXPECT_EQ(row("units").default_text, "");
  EXPECT_EQ(row("units").type_in_words(), "whole number");
  EXPECT_EQ(row("units").high, 1 << 20);
  EXPECT_EQ(row("units").help, "size of the hidden state");
  EXPECT_FALSE(row("dropout").required);
  EXPECT_EQ(row("dropout").default_text, "0");
  EXPECT_EQ(row("bidirectional").default_text, "false");
  EXPECT_EQ(row("folder").type_in_words(), "path");
  EXPECT_EQ(row("colour").default_text, "green");
  EXPECT_EQ(row("colour").choices, (std::vector<std::string>{"red", "green", "blue"}));
  EXPECT_EQ(row("sizes").type_in_words(), "list of whole number");
  EXPECT_EQ(row("sizes").default_text, "1,2");
  EXPECT_EQ(row("class_weights").type_in_words(), "map of number");
  EXPECT_TRUE(row("limit").optional);
  EXPECT_EQ(row("limit").default_text, "none");
  EXPECT_EQ(row("inner").members.at(0).at(0).name, "depth");
  EXPECT_EQ(row("inner").default_text, R"({"depth":3,"note":"none yet"})");
  EXPECT_EQ(row("engine").default_text, "slow");
  EXPECT_EQ(row("engine").choices, (std::vector<std::string>{"slow", "fast"}));
  EXPECT_EQ(row("engine").members.at(1).at(0).name, "gear");
}

TEST(Fields, DefaultsInTheTableCanBeSet) {
  Machine m = machine();
  for (const OptionInfo& info : field_table<Machine>())
    if (!info.required) set(m, info.name, info.default_text);
  EXPECT_EQ(m, (Machine{.units = 64, .lamp = Colour::blue, .core = Inner{.depth = 2}}));
}

}  // namespace
}  // namespace rondo
