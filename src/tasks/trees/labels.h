/// Labels as they are read: function tags, categories, those that there may be, and the task of two.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tasks/trees.h>

namespace rondo::trees {

/// The classes of the task of two.
inline constexpr std::string_view negative = "negative", positive = "positive";

/// -1, 0 or 1 for the labels 0 to 4 and for the classes of the task of two; nothing for others.
std::optional<int> polarity_of(std::string_view label);
/// Whether the classes are labels 0 to 4 with some on both sides, so that they also say positive or negative.
bool have_polarity(const std::vector<std::string>& classes);

class LabelRules {
 public:
  /// Error(option) for a list of labels that is none.
  explicit LabelRules(const ReadingOptions& options);

  /// Changes labels by the rules. `treebank`: the file has marks of one.
  void apply(LabelledTree& tree, bool treebank);
  /// The labels of a tree, once applied, that there may not be.
  std::vector<std::string> outside(const LabelledTree& tree) const;
  /// "0 to 4", or "a, b or c".
  std::string allowed_in_words() const;
  /// Nodes whose function tags were cut.
  std::int64_t cut() const noexcept { return cut_; }
  /// The task of two: drops what is neutral. Labels must be among those allowed.
  void make_binary(LabelledTree& tree) const;

 private:
  ReadingOptions options_;
  std::vector<std::string> allowed_;  ///< sorted; empty: any
  std::string range_ = {};
  std::int64_t cut_ = 0;
};

}  // namespace rondo::trees
