/// A tagger as a filter: text or columns in, the same with tags out, at constant memory.
#pragma once
#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/tasks/tagged_text.h>
#include <rondo/tasks/task.h>

namespace rondo::tag {

/// Tags of each token of each sentence; what a model does. Sentences have features where the model reads
/// some, and borders where some are known (tags_within_borders()).
using TagSentences = std::function<std::vector<Strings>(std::span<const TaggedSentence>)>;

/// What may come in.
enum class TagInput { automatic, text, conll, conllu, segmented, slash };
constexpr std::array<std::string_view, 6> names_of(TagInput) {
  return {"auto", "text", "conll", "conllu", "segmented", "slash"};
}

/// Words that a user wants whole, and runs of letters and digits.
struct WholeWords {
  std::filesystem::path words = {};
  bool words_inside_runs = false;
  bool split_runs = false;

  static constexpr auto fields() {
    using O = WholeWords;
    return std::tuple{
        field("words", &O::words,
              "words that are always kept whole, one a line; where several fit, the leftmost, of these the "
              "longest"),
        field("words_inside_runs", &O::words_inside_runs,
              "find them also within runs of Latin letters and digits, which are whole otherwise"),
        field("split_runs", &O::split_runs, "let the model cut within runs of Latin letters and digits")};
  }
};
static_assert(all_fields_listed<WholeWords>);

/// Of `rondo segment`.
struct SegmentOptions {
  TagFormat format = TagFormat::automatic;
  WholeWords whole = {};

  static constexpr auto fields() {
    using O = SegmentOptions;
    return std::tuple{field("format", &O::format,
                            "form of what is printed; auto: segmented, or slash where words have tags"),
                      group(&O::whole, "Words")};
  }
};
static_assert(all_fields_listed<SegmentOptions>);

/// Of `rondo tag`.
struct TagOptions {
  TagInput input = TagInput::automatic;
  TagFormat format = TagFormat::automatic;
  WholeWords whole = {};

  static constexpr auto fields() {
    using O = TagOptions;
    return std::tuple{
        field("input", &O::input, "form of what comes in; auto: columns where they are sure, else text"),
        field("format", &O::format,
              "form of what is printed; auto: that of columns that came in, else slash"),
        group(&O::whole, "Words")};
  }
};
static_assert(all_fields_listed<TagOptions>);

/// Error(option) for options that do not fit what the model tags.
void check(const SegmentOptions& options, const Tagging& tagging);
void check(const TagOptions& options, const Tagging& tagging);

/// Reads all that comes in and writes answers as they are made: those of lines that arrived together,
/// together.
void segment(const Tagging& tagging, const SegmentOptions& options, const TagSentences& tag,
             const VerbCall& call);
void tag_stream(const Tagging& tagging, const TagOptions& options, const TagSentences& tag,
                const VerbCall& call);

/// One answer a line: for `predict`.
std::vector<Answer> answers(const Tagging& tagging, const WholeWords& whole, TagFormat format,
                            std::span<const std::string> lines, const TagSentences& tag);

}  // namespace rondo::tag
