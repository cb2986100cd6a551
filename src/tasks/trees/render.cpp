#include "tasks/trees/render.h"

#include <algorithm>
#include <optional>

#include "base/json.h"
#include "base/shown.h"
#include "base/utf8.h"
#include "tasks/trees/labels.h"
#include "tasks/trees/phrases.h"

namespace rondo::trees {
namespace {

float probability_of(const TreeAnswer& answer, std::size_t node, std::size_t classes) {
  return answer.probabilities[node * classes + static_cast<std::size_t>(answer.labels[node])];
}

/// What stands in place of `before`, in the last column of CoNLL-U among other entries.
std::string misc_entry(std::string_view before, const std::string& label) {
  return (before.empty() ? "|Label=" : "Label=") + label;
}

/// Nodes from the root down, children from left to right, with their depths.
std::vector<std::pair<std::size_t, int>> downwards(const LabelledTree& tree, const ChildLists& children) {
  std::vector<std::pair<std::size_t, int>> order, open;
  for (std::size_t node = 0; node < tree.parents.size(); ++node)
    if (tree.parents[node] < 0) open.emplace_back(node, 0);
  while (!open.empty()) {
    const auto [node, depth] = open.back();
    open.pop_back();
    order.emplace_back(node, depth);
    const auto below = children.of(node);
    for (auto child = below.rbegin(); child != below.rend(); ++child)
      open.emplace_back(static_cast<std::size_t>(*child), depth + 1);
  }
  return order;
}

Json json_of(const LabelledTree& tree, const WordsBelow& words, const TreeAnswer& answer, std::size_t node,
             const std::vector<std::string>& classes) {
  constexpr std::int64_t most_words = 1000;
  Json json;
  json["node"] = node + 1;
  json["parent"] = tree.parents[node] < 0 ? Json() : Json(tree.parents[node] + 1);
  if (!tree.dependencies) {
    const auto [begin, end] = words.span(node);
    json["span"] = {begin, end};
  } else if (words.count(node) <= most_words) {
    Json ids = Json::array();
    for (const std::int64_t place : words.places(node))
      ids.push_back(place + 1);
    json["words"] = std::move(ids);
  }
  if (words.count(node) <= most_words) json["text"] = words.text(node);
  json["label"] = classes[static_cast<std::size_t>(answer.labels[node])];
  json["probability"] = json_number(probability_of(answer, node, classes.size()));
  return json;
}

}  // namespace

std::string written(const Answered& answered, const std::vector<std::string>& classes, ConlluLabel column) {
  const ParsedTree& parsed = answered.parsed;
  const std::string_view text = parsed.text;
  std::string out;
  std::size_t at = 0;
  for (std::size_t node = 0; node < parsed.places.size(); ++node) {
    const LabelPlace& place = parsed.places[node];
    if (!place.written) continue;
    const std::string& label = classes[static_cast<std::size_t>(answered.answer.labels[node])];
    out.append(text.substr(at, place.begin - at));
    const std::string_view before = text.substr(place.begin, place.length);
    out += parsed.tree.dependencies && column == ConlluLabel::misc ? misc_entry(before, label) : label;
    at = place.begin + place.length;
  }
  return out.append(text.substr(at));
}

std::string indented(const Answered& answered, const std::vector<std::string>& classes) {
  constexpr int deepest = 40, columns = 72;
  const LabelledTree& tree = answered.parsed.tree;
  const WordsBelow words(tree);
  std::string out;
  for (const auto& [node, depth] : downwards(tree, words.children())) {
    if (depth > deepest) {
      out += std::string(2 * deepest, ' ') + "[" + std::to_string(depth) + "] ";
    } else {
      out += std::string(static_cast<std::size_t>(2 * depth), ' ');
    }
    out += classes[static_cast<std::size_t>(answered.answer.labels[node])] + " " +
           fixed(static_cast<double>(probability_of(answered.answer, node, classes.size())), 2) + "  " +
           words.text(node, columns) + "\n";
  }
  return out;
}

std::string json_lines(const Answered& answered, const std::vector<std::string>& classes) {
  const LabelledTree& tree = answered.parsed.tree;
  const WordsBelow words(tree);
  std::string out;
  for (std::size_t node = 0; node < tree.parents.size(); ++node) {
    Json json = {{"tree", answered.number}};
    json.update(json_of(tree, words, answered.answer, node, classes));
    out += dump_json(json) + "\n";
  }
  return out;
}

std::string json_object(const Answered& answered, const std::vector<std::string>& classes) {
  const LabelledTree& tree = answered.parsed.tree;
  const WordsBelow words(tree);
  Json phrases = Json::array();
  for (std::size_t node = 0; node < tree.parents.size(); ++node)
    phrases.push_back(json_of(tree, words, answered.answer, node, classes));
  return dump_json(
      {{"tree", written(answered, classes, ConlluLabel::upos)}, {"phrases", std::move(phrases)}});
}

}  // namespace rondo::trees
