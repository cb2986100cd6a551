#include "tasks/trees/labels.h"

#include <algorithm>
#include <charconv>

#include "base/message.h"

namespace rondo::trees {
namespace {

std::optional<int> number_in(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "0-4" as its ends.
std::optional<std::pair<int, int>> range_in(std::string_view text) {
  const std::size_t dash = text.find('-', 1);
  if (dash == text.npos) return std::nullopt;
  const auto low = number_in(text.substr(0, dash)), high = number_in(text.substr(dash + 1));
  if (!low || !high || *high < *low || *high - *low > 100'000) return std::nullopt;
  return std::pair(*low, *high);
}

}  // namespace

std::optional<int> polarity_of(std::string_view label) {
  if (label == negative || label == "0" || label == "1") return -1;
  if (label == "2") return 0;
  if (label == positive || label == "3" || label == "4") return 1;
  return std::nullopt;
}

bool have_polarity(const std::vector<std::string>& classes) {
  bool below = false, above = false;
  for (const std::string& name : classes) {
    const std::optional<int> side = polarity_of(name);
    if (!side) return false;
    below = below || *side < 0;
    above = above || *side > 0;
  }
  return below && above;
}

LabelRules::LabelRules(const ReadingOptions& options) : options_(options) {
  if (options_.binary && options_.labels.empty()) options_.labels = "0-4";
  if (options_.binary && options_.labels != "0-4")
    fail(ErrorKind::option,
         "binary is for the labels 0 to 4; leave out labels (" + quote(options_.labels) + ")");
  const std::string_view text = options_.labels;
  if (text.empty()) return;
  if (const auto range = range_in(text)) {
    for (int label = range->first; label <= range->second; ++label)
      allowed_.push_back(std::to_string(label));
    range_ = std::to_string(range->first) + " to " + std::to_string(range->second);
  } else {
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find(',', at), text.size());
      if (end > at) allowed_.emplace_back(text.substr(at, end - at));
      at = end + 1;
    }
  }
  if (allowed_.empty())
    fail(ErrorKind::option,
         "labels must be a range such as 0-4, or names with commas between, got " + quote(text));
  std::sort(allowed_.begin(), allowed_.end());
}

std::string LabelRules::allowed_in_words() const {
  return range_.empty() ? enumerate(allowed_) : range_;
}

void LabelRules::apply(LabelledTree& tree, bool treebank) {
  const bool cuts = !tree.dependencies && (options_.functions == FunctionTags::cut ||
                                           (options_.functions == FunctionTags::automatic && treebank));
  if (!cuts && options_.categories.empty()) return;
  Strings labels, categories;
  for (std::string_view label : tree.labels) {
    std::string_view category;
    if (const std::size_t at = options_.categories.empty() ? label.npos : label.rfind(options_.categories);
        at != label.npos) {
      category = label.substr(0, at);
      label = label.substr(at + options_.categories.size());
    }
    if (const std::size_t end = label.find_first_of("-="); cuts && end != label.npos && end > 0) {
      label = label.substr(0, end);
      ++cut_;
    }
    labels.push_back(label);
    categories.push_back(category);
  }
  tree.labels = std::move(labels);
  if (!options_.categories.empty()) tree.categories = std::move(categories);
}

std::vector<std::string> LabelRules::outside(const LabelledTree& tree) const {
  std::vector<std::string> others;
  if (allowed_.empty()) return others;
  for (const std::string_view label : tree.labels)
    if (!label.empty() && !std::binary_search(allowed_.begin(), allowed_.end(), label) &&
        std::find(others.begin(), others.end(), label) == others.end())
      others.emplace_back(label);
  return others;
}

void LabelRules::make_binary(LabelledTree& tree) const {
  if (!options_.binary) return;
  Strings labels;
  for (const std::string_view label : tree.labels) {
    const int side = polarity_of(label).value_or(0);
    labels.push_back(side < 0 ? negative : side > 0 ? positive : "");
  }
  tree.labels = std::move(labels);
}

}  // namespace rondo::trees
