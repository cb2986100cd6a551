#include "base/safetensors.h"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include <rondo/error.h>

#include "base/bytes.h"
#include "base/files.h"
#include "base/random.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace rondo::safetensors {
namespace {

using namespace std::string_view_literals;
using test::expect_error;
using test::TemporaryFolder;

const std::vector<float> floats = {1.5f, -2, 3e-8f, 0, -0.0f, 6};
const std::vector<double> doubles = {0.1, -1e300};
const std::vector<std::int32_t> ints = {1, -2, std::numeric_limits<std::int32_t>::max()};
const std::vector<std::int64_t> longs = {std::numeric_limits<std::int64_t>::min()};
const std::vector<std::uint8_t> bytes = {0, 255, 7};

std::vector<Item> some_items() {
  return {item("encoder.weight", {2, 3}, std::span(floats)),
          item("bytes", {3}, std::span(bytes)),
          item("a.long", {}, std::span(longs)),
          item("ids", {3, 1}, std::span(ints)),
          item("doubles", {2}, std::span(doubles)),
          item("empty", {0, 7}, std::span<const float>())};
}
const Metadata some_metadata = {{"format", "1"}, {"z \"quoted\"", "文"}, {"a", ""}};

template <class T>
std::vector<T> values_of(const Reader& reader, std::string_view name) {
  const Entry* entry = reader.find(name);
  if (entry == nullptr) throw std::runtime_error("no such tensor");
  std::vector<T> values(entry->elements);
  reader.read(*entry, std::span(values));
  return values;
}

/// A file of any header and that many bytes of data.
std::string with_header(std::string_view header, std::size_t data = 0) {
  std::string file(8, '\0');
  store_little_endian<std::uint64_t>(header.size(), file.data());
  return file + std::string(header) + std::string(data, '\0');
}

std::string one_tensor(const std::string& entry) {
  return "{\"x\":" + entry + "}";
}

void expect_refused(const std::string& file, const std::string& message) {
  expect_error(
      ErrorKind::format, [&] { Reader::from_memory(file, "m.rondo"); }, "format: m.rondo: ", message);
}

void expect_entry_refused(const std::string& entry, std::size_t data, const std::string& message) {
  expect_refused(with_header(one_tensor(entry), data), message);
}

/// Reads all that can be read, as whatever type it is.
void read_everything(const Reader& reader) {
  for (const Entry& entry : reader.entries()) {
    std::vector<double> values(entry.elements);
    std::vector<std::int64_t> whole(entry.elements);
    try {
      reader.read(entry, std::span(values));
    } catch (const Error&) {
    }
    try {
      reader.read(entry, std::span(whole));
    } catch (const Error&) {
    }
  }
}

TEST(Safetensors, WhatIsWrittenComesBack) {
  const TemporaryFolder folder;
  write(folder / "m.rondo", some_metadata, some_items());
  for (const Reader& reader :
       {Reader(folder / "m.rondo"), Reader::from_memory(to_bytes(some_metadata, some_items()), "m")}) {
    EXPECT_EQ(reader.metadata(), some_metadata);
    EXPECT_EQ(reader.entries().size(), 6u);
    EXPECT_EQ(values_of<float>(reader, "encoder.weight"), floats);
    EXPECT_EQ(values_of<double>(reader, "doubles"), doubles);
    EXPECT_EQ(values_of<std::int32_t>(reader, "ids"), ints);
    EXPECT_EQ(values_of<std::int64_t>(reader, "a.long"), longs);
    EXPECT_EQ(values_of<std::uint8_t>(reader, "bytes"), bytes);
    EXPECT_TRUE(values_of<float>(reader, "empty").empty());
    EXPECT_EQ(reader.find("encoder.weight")->shape, (Shape{2, 3}));
    EXPECT_EQ(reader.find("encoder.weight")->type_name, "F32");
    EXPECT_EQ(reader.find("a.long")->shape, Shape{});
    EXPECT_EQ(reader.find("empty")->shape, (Shape{0, 7}));
    EXPECT_EQ(reader.find("encoder"), nullptr);
  }
}

TEST(Safetensors, LayoutIsExactlyThis) {
  const std::string file =
      to_bytes({{"k", "v"}},
               {item("b", {1}, std::span(bytes).first(1)), item("y", {1}, std::span(floats).first(1)),
                item("x", {1}, std::span(floats).first(1)), item("d", {1}, std::span(doubles).first(1))});
  const std::string header =
      R"({"__metadata__":{"k":"v"},"d":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},)"
      R"("x":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"y":{"dtype":"F32","shape":[1],"data_offsets":[12,16]},)"
      R"("b":{"dtype":"U8","shape":[1],"data_offsets":[16,17]}})";
  const std::uint64_t length = load_little_endian<std::uint64_t>(file.data());
  EXPECT_EQ(length % 8, 0u);
  EXPECT_LT(length - header.size(), 8u);
  EXPECT_EQ(file.substr(8, length), header + std::string(length - header.size(), ' '));
  EXPECT_EQ(file.size(), 8 + length + 17);
}

TEST(Safetensors, BytesDoNotDependOnTheOrderOfItems) {
  std::vector<Item> items = some_items();
  const std::string file = to_bytes(some_metadata, items);
  for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
    shuffle(std::span(items), 1, epoch);
    EXPECT_EQ(to_bytes(some_metadata, items), file);
  }
}

TEST(Safetensors, NothingAtAllCanBeWrittenAndRead) {
  EXPECT_EQ(to_bytes({}, {}), with_header("{}      "));
  EXPECT_TRUE(Reader::from_memory(with_header("{}"), "m").entries().empty());
}

TEST(Safetensors, WriterFindsItsCallersFaults) {
  EXPECT_THROW(to_bytes({}, {item("x", {2, 3}, std::span(floats)), item("x", {2}, std::span(doubles))}), Bug);
  EXPECT_THROW(to_bytes({}, {item("__metadata__", {2, 3}, std::span(floats))}), Bug);
  EXPECT_THROW(to_bytes({}, {item("x", {2, 2}, std::span(floats))}), Bug);
  EXPECT_THROW(to_bytes({}, {item("x", {-2, -3}, std::span(floats))}), Bug);
  EXPECT_THROW(to_bytes({}, {item("\xff", {2, 3}, std::span(floats))}), Bug);
}

TEST(Safetensors, WidensHalvesAndFloatsWithoutLoss) {
  const std::string header =
      R"({"h":{"dtype":"F16","shape":[6],"data_offsets":[0,12]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[12,16]}})";
  std::string data;
  for (const std::uint16_t half : {0x3c00, 0xc000, 0x0001, 0x7c00, 0x8000, 0x7bff, 0x3fc0, 0xff80}) {
    data += static_cast<char>(half & 0xff);
    data += static_cast<char>(half >> 8);
  }
  const Reader reader = Reader::from_memory(with_header(header) + data, "m");
  constexpr float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(values_of<float>(reader, "h"), (std::vector<float>{1, -2, 0x1p-24f, infinity, -0.0f, 65504}));
  EXPECT_TRUE(std::signbit(values_of<float>(reader, "h")[4]));
  EXPECT_EQ(values_of<double>(reader, "h"), (std::vector<double>{1, -2, 0x1p-24, infinity, 0, 65504}));
  EXPECT_EQ(values_of<float>(reader, "b"), (std::vector<float>{1.5f, -infinity}));

  std::vector<float> many(10'001);
  std::iota(many.begin(), many.end(), -5'000.0f);
  const Reader floats_reader = Reader::from_memory(
      to_bytes({}, {item("x", {10'001}, std::span<const float>(many)), item("i", {3}, std::span(ints))}),
      "m");
  EXPECT_EQ(values_of<double>(floats_reader, "x"), std::vector<double>(many.begin(), many.end()));
  EXPECT_EQ(values_of<std::int64_t>(floats_reader, "i"), std::vector<std::int64_t>(ints.begin(), ints.end()));
}

TEST(Safetensors, EveryHalfIsWidenedAsIeeeSays) {
  std::string data;
  for (int half = 0; half < 0x10000; ++half) {
    data += static_cast<char>(half & 0xff);
    data += static_cast<char>(half >> 8);
  }
  const Reader reader = Reader::from_memory(
      with_header(R"({"h":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}})") + data, "m");
  const std::vector<float> values = values_of<float>(reader, "h");
  for (int half = 0; half < 0x10000; ++half) {
    const int exponent = half >> 10 & 31, fraction = half & 1023;
    const double size = exponent == 0 ? std::ldexp(fraction, -24)
                        : exponent == 31
                            ? (fraction == 0 ? std::numeric_limits<double>::infinity() : std::nan(""))
                            : std::ldexp(1024 + fraction, exponent - 25);
    const float value = values[static_cast<std::size_t>(half)];
    if (std::isnan(size)) {
      ASSERT_TRUE(std::isnan(value));
    } else {
      ASSERT_EQ(value, (half & 0x8000) != 0 ? -size : size) << half;
    }
  }
}

TEST(Safetensors, OtherTypesAreRefusedByNameOnlyWhenRead) {
  const Reader reader = Reader::from_memory(
      with_header(
          R"({"q":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[0,3]},"f4":{"dtype":"F4","shape":[2],"data_offsets":[3,4]},)"
          R"("i":{"dtype":"I32","shape":[1],"data_offsets":[4,8]},"d":{"dtype":"F64","shape":[],"data_offsets":[8,16]}})",
          16),
      "m.rondo");
  expect_error(
      ErrorKind::format, [&] { values_of<float>(reader, "q"); },
      "m.rondo: tensor 'q' holds F8_E4M3, wanted F32");
  expect_error(
      ErrorKind::format, [&] { values_of<double>(reader, "i"); }, "tensor 'i' holds I32, wanted F64");
  expect_error(
      ErrorKind::format, [&] { values_of<float>(reader, "d"); }, "tensor 'd' holds F64, wanted F32");
  expect_error(
      ErrorKind::format, [&] { values_of<std::int32_t>(reader, "d"); }, "wanted I32");
  expect_error(
      ErrorKind::format, [&] { values_of<std::int64_t>(reader, "d"); }, "wanted I64");
  expect_error(
      ErrorKind::format, [&] { values_of<std::uint8_t>(reader, "q"); }, "wanted U8");
  expect_error(
      ErrorKind::format, [&] { values_of<std::int8_t>(reader, "q"); }, "wanted I8");
  std::vector<std::int32_t> two(2);
  EXPECT_THROW(reader.read(*reader.find("i"), std::span(two)), Bug);
}

TEST(Safetensors, FilesThatAreNoneAreRefused) {
  const TemporaryFolder folder;
  expect_refused("", "has only 0 bytes");
  expect_refused("1234567", "has only 7 bytes");
  expect_refused(std::string(8, '\0'), "the header is not JSON");
  expect_refused("a text file, not a model", "is not a rondo model file");
  expect_refused(with_header("{}").substr(0, 9), "does not fit");
  std::string huge = with_header("{}");
  store_little_endian<std::uint64_t>(100'000'001, huge.data());
  expect_refused(huge, "is not a rondo model file");
  store_little_endian<std::uint64_t>(std::numeric_limits<std::uint64_t>::max(), huge.data());
  expect_refused(huge, "is not a rondo model file");
  expect_error(
      ErrorKind::io, [&] { Reader{folder.path()}; }, "is a folder");
  expect_error(
      ErrorKind::io, [&] { Reader{folder / "none"}; }, "no such file");
  expect_error(
      ErrorKind::io, [&] { Reader{"/dev/null"}; }, "not a plain file");
}

TEST(Safetensors, HeadersThatAreNotStrictJsonAreRefused) {
  expect_refused(with_header(" {}"), "not JSON");
  expect_refused(with_header("[]"), "not JSON");
  expect_refused(with_header("{} x"), "header line 1 column 4");
  expect_refused(with_header("{\"x\":1}"), "tensor 'x': must have dtype, shape and data_offsets");
  expect_refused(
      with_header(
          R"({"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})"),
      "the key 'x' appears twice");
  expect_refused(with_header("{\"x\":[[[[[[[[1]]]]]]]]}"), "within each other");
  expect_refused(with_header("{\"\xff\":1}"), "UTF-8");
  expect_refused(with_header("{}\0\0"sv), "NUL");
  expect_refused(with_header(R"({"__metadata__":{"a":1}})"), "__metadata__ 'a' must be text");
  expect_refused(with_header(R"({"__metadata__":[]})"), "__metadata__ must be an object");
}

TEST(Safetensors, EntriesThatDoNotFitAreRefused) {
  EXPECT_NO_THROW(Reader::from_memory(
      with_header(one_tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})"), 8), "m"));
  expect_entry_refused(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1})", 8, "and nothing else");
  expect_entry_refused(R"({"dtype":"F32","shape":[2]})", 8, "must have");
  expect_entry_refused(R"({"dtype":"F33","shape":[2],"data_offsets":[0,8]})", 8,
                       "tensor 'x': unknown dtype 'F33'");
  expect_entry_refused(R"({"dtype":4,"shape":[2],"data_offsets":[0,8]})", 8, "dtype must be text");
  expect_entry_refused(R"({"dtype":"F32","shape":2,"data_offsets":[0,8]})", 8, "shape a list");
  expect_entry_refused(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8,8]})", 8, "a list of two");
  expect_entry_refused(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})", 8, "must be whole numbers");
  expect_entry_refused(R"({"dtype":"F32","shape":[2.0],"data_offsets":[0,8]})", 8, "must be whole numbers");
  expect_entry_refused(R"({"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]})", 8,
                       "must be whole numbers");
  expect_entry_refused(R"({"dtype":"F32","shape":[2],"data_offsets":[0,"8"]})", 8,
                       "data_offsets must be whole numbers");
  expect_entry_refused(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})", 8,
                       "F32 [3] takes 12 bytes, but data_offsets are 0 and 8");
  expect_entry_refused(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})", 8, "takes 8 bytes");
  expect_entry_refused(R"({"dtype":"F4","shape":[3],"data_offsets":[0,2]})", 2, "whole bytes");
}

TEST(Safetensors, ShapesThatOverflowAreRefused) {
  for (const char* shape :
       {"4294967296,4294967296", "4611686018427387904,4", "4611686018427387904,2,2,0", "9223372036854775807"})
    expect_entry_refused("{\"dtype\":\"F32\",\"shape\":[" + std::string(shape) + "],\"data_offsets\":[0,0]}",
                         0, "the shape is too large");
  // The product of elements and bits is 2^64, too, and must not become 0.
  expect_entry_refused(R"({"dtype":"F64","shape":[288230376151711744],"data_offsets":[0,0]})", 0,
                       "the shape is too large");
}

TEST(Safetensors, HolesOverlapsAndOtherLengthsAreRefused) {
  const auto two = [](const std::string& a, const std::string& b) {
    return R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + a +
           R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + b + "}}";
  };
  EXPECT_NO_THROW(Reader::from_memory(with_header(two("[4,8]", "[0,4]"), 8), "m"));
  expect_refused(with_header(two("[0,4]", "[5,9]"), 9),
                 "tensor 'b' begins at byte 5, after a hole that ends at 4");
  expect_refused(with_header(two("[0,4]", "[3,7]"), 7),
                 "tensor 'b' begins at byte 3, inside the one before it");
  expect_refused(with_header(two("[0,4]", "[0,4]"), 4), "inside the one before it");
  expect_refused(with_header(two("[1,5]", "[5,9]"), 9), "tensor 'a' begins at byte 1");
  expect_refused(with_header(two("[0,4]", "[4,8]"), 7),
                 "the tensors take 8 bytes, but 7 follow the header; the file is cut short");
  expect_refused(with_header(two("[0,4]", "[4,8]"), 9), "the file is too long");
  // A tensor larger than any memory is refused without being allocated.
  expect_entry_refused(R"({"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]})", 16,
                       "cut short");
}

TEST(Safetensors, FilesCutShortAnywhereAreRefused) {
  const std::string file = to_bytes(some_metadata, some_items());
  for (std::size_t size = 0; size < file.size(); ++size)
    EXPECT_THROW(Reader::from_memory(file.substr(0, size), "m"), Error) << size;
}

TEST(Safetensors, FileCutShortWhileOpenIsAnErrorNotACrash) {
  const TemporaryFolder folder;
  write(folder / "m", {}, {item("x", {2, 3}, std::span(floats))});
  const Reader reader(folder / "m");
  std::filesystem::resize_file(folder / "m", 80);
  expect_error(
      ErrorKind::io, [&] { values_of<float>(reader, "x"); }, "cut short since it was opened");
}

TEST(Safetensors, DamagedFilesGiveAnErrorOrValuesNeverACrash) {
  const std::string file = to_bytes(some_metadata, some_items());
  const auto header_end = static_cast<std::size_t>(8 + load_little_endian<std::uint64_t>(file.data()));
  Random random(2024);
  int accepted = 0, refused = 0;
  for (int trial = 0; trial < 20'000; ++trial) {
    std::string damaged = file;
    for (std::uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
      const std::size_t at = random.below(random.below(2) == 0 ? header_end : damaged.size());
      const std::string_view digits = "0123456789,:[]{}\"-e. FUI";
      switch (random.below(4)) {
        case 0:
          damaged[at] = static_cast<char>(random.bits32());
          break;
        case 1:
          damaged[at] = digits[random.below(digits.size())];
          break;
        case 2:
          damaged.erase(at, random.below(20));
          break;
        default:
          damaged.insert(at, damaged, random.below(damaged.size()), random.below(20));
      }
    }
    try {
      read_everything(Reader::from_memory(damaged, "m"));
      ++accepted;
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(accepted, 300) << "changes to values are no damage a reader can see";
  EXPECT_GT(refused, 10'000);
}

/// A file with checksums: an array of two blocks and a bit, and some small ones.
std::string with_checksums() {
  static const std::vector<float> large = [] {
    std::vector<float> numbers(2 * Checksums::usual_block / sizeof(float) + 5);
    std::iota(numbers.begin(), numbers.end(), 0.0f);
    return numbers;
  }();
  std::vector<Item> items = some_items();
  items.push_back(item("large", {static_cast<std::int64_t>(large.size())}, std::span(large)));
  return to_bytes(some_metadata, items, Sums::crc64);
}

TEST(SafetensorsChecksums, ChangeNothingThatIsRead) {
  const Reader reader = Reader::from_memory(with_checksums(), "m");
  EXPECT_TRUE(reader.has_checksums());
  EXPECT_EQ(reader.metadata(), some_metadata) << "they are no metadata of the caller's";
  EXPECT_EQ(values_of<float>(reader, "encoder.weight"), floats);
  EXPECT_EQ(values_of<double>(reader, "doubles"), doubles);
  EXPECT_EQ(values_of<std::int64_t>(reader, "ids").back(), ints.back());
  EXPECT_EQ(values_of<float>(reader, "large").back(), 2.0f * Checksums::usual_block / sizeof(float) + 4);
  EXPECT_FALSE(Reader::from_memory(to_bytes(some_metadata, some_items()), "m").has_checksums());
}

TEST(SafetensorsChecksums, AFlippedBitIsRefusedWhereItIsRead) {
  const std::string whole = with_checksums();
  const Entry large = *Reader::from_memory(whole, "m").find("large");
  const std::size_t data = 8 + load_little_endian<std::uint64_t>(whole.data());
  std::string changed = whole;
  changed[data + large.begin + Checksums::usual_block + 17] ^= 4;  // in the second block
  const Reader reader = Reader::from_memory(changed, "m.rondo");
  EXPECT_EQ(values_of<float>(reader, "encoder.weight"), floats) << "other arrays are whole";
  std::vector<float> block(Checksums::usual_block / sizeof(float));
  reader.read_block(large, 0, std::span(block));
  EXPECT_EQ(block[7], 7);
  const auto refused = [&](const auto& call) {
    expect_error(ErrorKind::format, call, "m.rondo: tensor 'large' is damaged: block 2 of 3",
                 "differs from its checksum");
  };
  refused([&] { reader.read_block(large, 1, std::span(block)); });
  refused([&] { values_of<float>(reader, "large"); });
  refused([&] { values_of<double>(reader, "large"); });
}

TEST(SafetensorsChecksums, EveryBitOfArraysAndTextsCounts) {
  const std::string whole = to_bytes(some_metadata, some_items(), Sums::crc64);
  const std::size_t data = 8 + load_little_endian<std::uint64_t>(whole.data());
  for (std::size_t bit = 8 * data; bit < 8 * whole.size(); ++bit) {
    std::string changed = whole;
    changed[bit / 8] ^= static_cast<char>(1 << bit % 8);
    const Reader reader = Reader::from_memory(changed, "m");
    bool noticed = false;
    try {
      for (const char* const name : {"encoder.weight", "doubles"})
        values_of<double>(reader, name);
      for (const char* const name : {"a.long", "ids"})
        values_of<std::int64_t>(reader, name);
      values_of<std::uint8_t>(reader, "bytes");
    } catch (const Error&) {
      noticed = true;
    }
    EXPECT_TRUE(noticed) << "bit " << bit;
  }
  std::string changed = whole;
  changed[changed.find("文")] = 'x';  // one of three bytes: no UTF-8 any more
  expect_error(ErrorKind::format, [&] { Reader::from_memory(changed, "m"); });
  changed = whole;
  changed.replace(changed.find(R"("format":"1")"), 12, R"("format":"2")");
  expect_error(
      ErrorKind::format, [&] { Reader::from_memory(changed, "m"); }, "the header is damaged: 'format'");
}

TEST(SafetensorsChecksums, MustFitWhatIsThere) {
  const auto refused = [](std::string_view what, std::string_view by, const std::string& message) {
    std::string changed = to_bytes({{"a", "b"}}, {item("x", {2, 3}, std::span(floats))}, Sums::crc64);
    const std::size_t place = changed.find(what);
    ASSERT_NE(place, std::string::npos) << what;
    changed.replace(place, what.size(), by);
    expect_error(
        ErrorKind::format, [&] { Reader::from_memory(changed, "m"); }, message);
  };
  refused(R"(arrays\":{\"x\")", R"(arrays\":{\"y\")", "tensor 'x' has not one checksum for each block");
  refused(R"("x":{"dtype")", R"("y":{"dtype")", "tensor 'y' has not one checksum for each block");
  refused(R"(texts\":{\"a\")", R"(texts\":{\"b\")", "the header is damaged: 'a'");
  refused(R"("a":"b")", R"("c":"b")", "the header is damaged: 'c'");
  refused("crc-64", "crc-65", "not known here");
}

// Twenty lines that write the format as its documentation says.
constexpr const char* python_writer = R"(
import json, struct, sys
tensors = {"encoder.weight": ("F32", [2, 3], struct.pack("<6f", 1.5, -2, 3e-8, 0, -0.0, 6)),
           "bytes": ("U8", [3], bytes([0, 255, 7])),
           "a.long": ("I64", [], struct.pack("<q", -2**63)),
           "ids": ("I32", [3, 1], struct.pack("<3i", 1, -2, 2**31 - 1)),
           "doubles": ("F64", [2], struct.pack("<2d", 0.1, -1e300)),
           "empty": ("F32", [0, 7], b"")}
size = {"F32": 4, "U8": 1, "I64": 8, "I32": 4, "F64": 8}
header, data = {"__metadata__": {"a": "", "format": "1", "z \"quoted\"": "\u6587"}}, b""
for name, (dtype, shape, values) in sorted(tensors.items(), key=lambda item: (-size[item[1][0]], item[0])):
    header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
    data += values
text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
text += b" " * (-len(text) % 8)
open(sys.argv[1], "wb").write(struct.pack("<Q", len(text)) + text + data)
)";

TEST(Safetensors, BytesAreThoseOfAnIndependentWriter) {
  if (std::system("python3 -c 'import struct, json' > /dev/null 2>&1") != 0)
    GTEST_SKIP() << "there is no python3";
  const TemporaryFolder folder;
  write_file_atomically(folder / "writer.py", python_writer);
  const std::string command =
      "python3 '" + (folder / "writer.py").string() + "' '" + (folder / "python").string() + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const std::string theirs = read_file(folder / "python");
  EXPECT_EQ(theirs, to_bytes(some_metadata, some_items()));
  EXPECT_EQ(values_of<float>(Reader(folder / "python"), "encoder.weight"), floats);
}

}  // namespace
}  // namespace rondo::safetensors
