// What tag schemes allow.
#include <set>
#include <string_view>
#include <utility>

#include <rondo/crf.h>

#include "base/message.h"

namespace rondo {
namespace {

/// What a tag says of its step.
enum class Part { outside, begins, goes_on, ends, single };

struct Tag {
  Part part = Part::outside;
  std::string_view type;
};

bool has_ends(TagScheme scheme) {
  return scheme == TagScheme::bioes || scheme == TagScheme::bmes;
}

std::string_view tags_of(TagScheme scheme) {
  return scheme == TagScheme::bmes    ? "O, B, M, E, S, or B-TYPE and so on"
         : scheme == TagScheme::bioes ? "O, B, I, E, S, or B-TYPE and so on"
                                      : "O, B, I, or B-TYPE and so on";
}

Tag tag_of(TagScheme scheme, const std::string& name) {
  if (name == "O") return {};
  const std::size_t hyphen = name.find('-');
  const std::string_view place = std::string_view(name).substr(0, hyphen);
  const std::string_view type = hyphen == std::string::npos ? "" : std::string_view(name).substr(hyphen + 1);
  const char letter = place.size() == 1 && (hyphen == std::string::npos || !type.empty()) ? place[0] : ' ';
  if (letter == 'B') return {Part::begins, type};
  if (letter == 'I' || (letter == 'M' && scheme == TagScheme::bmes)) return {Part::goes_on, type};
  if (has_ends(scheme)) {
    if (letter == 'E' || letter == 'L') return {Part::ends, type};
    if (letter == 'S' || letter == 'U' || letter == 'W') return {Part::single, type};
  }
  fail(ErrorKind::data, "tag " + quote(name) + " is none of the scheme " + std::string(name_of(scheme)) +
                            " (" + std::string(tags_of(scheme)) + ")");
}

bool open(const Tag& tag) {
  return tag.part == Part::begins || tag.part == Part::goes_on;
}

/// Before the first step and after the last one all is outside.
bool may_follow(TagScheme scheme, const Tag& before, const Tag& tag) {
  const bool continues = tag.part == Part::goes_on || tag.part == Part::ends;
  const bool same = open(before) && before.type == tag.type;
  switch (scheme) {
    case TagScheme::none:
      return true;
    case TagScheme::iob1:
      return tag.part != Part::begins || same;
    case TagScheme::iob2:
      return !continues || same;
    case TagScheme::bioes:
    case TagScheme::bmes:
      return open(before) ? continues && same : !continues;
  }
  throw Bug("a tag scheme that does not exist");
}

using Flags = std::vector<std::uint8_t>;

/// The tags that may stand at a step, from those that may at the one before.
Flags step(const TagRules& rules, const Flags& here) {
  Flags next(here.size(), 0);
  for (std::size_t j = 0; j < here.size(); ++j)
    for (std::size_t k = 0; here[j] != 0 && k < here.size(); ++k)
      next[k] |= rules.transitions[j * here.size() + k];
  return next;
}

/// Whether sequences of every length have tags.
bool leave_some(const TagRules& rules) {
  std::set<Flags> seen;
  for (Flags here = rules.start; seen.insert(here).second; here = step(rules, here)) {
    bool some = false;
    for (std::size_t k = 0; k < here.size(); ++k)
      some |= here[k] != 0 && rules.end[k] != 0;
    if (!some) return false;
  }
  return true;
}

}  // namespace

TagRules tag_rules(TagScheme scheme, std::span<const std::string> tags) {
  if (scheme == TagScheme::none || tags.empty()) return {};
  std::vector<Tag> known;
  for (const std::string& name : tags)
    known.push_back(tag_of(scheme, name));
  TagRules rules;
  for (const Tag& tag : known) {
    rules.start.push_back(may_follow(scheme, {}, tag) ? 1 : 0);
    rules.end.push_back(may_follow(scheme, tag, {}) ? 1 : 0);
    for (const Tag& next : known)
      rules.transitions.push_back(may_follow(scheme, tag, next) ? 1 : 0);
  }
  for (Flags* const least_missed : {&rules.end, &rules.start, &rules.transitions}) {
    if (leave_some(rules)) break;
    std::fill(least_missed->begin(), least_missed->end(), std::uint8_t{1});
  }
  return rules;
}

}  // namespace rondo
