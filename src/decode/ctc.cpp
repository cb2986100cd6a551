// Greedy and prefix beam search for connectionist temporal classification.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include <rondo/ctc_search.h>

#include "base/message.h"

namespace rondo {
namespace {

constexpr double never = -std::numeric_limits<double>::infinity();

double log_add(double a, double b) {
  if (a == never) return b;
  if (b == never) return a;
  return std::max(a, b) + std::log1p(std::exp(std::min(a, b) - std::max(a, b)));
}

/// A labelling as the one before it and its last label. The trie's root is the empty one.
struct Node {
  std::int32_t parent, label;
  std::int64_t frame;
  std::int32_t length;
  double language;  ///< ln P of all its labels
};

/// A labelling of the beam, and the sums over its paths that end with a blank and with its last label.
struct Hypothesis {
  std::int32_t node;  ///< -1: not yet in the trie
  std::int32_t parent, label;
  double blank = never, by_label = never;
  double total() const { return log_add(blank, by_label); }
};

}  // namespace

void CTCGreedy::push(std::span<const float> logs) {
  const auto at = std::max_element(logs.begin(), logs.end());
  const auto symbol = static_cast<std::int32_t>(at - logs.begin());
  reading_.log_probability += static_cast<double>(*at);
  reading_.score = reading_.log_probability;
  if (symbol != blank_ && symbol != last_) {
    reading_.labels.push_back(symbol);
    reading_.frames.push_back(frames_);
  }
  last_ = symbol;
  ++frames_;
}

struct CTCBeam::Impl {
  using Key = std::pair<std::int32_t, std::int32_t>;  // parent and label
  CTCSearchOptions options;
  std::int64_t frames = 0;
  std::vector<Node> nodes = {{-1, -1, -1, 0, 0}};
  std::map<Key, std::int32_t> places = {};  // of all nodes but the root
  std::vector<Hypothesis> beam = {{0, -1, -1, 0, never}};

  const Node& node(std::int32_t at) const { return nodes[static_cast<std::size_t>(at)]; }

  std::vector<std::int32_t> labels(std::int32_t at) const {
    std::vector<std::int32_t> all;
    for (; at > 0; at = node(at).parent)
      all.push_back(node(at).label);
    std::reverse(all.begin(), all.end());
    return all;
  }

  double language(std::int32_t parent, std::int32_t label) const {
    return options.language_model ? options.language_model(labels(parent), label) : 0;
  }

  /// The node of a labelling; it is made when it first survives a frame.
  std::int32_t grown(const Hypothesis& h) {
    if (h.node >= 0) return h.node;
    const auto [place, is_new] =
        places.try_emplace(Key{h.parent, h.label}, static_cast<std::int32_t>(nodes.size()));
    if (is_new)
      nodes.push_back({h.parent, h.label, frames, node(h.parent).length + 1,
                       node(h.parent).language + language(h.parent, h.label)});
    return place->second;
  }

  double score(const Node& of, double total) const {
    return total + (options.language_model ? options.weight * of.language : 0) + options.bonus * of.length;
  }

  /// All that the beam can become by a frame.
  std::vector<Hypothesis> extended(std::span<const float> logs) const {
    std::vector<Hypothesis> next;
    std::map<Key, std::size_t> found;
    const auto at = [&](std::int32_t known, std::int32_t parent, std::int32_t label) -> Hypothesis& {
      const auto [place, is_new] = found.try_emplace(Key{parent, label}, next.size());
      if (is_new) next.push_back({known, parent, label});
      return next[place->second];
    };
    const double least = options.threshold > 0 ? std::log(options.threshold) : never;
    for (const Hypothesis& h : beam) {
      const double total = h.total();
      const auto log = [&](std::int32_t symbol) {
        return static_cast<double>(logs[static_cast<std::size_t>(symbol)]);
      };
      Hypothesis& same = at(h.node, h.parent, h.label);
      same.blank = log_add(same.blank, total + log(options.blank));
      if (h.label >= 0) same.by_label = log_add(same.by_label, h.by_label + log(h.label));
      for (std::int32_t k = 0; k < static_cast<std::int32_t>(logs.size()); ++k) {
        if (k == options.blank || !(log(k) > least)) continue;
        const auto known = places.find(Key{h.node, k});
        Hypothesis& longer = at(known == places.end() ? -1 : known->second, h.node, k);
        longer.by_label = log_add(longer.by_label, (k == h.label ? h.blank : total) + log(k));
      }
    }
    return next;
  }

  void push(std::span<const float> logs) {
    std::vector<Hypothesis> next = extended(logs);
    std::erase_if(next, [](const Hypothesis& h) { return h.total() == never; });
    // A language model is asked only about what the frames alone keep in a wider beam.
    const auto width = static_cast<std::size_t>(options.beam);
    keep(next, options.language_model ? 4 * width : width, [](const Hypothesis& h) { return h.total(); });
    for (Hypothesis& h : next)
      h.node = grown(h);
    keep(next, width, [&](const Hypothesis& h) { return score(node(h.node), h.total()); });
    if (!next.empty()) beam = std::move(next);  // a frame without a possible symbol says nothing
    ++frames;
  }

  template <class Value>
  static void keep(std::vector<Hypothesis>& all, std::size_t width, const Value& value) {
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < all.size(); ++i)
      order.emplace_back(-value(all[i]), i);
    std::sort(order.begin(), order.end());
    order.resize(std::min(order.size(), width));
    std::vector<Hypothesis> kept;
    for (const auto& [negative, i] : order)
      kept.push_back(all[i]);
    all = std::move(kept);
  }
};

CTCBeam::CTCBeam(CTCSearchOptions options) : impl_(std::make_unique<Impl>()) {
  if (options.beam < 1)
    fail(ErrorKind::option, "beam: wanted 1 or more, got " + std::to_string(options.beam));
  impl_->options = std::move(options);
}
CTCBeam::CTCBeam(CTCBeam&&) noexcept = default;
CTCBeam& CTCBeam::operator=(CTCBeam&&) noexcept = default;
CTCBeam::~CTCBeam() = default;

void CTCBeam::push(std::span<const float> log_probabilities) {
  impl_->push(log_probabilities);
}

std::int64_t CTCBeam::frames() const noexcept {
  return impl_->frames;
}

std::vector<CTCReading> CTCBeam::best(std::size_t count, bool ended) const {
  std::vector<CTCReading> all;
  for (const Hypothesis& h : impl_->beam) {
    Node node = impl_->node(h.node);
    if (ended) node.language += impl_->language(h.node, -1);
    CTCReading& reading = all.emplace_back();
    reading.labels = impl_->labels(h.node);
    for (std::int32_t at = h.node; at > 0; at = impl_->node(at).parent)
      reading.frames.insert(reading.frames.begin(), impl_->node(at).frame);
    reading.log_probability = h.total();
    reading.score = impl_->score(node, h.total());
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const CTCReading& a, const CTCReading& b) { return a.score > b.score; });
  all.resize(std::min(all.size(), count));
  return all;
}

}  // namespace rondo
