// Sounds from bytes: codings, broken headers, channels, rates, and pieces of any size.
#include <algorithm>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/error.h>
#include <rondo/sound.h>

#include "support/sounds.h"
#include "support/temporary_folder.h"

namespace rondo::testing_support {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<std::int16_t> whole_tone = tone(1600);
const std::string plain = wav({}, s16(whole_tone));

std::vector<float> plain_samples() {
  std::vector<float> samples;
  for (const std::int16_t x : whole_tone)
    samples.push_back(static_cast<float>(x) / 32768);
  return samples;
}

std::string guid(int coding) {
  return number_bytes(static_cast<std::uint64_t>(coding), 2) +
         std::string("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71", 14);
}
std::string extension(int valid, const std::string& id) {
  return number_bytes(22, 2) + number_bytes(static_cast<std::uint64_t>(valid), 2) + number_bytes(4, 4) + id;
}

std::string float_bytes(const std::vector<float>& samples) {
  std::string bytes;
  for (const float x : samples) {
    std::uint32_t bits;
    std::memcpy(&bits, &x, 4);
    bytes += number_bytes(bits, 4);
  }
  return bytes;
}

std::string wide_bytes() {
  std::string bytes;
  for (const std::int16_t x : whole_tone)
    bytes += number_bytes(0, 2) + number_bytes(static_cast<std::uint16_t>(x), 2);
  return bytes;
}

std::string fault_of(std::string_view bytes, SoundOptions options = {}) {
  try {
    decoded(bytes, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(SoundRead, EqualSoundsInOtherForms) {
  const std::string odd = chunk("note", "seven b");
  for (const std::string& bytes :
       {plain, wav({.coding = 0xFFFE, .extra = extension(16, guid(1))}, s16(whole_tone)),
        wav({.coding = 0xFFFE, .bits = 32, .extra = extension(24, guid(1))}, wide_bytes()),
        wav({.coding = 0xFFFE, .bits = 32, .extra = extension(32, guid(3))}, float_bytes(plain_samples())),
        wav({.big = true}, s16(whole_tone, true)), wav({.extra = number_bytes(0, 2)}, s16(whole_tone)),
        wav({}, s16(whole_tone), odd), wav({}, s16(whole_tone), {}, chunk("LIST", "INFOsomething") + odd),
        wav({.channels = 2}, [] {
          std::vector<std::int16_t> both;
          for (const std::int16_t x : whole_tone)
            both.insert(both.end(), 2, x);
          return s16(both);
        }())}) {
    const Sound sound = decoded(bytes);
    EXPECT_EQ(sound.rate, 16'000);
    EXPECT_EQ(sound.samples, plain_samples());
  }
}

TEST(SoundRead, PiecesOfAnySize) {
  for (const std::size_t piece : {1, 3, 7, 43, 45, 1000, 3199})
    EXPECT_EQ(decoded(plain, {}, piece).samples, plain_samples()) << piece;
}

TEST(SoundRead, WholeNumbersOfAllSizes) {
  EXPECT_THAT(decoded(wav({.bits = 8}, std::string("\x80\x00\xff\xc0\x40", 5))).samples,
              ElementsAre(0, -1, 0.9921875F, 0.5F, -0.5F));
  const std::string wide = number_bytes(0x400000, 3) + number_bytes(0xC00000, 3) + number_bytes(0x7FFFFF, 3) +
                           number_bytes(0x800000, 3) + number_bytes(1, 3);
  EXPECT_THAT(decoded(wav({.bits = 24}, wide)).samples, ElementsAre(0.5F, -0.5F, 0.99999988F, -1, 0x1p-23F));
}

TEST(SoundRead, FloatsStayAsTheyAre) {
  std::vector<std::string> notices;
  EXPECT_THAT(
      decoded(wav({.coding = 3, .bits = 32}, float_bytes({0.25F, 1.5F, -2, 3.25F, -0.25F})), {}, 0, &notices)
          .samples,
      ElementsAre(0.25F, 1.5F, -2, 3.25F, -0.25F));
  EXPECT_THAT(notices, ElementsAre(HasSubstr("peak 3.25")));
  EXPECT_THAT(fault_of(wav({.coding = 3, .bits = 32}, float_bytes({0.1F, 0.2F, std::nanf(""), 0}))),
              HasSubstr("sample 2 (0.1 ms) is not a number"));
}

TEST(SoundRead, LengthsThatAreNotTrue) {
  std::string zero = plain, unknown = plain, large = plain;
  zero.replace(40, 4, number_bytes(0, 4));
  unknown.replace(40, 4, number_bytes(0xFFFFFFFF, 4));
  large.replace(40, 4, number_bytes(1'000'000, 4));
  for (const auto& [bytes, said] : {std::pair(zero, "says that it is empty"),
                                    {unknown, "does not say how long"},
                                    {large, "promises 500 000 samples, it has 1 600"}})
    for (const std::size_t piece : {0, 5}) {
      std::vector<std::string> notices;
      EXPECT_EQ(decoded(bytes, {}, piece, &notices).samples, plain_samples());
      EXPECT_THAT(notices, ElementsAre(HasSubstr(said)));
    }
  std::vector<std::string> notices;
  EXPECT_EQ(decoded(plain.substr(0, plain.size() - 1), {}, 0, &notices).samples.size(), 1599);
  EXPECT_THAT(notices, testing::Contains(HasSubstr("1 byte at the end makes no whole sample")));
}

TEST(SoundRead, ChunkThatIsNotFilledUp) {
  const std::string bytes =
      riff(WavForm{}.chunk_of() + "note" + number_bytes(7, 4) + "seven b" + chunk("data", s16(whole_tone)));
  EXPECT_EQ(decoded(bytes).samples, plain_samples());
}

TEST(SoundRead, Channels) {
  std::vector<std::int16_t> left, against;
  for (const std::int16_t x : whole_tone) {
    left.insert(left.end(), {x, std::int16_t{0}});
    against.insert(against.end(), {x, static_cast<std::int16_t>(-x)});
  }
  const std::string one_side = wav({.channels = 2}, s16(left)),
                    cancelling = wav({.channels = 2}, s16(against));
  const std::vector<float> whole = plain_samples();
  EXPECT_EQ(decoded(one_side).samples[4], whole[4] / 2);
  EXPECT_EQ(decoded(one_side, {.channel = SoundChannel::left}).samples, whole);
  EXPECT_EQ(decoded(one_side, {.channel = SoundChannel::right}).samples, std::vector<float>(1600, 0.0F));
  for (const std::size_t piece : {0, 7}) {
    std::vector<std::string> notices;
    EXPECT_EQ(decoded(cancelling, {}, piece, &notices).samples, whole);
    EXPECT_THAT(notices, ElementsAre(HasSubstr("cancel")));
  }
  EXPECT_THAT(fault_of(plain, {.channel = SoundChannel::right}), HasSubstr("one channel"));
}

TEST(SoundRead, RawPCM) {
  const std::string little = s16(whole_tone), big = s16(whole_tone, true);
  for (const std::size_t piece : {0, 1, 3, 7, 3199})
    EXPECT_EQ(decoded(little, {.rate = 16'000}, piece).samples, plain_samples()) << piece;
  EXPECT_EQ(decoded(big, {.format = SoundFormat::s16be, .rate = 16'000}).samples, plain_samples());
  std::vector<std::string> notices;
  decoded(big, {.rate = 16'000}, 0, &notices);
  EXPECT_THAT(notices, ElementsAre(HasSubstr("other byte order; try --format s16be")));
  decoded(little, {.rate = 16'000}, 0, &notices);
  EXPECT_THAT(notices, IsEmpty());
  decoded(plain, {.format = SoundFormat::s16le, .rate = 16'000}, 0, &notices);
  EXPECT_THAT(notices, testing::Contains(HasSubstr("begins with the header")));
  EXPECT_THAT(fault_of(little), HasSubstr("needs its rate"));
  EXPECT_THAT(fault_of(little, {.format = SoundFormat::s16le}), HasSubstr("--rate"));
  EXPECT_EQ(decoded(little.substr(1), {.rate = 16'000}, 0, &notices).samples.size(), 1599);
}

TEST(SoundRead, ClippedAndSilent) {
  std::vector<std::string> notices;
  decoded(wav({}, s16(std::vector<std::int16_t>(1000, 0))), {}, 0, &notices);
  EXPECT_THAT(notices, ElementsAre(HasSubstr("silent")));
  std::vector<std::int16_t> loud(1000, 32767);
  std::fill_n(loud.begin(), 375, std::int16_t{100});
  decoded(wav({}, s16(loud)), {}, 0, &notices);
  EXPECT_THAT(notices, ElementsAre(HasSubstr("62.5 %")));
}

TEST(SoundRead, NoSounds) {
  EXPECT_THAT(fault_of(""), HasSubstr("empty (0 bytes)"));
  EXPECT_THAT(fault_of(wav({}, "")), HasSubstr("no samples"));
  EXPECT_THAT(fault_of("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
              HasSubstr("Git LFS pointer"));
  EXPECT_THAT(fault_of("<!DOCTYPE html>\n<html></html>"), HasSubstr("web page"));
  EXPECT_THAT(fault_of("what is this, and why is it longer than sixty-four bytes altogether?"),
              HasSubstr("begin like none"));
  EXPECT_THAT(fault_of(wav({.rate = 1}, s16(whole_tone))), HasSubstr("1 Hz"));
  EXPECT_THAT(fault_of(wav({.rate = 0}, s16(whole_tone))), HasSubstr("0 Hz"));
  EXPECT_THAT(fault_of(wav({.channels = 0}, s16(whole_tone))), HasSubstr("0 channels"));
  EXPECT_THAT(fault_of(wav({.coding = 0x11, .bits = 4}, "abcd")), HasSubstr("IMA ADPCM"));
  EXPECT_THAT(fault_of(wav({.coding = 0x1234}, s16(whole_tone))), HasSubstr("0x1234"));
  EXPECT_THAT(fault_of(wav({.coding = 0xFFFE}, s16(whole_tone))), HasSubstr("without the extension"));
  EXPECT_THAT(
      fault_of(wav({.coding = 0xFFFE, .extra = extension(16, std::string(16, '\x11'))}, s16(whole_tone))),
      HasSubstr("GUID"));
  EXPECT_THAT(fault_of(riff(WavForm{}.chunk_of())), HasSubstr("no 'data' chunk"));
  EXPECT_THAT(fault_of(riff(chunk("data", s16(whole_tone)))), HasSubstr("comes before the 'fmt '"));
  EXPECT_THAT(fault_of(riff("fmt " + number_bytes(4, 4) + "abcd")), HasSubstr("4 bytes"));
  EXPECT_THAT(fault_of(plain.substr(0, 30)), HasSubstr("broken or cut off"));
}

TEST(SoundRead, OtherRates) {
  if (!sound_library_available()) GTEST_SKIP() << "built without libsoxr";
  const std::string slow = wav({.rate = 8000}, s16(tone(800, 1000, 8000)));
  const Sound sound = decoded(slow, {}, 0, nullptr, 16'000);
  EXPECT_EQ(sound.rate, 16'000);
  EXPECT_EQ(sound.samples.size(), 1600);
  const std::vector<float> whole = plain_samples();
  for (std::size_t i = 200; i < 1400; ++i)  // no delay; the tone's ends ring
    EXPECT_NEAR(sound.samples[i], whole[i], 2e-3) << i;
  for (const std::size_t piece : {1, 13, 500})
    EXPECT_EQ(decoded(slow, {}, piece, nullptr, 16'000).samples, sound.samples);
  EXPECT_EQ(
      decoded(wav({.rate = 44'100}, s16(tone(4410, 1000, 44'100))), {}, 0, nullptr, 16'000).samples.size(),
      1600);
  const Sound high = decoded(wav({.rate = 48'000}, s16(tone(4800, 12'000, 48'000))), {}, 0, nullptr, 16'000);
  for (std::size_t i = 300; i < 1300; ++i)  // 12 kHz do not come back as 4
    EXPECT_LT(std::abs(high.samples[i]), 5e-4) << i;
}

TEST(SoundRead, CodedByTheLibrary) {
  if (!sound_library_available()) GTEST_SKIP() << "built without libsndfile";
  // 8-bit mu-law: 0xFF is 0, 0x80 the largest.
  const Sound sound = decoded(wav({.coding = 7, .bits = 8}, std::string("\xff\x80\x00\xff", 4)));
  EXPECT_EQ(sound.samples.size(), 4);
  EXPECT_NEAR(sound.samples[1], 0.98, 0.01);
  EXPECT_NEAR(sound.samples[2], -0.98, 0.01);
  EXPECT_THAT(fault_of("fLaC" + std::string(100, 'x')), HasSubstr("cannot be decoded"));
  EXPECT_THAT(fault_of("OggS" + std::string(100, '\0')), HasSubstr("cannot be decoded"));
}

TEST(SoundRead, FileAndItsName) {
  const test::TemporaryFolder folder;
  write_bytes(folder / "a.wav", plain);
  EXPECT_EQ(read_sound(folder / "a.wav").samples, plain_samples());
  EXPECT_THROW(read_sound(folder / "b.wav"), Error);
}

}  // namespace
}  // namespace rondo::testing_support
