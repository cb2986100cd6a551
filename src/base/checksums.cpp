#include "base/checksums.h"

#include <bit>
#include <charconv>

#include <lzma.h>

#include "base/json.h"
#include "base/message.h"

namespace rondo {
namespace {

constexpr const char* algorithm = "crc-64/xz";
constexpr std::size_t digits = 16;

std::string hexadecimal_of(const std::vector<std::uint64_t>& sums) {
  constexpr std::string_view digit = "0123456789abcdef";
  std::string text;
  text.reserve(digits * sums.size());
  for (const std::uint64_t sum : sums)
    for (int shift = 60; shift >= 0; shift -= 4)
      text += digit[sum >> shift & 15];
  return text;
}

std::vector<std::uint64_t> sums_in(const Json& json, const std::string& name) {
  const auto refuse = [&] {
    fail(ErrorKind::format, name + ": a checksum wants " + std::to_string(digits) + " hexadecimal digits");
  };
  if (!json.is_string()) refuse();
  const auto& text = json.get_ref<const std::string&>();
  if (text.size() % digits != 0) refuse();
  std::vector<std::uint64_t> sums(text.size() / digits);
  const char* from = text.data();
  for (std::uint64_t& sum : sums) {
    const auto [end, error] = std::from_chars(from, from + digits, sum, 16);
    if (error != std::errc{} || end != from + digits) refuse();
    from = end;
  }
  return sums;
}

}  // namespace

std::uint64_t crc64(std::string_view bytes) noexcept {
  return lzma_crc64(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), 0);
}

void Checksums::add_array(const std::string& name, std::string_view bytes) {
  std::vector<std::uint64_t>& sums = arrays_[name];
  for (std::size_t at = 0; at < bytes.size(); at += block_)
    sums.push_back(crc64(bytes.substr(at, block_)));
}

void Checksums::add_text(const std::string& name, std::string_view text) {
  texts_[name] = crc64(text);
}

std::string Checksums::to_text() const {
  Json json = {
      {"algorithm", algorithm}, {"block", block_}, {"arrays", Json::object()}, {"texts", Json::object()}};
  for (const auto& [name, sums] : arrays_)
    append_member(json["arrays"], name, hexadecimal_of(sums));
  for (const auto& [name, sum] : texts_)
    append_member(json["texts"], name, hexadecimal_of({sum}));
  return dump_json(json);
}

Checksums Checksums::from_text(std::string_view text, const std::string& name) {
  const Json json = parse_json(text, {.name = name, .depth_cap = 4});
  const auto has = [&](const char* key) { return json.is_object() && json.contains(key); };
  if (!has("algorithm") || !has("block") || !has("arrays") || !has("texts") || !json["arrays"].is_object() ||
      !json["texts"].is_object())
    fail(ErrorKind::format, name + ": want an algorithm, the size of a block, arrays and texts");
  const Json& block = json["block"];
  const bool known = block.is_number_unsigned() && block >= least_block && block <= largest_block &&
                     std::has_single_bit(block.get<std::size_t>());
  if (json["algorithm"] != algorithm || !known)
    fail(ErrorKind::format, name + ": " + dump_json(json["algorithm"]) + " in blocks of " + dump_json(block) +
                                " bytes is not known here, only " + algorithm + " in powers of two from " +
                                std::to_string(least_block) + " to " + std::to_string(largest_block));
  Checksums sums(block.get<std::size_t>());
  for (const auto& member : json["arrays"].items())
    sums.arrays_.emplace(member.key(), sums_in(member.value(), name));
  for (const auto& member : json["texts"].items()) {
    const std::vector<std::uint64_t> one = sums_in(member.value(), name);
    if (one.size() != 1) fail(ErrorKind::format, name + ": a text has one checksum");
    sums.texts_.emplace(member.key(), one.front());
  }
  return sums;
}

const std::vector<std::uint64_t>* Checksums::array(std::string_view name) const {
  const auto found = arrays_.find(name);
  return found == arrays_.end() ? nullptr : &found->second;
}

const std::uint64_t* Checksums::text(std::string_view name) const {
  const auto found = texts_.find(name);
  return found == texts_.end() ? nullptr : &found->second;
}

}  // namespace rondo
