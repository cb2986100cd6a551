/// Answered trees: as they came, indented, as JSON, as a picture.
#pragma once
#include <span>
#include <string>
#include <vector>

#include <rondo/tasks/trees.h>

#include "tasks/trees/files/parsed.h"

namespace rondo::trees {

/// A tree and what a model says of it.
struct Answered {
  ParsedTree parsed;
  TreeAnswer answer;
  std::uint64_t number = 0;  ///< of the tree, from 1
};

/// The text as it came with the answers in place of labels; of CoNLL-U all lines of the sentence.
std::string written(const Answered& answered, const std::vector<std::string>& classes, ConlluLabel column);
/// A node a line, indented by its depth, with its words.
std::string indented(const Answered& answered, const std::vector<std::string>& classes);
/// A line for each node: its words, label and probability. Of constituents "span" has the places of its words
/// from 0, the end excluded; of dependencies "words" has their ids.
std::string json_lines(const Answered& answered, const std::vector<std::string>& classes);
/// The same as one object with a list.
std::string json_object(const Answered& answered, const std::vector<std::string>& classes);

/// A picture of trees one below another, their nodes coloured by label.
class TreePicture {
 public:
  explicit TreePicture(const std::vector<std::string>& classes);
  void add(const Answered& answered);
  std::string svg() const;

 private:
  std::string colour(std::int32_t label) const;

  std::vector<std::string> classes_;
  bool polar_;
  std::string body_;
  double width_ = 0, height_ = 0;
};

}  // namespace rondo::trees
