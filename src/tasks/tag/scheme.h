/// Tags of a scheme and the phrases that they stand for.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tasks/tagged_text.h>

namespace rondo::tag {

/// A tag cut at its first hyphen. `place` is one of B I E S O whatever letters the scheme has (M is I, L is
/// E, U and W are S); '\0' where the part before the hyphen is none of them.
struct TagParts {
  char place = '\0';
  std::string_view type = {};  ///< empty: none, as in "B"
  bool half = false;           ///< "B-", "-PER": one side of the hyphen is missing
};
TagParts parts_of(std::string_view tag) noexcept;

/// Tokens begin ... end - 1.
struct Phrase {
  std::size_t begin = 0, end = 0;
  std::string_view type = {};  ///< a view of the tags
  bool operator==(const Phrase&) const = default;
};

/// lenient: as conlleval reads phrases, however the scheme is broken: one goes on as long as neither its type
/// changes nor a tag begins or ends one. strict: only phrases that the scheme has whole (seqeval's strict
/// mode).
enum class PhraseRule { lenient, strict };

/// The phrases in order; with no scheme each token is one, its tag the type.
std::vector<Phrase> phrases_of(const Strings& tags, TagScheme scheme, PhraseRule rule = PhraseRule::lenient);

/// Phrases by conlleval.pl's own rules, which know no scheme and take E and S for something else than bioes
/// does.
std::vector<Phrase> conlleval_phrases_of(const Strings& tags);

/// Tags of `size` tokens; phrases must be in order and not overlap.
Strings tags_of(const std::vector<Phrase>& phrases, std::size_t size, TagScheme scheme);

/// The same phrases in tags of another scheme.
Strings converted(const Strings& tags, TagScheme from, TagScheme to);

/// Whether the scheme allows `next` after `previous`; an empty tag stands for the start before the first and
/// the end after the last.
bool may_follow(std::string_view previous, std::string_view next, TagScheme scheme) noexcept;

/// [tokens · tags]: 1 where a tag may stand, so that words begin at forced borders and none begins at
/// forbidden ones. Empty where all borders are open, or where the tags cannot make words of any length. For
/// iob2, bioes and bmes, whose phrases cover every token.
std::vector<std::uint8_t> tags_within_borders(const std::vector<Border>& borders,
                                              std::span<const std::string> tags);

}  // namespace rondo::tag
