// Trees as SVG: words below, the root on top, each node in the colour of its label.
#include <algorithm>
#include <array>

#include "base/shown.h"
#include "base/utf8.h"
#include "tasks/report/svg.h"
#include "tasks/trees/labels.h"
#include "tasks/trees/phrases.h"
#include "tasks/trees/render.h"

namespace rondo::trees {
namespace {

/// From very negative to very positive, told apart by colour-blind readers (ColorBrewer's RdBu).
constexpr std::array<std::string_view, 5> scale = {"#b2182b", "#ef8a62", "#bdbdbd", "#67a9cf", "#2166ac"};
/// Okabe & Ito 2008.
constexpr std::array<std::string_view, 7> others = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                    "#E69F00", "#56B4E9", "#F0E442"};
constexpr double level = 44, radius = 11, per_column = 8, gap = 14, margin = 20;

std::string number(double value) {
  return fixed(value, 1);
}

std::string line(double x1, double y1, double x2, double y2) {
  return "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" +
         number(y2) + "\"/>\n";
}

std::string words_at(double x, double y, std::string_view text, std::string_view kind = {}) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\"" +
         (kind.empty() ? "" : " class=\"" + std::string(kind) + "\"") + ">" + svg::escape(text) + "</text>\n";
}

}  // namespace

TreePicture::TreePicture(const std::vector<std::string>& classes)
    : classes_(classes), polar_(have_polarity(classes)) {}

std::string TreePicture::colour(std::int32_t label) const {
  const std::string& name = classes_[static_cast<std::size_t>(label)];
  if (!polar_) return std::string(others[static_cast<std::size_t>(label) % others.size()]);
  if (name == negative) return std::string(scale[0]);
  if (name == positive) return std::string(scale[4]);
  return std::string(scale[static_cast<std::size_t>(name[0] - '0')]);
}

void TreePicture::add(const Answered& answered) {
  const LabelledTree& tree = answered.parsed.tree;
  const ChildLists children = children_of(tree.parents);
  const std::vector<std::int32_t> up = upwards(tree.parents, children);
  std::vector<double> x(tree.parents.size()), y(tree.parents.size());
  // Words stand side by side in the order of the sentence; a node stands above the middle of its children.
  double right = margin;
  const WordsBelow words(tree);
  std::vector<std::size_t> order(tree.parents.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  if (!tree.dependencies)
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return words.span(a).first < words.span(b).first; });
  for (const std::size_t node : order)
    if (!tree.words[node].empty()) {
      const double wide = std::max(per_column * display_width(tree.words[node]), 2 * radius) + gap;
      x[node] = right + wide / 2;
      right += wide;
    }
  for (const std::int32_t node : up) {
    const auto at = static_cast<std::size_t>(node);
    const auto below = children.of(at);
    if (!tree.words[at].empty() || below.empty()) continue;
    x[at] = (x[static_cast<std::size_t>(below.front())] + x[static_cast<std::size_t>(below.back())]) / 2;
  }
  double lowest = 0;
  std::string lines, nodes;
  for (auto node = up.rbegin(); node != up.rend(); ++node) {
    const auto at = static_cast<std::size_t>(*node);
    const std::int32_t parent = tree.parents[at];
    y[at] = parent < 0 ? height_ + margin + radius : y[static_cast<std::size_t>(parent)] + level;
    lowest = std::max(lowest, y[at]);
    if (parent >= 0)
      lines += line(x[static_cast<std::size_t>(parent)], y[static_cast<std::size_t>(parent)], x[at], y[at]);
    const std::int32_t label = answered.answer.labels[at];
    nodes += "<circle cx=\"" + number(x[at]) + "\" cy=\"" + number(y[at]) + "\" r=\"" + number(radius) +
             "\" fill=\"" + colour(label) + "\"/>\n" +
             words_at(x[at], y[at] + 4, classes_[static_cast<std::size_t>(label)], "label");
    if (!tree.words[at].empty()) nodes += words_at(x[at], y[at] + radius + 14, tree.words[at]);
  }
  body_ += lines + nodes;
  width_ = std::max(width_, right + margin);
  height_ = lowest + radius + 14 + margin;
}

std::string TreePicture::svg() const {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(std::max(width_, 1.0)) + " " +
         number(std::max(height_, 1.0)) + "\" width=\"" + number(std::max(width_, 1.0)) + "\" height=\"" +
         number(std::max(height_, 1.0)) +
         "\">\n<style>text{font:14px sans-serif;text-anchor:middle;fill:#222}.label{font-size:11px;fill:#fff;"
         "paint-order:stroke;stroke:#0005;stroke-width:2px}line{stroke:#999}</style>\n"
         "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n" +
         body_ + "</svg>\n";
}

}  // namespace rondo::trees
