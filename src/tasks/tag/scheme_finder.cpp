#include "tasks/tag/scheme_finder.h"

#include "base/message.h"
#include "base/shown.h"

namespace rondo::tag {
namespace {

/// Those whose rules differ: bmes has the rules of bioes.
constexpr std::array<TagScheme, 3> checked = {TagScheme::iob1, TagScheme::iob2, TagScheme::bioes};

TagScheme rules_of(TagScheme scheme) {
  return scheme == TagScheme::bmes ? TagScheme::bioes : scheme;
}

std::string in_words(std::string_view before, std::string_view tag) {
  if (before.empty()) return quote(tag) + " at the start";
  return (tag.empty() ? "the end" : quote(tag)) + " after " + quote(before);
}

}  // namespace

TagScheme scheme_of(SchemeChoice choice) noexcept {
  return static_cast<TagScheme>(static_cast<int>(choice) - 1);
}

void SchemeFinder::add(const Strings& tags, const std::function<std::string(std::size_t)>& place_of) {
  std::string_view before;
  for (std::size_t i = 0; i <= tags.size(); ++i) {
    const std::string_view tag = i < tags.size() ? tags[i] : std::string_view();
    const std::size_t at = i < tags.size() ? i : i - 1;
    for (const TagScheme scheme : checked)
      if (tags.size() > 0 && !may_follow(before, tag, scheme))
        breaks_[static_cast<std::size_t>(scheme)].add(
            [&] { return place_of(at) + ": " + in_words(before, tag); });
    before = tag;
    if (i == tags.size()) break;
    const TagParts parts = parts_of(tag);
    count(tag, parts);
    if (parts.half)
      half_.add([&] { return place_of(i) + ": tag " + quote(tag); });
    else if (parts.place == '\0')
      strange_.add([&] { return place_of(i) + ": tag " + quote(tag); });
  }
}

void SchemeFinder::count(std::string_view tag, const TagParts& parts) {
  ++tags_;
  if (parts.half || parts.place == '\0') return;
  counts_.outside += parts.place == 'O';
  counts_.begin += parts.place == 'B';
  (tag[0] == 'M' ? counts_.middle : counts_.inside) += parts.place == 'I';
  counts_.end += parts.place == 'E';
  counts_.single += parts.place == 'S';
  counts_.bare += parts.type.empty() && parts.place != 'O';
  counts_.typed += !parts.type.empty();
}

TagScheme SchemeFinder::found() const noexcept {
  const Counts& c = counts_;
  const std::int64_t in_phrases = c.begin + c.inside + c.middle + c.end + c.single;
  // A slip or two do not make parts of speech of them; halves of tags are slips where nothing else is
  // strange.
  if (strange_.count * 100 > in_phrases) return TagScheme::none;
  if (in_phrases == 0) return half_.count > 0 ? TagScheme::iob2 : TagScheme::none;
  if (c.middle > 0) return TagScheme::bmes;
  if (c.end > 0 || c.single > 0)
    return c.inside == 0 && c.bare == in_phrases ? TagScheme::bmes : TagScheme::bioes;
  const auto breaks = [&](TagScheme scheme) { return breaks_[static_cast<std::size_t>(scheme)].count; };
  return breaks(TagScheme::iob1) < breaks(TagScheme::iob2) ? TagScheme::iob1 : TagScheme::iob2;
}

TagScheme SchemeFinder::settle(SchemeChoice choice, std::vector<std::string>& notices) const {
  const TagScheme scheme = choice == SchemeChoice::automatic ? found() : scheme_of(choice);
  if (scheme == TagScheme::none) return scheme;
  const std::string name(name_of(scheme)), cure = "; --scheme none takes tags as they stand";
  if (half_.count > 0)
    fail(ErrorKind::data,
         half_.first + " is half of one; the scheme is " + name + ", so wanted B-TYPE or O" + cure);
  if (strange_.count > 0)
    fail(ErrorKind::data, strange_.first + " has no place in the scheme " + name + cure);
  const Tally& breaks = breaks_[static_cast<std::size_t>(rules_of(scheme))];
  if (breaks.count > 0)
    notices.push_back(grouped(breaks.count) + " of " + grouped(tags_) + " tags break the scheme " + name +
                      " (the first: " + breaks.first + "); they are read as conlleval reads them");
  return scheme;
}

}  // namespace rondo::tag
