#include "tasks/tag/scheme.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/message.h"

namespace rondo::tag {
namespace {

char place_of(std::string_view letter) noexcept {
  if (letter.size() != 1) return '\0';
  switch (letter[0]) {
    case 'B':
    case 'I':
    case 'E':
    case 'S':
    case 'O':
      return letter[0];
    case 'M':
      return 'I';
    case 'L':
      return 'E';
    case 'U':
    case 'W':
      return 'S';
    default:
      return '\0';
  }
}

bool is_outside(const TagParts& tag) noexcept {
  return tag.place == 'O' || tag.place == '\0';
}

/// Whether the phrase that holds `before` goes on with `tag`.
bool goes_on(const TagParts& before, const TagParts& tag) noexcept {
  return !is_outside(before) && !is_outside(tag) && before.type == tag.type && before.place != 'E' &&
         before.place != 'S' && tag.place != 'B' && tag.place != 'S';
}

/// Phrases where begins(previous, tag) and ends(tag, next) say so.
template <class Begins, class Ends>
std::vector<Phrase> cut_at(const Strings& tags, Begins&& begins, Ends&& ends) {
  std::vector<Phrase> phrases;
  const TagParts outside{.place = 'O'};
  TagParts previous = outside;
  bool open = false;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const TagParts tag = parts_of(tags[i]);
    if (open && ends(previous, tag)) {
      phrases.back().end = i;
      open = false;
    }
    if (begins(previous, tag)) {
      phrases.push_back({i, tags.size(), tag.type});
      open = true;
    }
    previous = tag;
  }
  if (open && ends(previous, outside)) phrases.back().end = tags.size();
  return phrases;
}

std::vector<Phrase> each_token(const Strings& tags) {
  std::vector<Phrase> phrases;
  for (std::size_t i = 0; i < tags.size(); ++i)
    phrases.push_back({i, i + 1, tags[i]});
  return phrases;
}

/// Whether the tags of a phrase are those that the scheme has for it, and the scheme lets it begin there.
bool is_whole(const Strings& tags, const Phrase& phrase, TagScheme scheme) {
  const auto place = [&](std::size_t i) { return parts_of(tags[i]).place; };
  const std::size_t last = phrase.end - 1;
  if (scheme == TagScheme::iob1) {
    const bool after_its_like = phrase.begin > 0 && place(phrase.begin - 1) != 'O' &&
                                parts_of(tags[phrase.begin - 1]).type == phrase.type;
    if (place(phrase.begin) != (after_its_like ? 'B' : 'I')) return false;
  } else if (scheme == TagScheme::iob2) {
    if (place(phrase.begin) != 'B') return false;
  } else if (phrase.begin == last) {
    return place(last) == 'S';
  } else if (place(phrase.begin) != 'B' || place(last) != 'E') {
    return false;
  }
  const std::size_t inner_end = scheme == TagScheme::iob1 || scheme == TagScheme::iob2 ? phrase.end : last;
  for (std::size_t i = phrase.begin + 1; i < inner_end; ++i)
    if (place(i) != 'I') return false;
  return true;
}

std::string_view letter_of(std::size_t i, const Phrase& phrase, bool after_its_like, TagScheme scheme) {
  const bool first = i == phrase.begin, last = i + 1 == phrase.end;
  switch (scheme) {
    case TagScheme::iob1:
      return first && after_its_like ? "B" : "I";
    case TagScheme::iob2:
      return first ? "B" : "I";
    default:
      break;
  }
  if (first) return last ? "S" : "B";
  if (last) return "E";
  return scheme == TagScheme::bmes ? "M" : "I";
}

}  // namespace

TagParts parts_of(std::string_view tag) noexcept {
  const std::size_t hyphen = tag.find('-');
  const char place = place_of(tag.substr(0, hyphen));
  if (hyphen == tag.npos) return {place, {}, false};
  const std::string_view type = tag.substr(hyphen + 1);
  const bool half = hyphen == 0 || (type.empty() && place != '\0');
  return {place == 'O' && !type.empty() ? '\0' : place, type, half};
}

std::vector<Phrase> phrases_of(const Strings& tags, TagScheme scheme, PhraseRule rule) {
  if (scheme == TagScheme::none) return each_token(tags);
  std::vector<Phrase> phrases = cut_at(
      tags,
      [](const TagParts& before, const TagParts& tag) { return !is_outside(tag) && !goes_on(before, tag); },
      [](const TagParts& before, const TagParts& tag) { return !goes_on(before, tag); });
  if (rule == PhraseRule::strict)
    std::erase_if(phrases, [&](const Phrase& phrase) { return !is_whole(tags, phrase, scheme); });
  return phrases;
}

std::vector<Phrase> conlleval_phrases_of(const Strings& tags) {
  // The part before the hyphen, as it stands.
  struct Raw {
    std::string_view place, type;
    explicit Raw(std::string_view tag) : place(tag.substr(0, tag.find('-'))) {
      if (place.size() < tag.size()) type = tag.substr(place.size() + 1);
    }
    bool is(char letter) const { return place.size() == 1 && place[0] == letter; }
    bool counts() const { return !is('O') && !is('.'); }
  };
  const auto any = [](const Raw& raw, std::string_view letters) {
    return raw.place.size() == 1 && letters.find(raw.place[0]) != letters.npos;
  };
  std::vector<Phrase> phrases;
  Raw before("O");
  bool open = false;
  for (std::size_t i = 0; i <= tags.size(); ++i) {
    const Raw tag(i < tags.size() ? tags[i] : "O");
    const bool other_type = before.type != tag.type;
    const bool ends = (any(before, "BI") && any(tag, "BO")) || (before.is('E') && any(tag, "EIO")) ||
                      (before.counts() && other_type) || any(before, "[]");
    const bool begins = (any(before, "BIO") && tag.is('B')) || (any(before, "EO") && any(tag, "EI")) ||
                        (tag.counts() && other_type) || any(tag, "[]");
    if (open && ends) phrases.back().end = i;
    if (ends) open = false;
    if (begins && i < tags.size()) {
      phrases.push_back({i, tags.size(), tag.type});
      open = true;
    }
    before = tag;
  }
  return phrases;
}

Strings tags_of(const std::vector<Phrase>& phrases, std::size_t size, TagScheme scheme) {
  Strings tags;
  std::string tag;
  for (std::size_t k = 0; k < phrases.size(); ++k) {
    const Phrase& phrase = phrases[k];
    const std::size_t before = k == 0 ? 0 : phrases[k - 1].end;
    if (phrase.begin < before || phrase.end <= phrase.begin || phrase.end > size)
      throw Bug("phrases must be in order, not empty and not overlap");
    while (tags.size() < phrase.begin)
      tags.push_back("O");
    const bool after_its_like = k > 0 && before == phrase.begin && phrases[k - 1].type == phrase.type;
    for (std::size_t i = phrase.begin; i < phrase.end; ++i) {
      tag.clear();
      if (scheme != TagScheme::none) {
        tag = letter_of(i, phrase, after_its_like, scheme);
        if (!phrase.type.empty()) tag += '-';
      }
      tags.push_back(tag.append(phrase.type));
    }
  }
  while (tags.size() < size)
    tags.push_back("O");
  return tags;
}

Strings converted(const Strings& tags, TagScheme from, TagScheme to) {
  return tags_of(phrases_of(tags, from), tags.size(), to);
}

bool may_follow(std::string_view previous, std::string_view next, TagScheme scheme) noexcept {
  if (scheme == TagScheme::none) return true;
  const TagParts outside{.place = 'O'};
  const TagParts a = previous.empty() ? outside : parts_of(previous);
  const TagParts b = next.empty() ? outside : parts_of(next);
  const bool same = !is_outside(a) && !is_outside(b) && a.type == b.type;
  switch (scheme) {
    case TagScheme::iob1:
      return b.place != 'B' || same;
    case TagScheme::iob2:
      return b.place != 'I' || same;
    default: {
      const bool open = a.place == 'B' || a.place == 'I';
      const bool inner = b.place == 'I' || b.place == 'E';
      return open == inner && (!open || same);
    }
  }
}

namespace {

/// Whether some type has all that words of any length need, so that words can be laid anywhere.
bool can_hold_any_word(std::span<const std::string> tags) {
  std::map<std::string_view, std::set<char>> places;
  bool tells_ends = false;
  for (const std::string& tag : tags) {
    const TagParts parts = parts_of(tag);
    places[parts.type].insert(parts.place);
    tells_ends = tells_ends || parts.place == 'E' || parts.place == 'S';
  }
  return std::any_of(places.begin(), places.end(), [&](const auto& of_type) {
    const std::set<char>& have = of_type.second;
    return have.contains('B') && have.contains('I') &&
           (!tells_ends || (have.contains('E') && have.contains('S')));
  });
}

}  // namespace

std::vector<std::uint8_t> tags_within_borders(const std::vector<Border>& borders,
                                              std::span<const std::string> tags) {
  const bool open = std::all_of(borders.begin(), borders.end(), [](Border b) { return b == Border::open; });
  if (open || !can_hold_any_word(tags)) return {};
  // In IOB a word's last tag does not say that it is the last.
  const bool tells_ends = std::any_of(tags.begin(), tags.end(), [](const std::string& tag) {
    return parts_of(tag).place == 'E' || parts_of(tag).place == 'S';
  });
  const std::size_t count = tags.size();
  std::vector<std::uint8_t> allowed(borders.size() * count, 1);
  for (std::size_t k = 0; k < count; ++k) {
    const char place = parts_of(tags[k]).place;
    const bool begins = place == 'B' || place == 'S', ends = place == 'E' || place == 'S';
    for (std::size_t i = 0; i < borders.size(); ++i) {
      const Border before = borders[i];
      const Border after = tells_ends && i + 1 < borders.size() ? borders[i + 1] : Border::open;
      if ((before == Border::forced && !begins) || (before == Border::forbidden && begins) ||
          (after == Border::forced && !ends) || (after == Border::forbidden && ends))
        allowed[i * count + k] = 0;
    }
  }
  return allowed;
}

}  // namespace rondo::tag
