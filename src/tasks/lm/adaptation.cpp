#include "tasks/lm/adaptation.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <rondo/optim.h>

#include "optim/descent.h"

namespace rondo::lm {
namespace {

/// Tokens that are read at once where nothing is learned meanwhile. It changes no figure.
constexpr std::int64_t read_at_once = 256;

/// Places in the order of the text: what the network was like there, and which token followed.
class Cache {
 public:
  explicit Cache(const AdaptationOptions& options) : options_(options) {}

  /// The probabilities that the cache gives to each of `after`, given the rows [tokens, width] before them;
  /// then they are places themselves. Nothing for a token without a place before it.
  std::vector<std::optional<double>> read(const Tensor& rows, const std::vector<std::int32_t>& after) {
    const std::size_t known = followed_.size();
    const auto added = rows.data<float>();
    places_.insert(places_.end(), added.begin(), added.end());
    followed_.insert(followed_.end(), after.begin(), after.end());
    const auto width = rows.columns(), count = static_cast<std::int64_t>(followed_.size());
    const Var alike = linear(rows, Tensor::of({count, width}, places_));
    std::vector<std::optional<double>> shares;
    for (std::size_t row = 0; row < after.size(); ++row)
      shares.push_back(share(alike.values().subspan(row * followed_.size(), known + row), after[row]));
    forget(static_cast<std::size_t>(width));
    return shares;
  }

 private:
  /// Of the last places, one for each number of `alike`.
  std::optional<double> share(std::span<const float> alike, std::int32_t token) const {
    const std::size_t last = std::min(alike.size(), static_cast<std::size_t>(options_.cache));
    if (last == 0) return std::nullopt;
    const std::size_t first = alike.size() - last;
    const auto flatness = static_cast<double>(options_.cache_flatness);
    const auto highest = static_cast<double>(*std::max_element(alike.begin() + first, alike.end()));
    double sum = 0, of_token = 0;
    for (std::size_t i = first; i < alike.size(); ++i) {
      const double weight = std::exp(flatness * (static_cast<double>(alike[i]) - highest));
      sum += weight;
      if (followed_[i] == token) of_token += weight;
    }
    return of_token / sum;
  }
  void forget(std::size_t width) {
    const auto kept = static_cast<std::size_t>(options_.cache);
    if (followed_.size() <= kept) return;
    const std::size_t gone = followed_.size() - kept;
    followed_.erase(followed_.begin(), followed_.begin() + static_cast<std::ptrdiff_t>(gone));
    places_.erase(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(gone * width));
  }

  const AdaptationOptions& options_;
  std::vector<float> places_;  // rows of the width of the projection's input
  std::vector<std::int32_t> followed_;
};

/// A copy of a network that goes on learning.
class Learner {
 public:
  Learner(const Model<LanguageNet>& trained, const AdaptationOptions& options)
      : options_(options), trained_(trained), copy_(trained.input(), trained.options()) {
    std::vector<NamedLeaf> leaves;
    for (const Parameter& parameter : copy_.weights().parameters()) {
      copy_.weights().set(parameter.name, trained.weights().get(parameter.name));
      leaves.push_back({parameter.name, parameter.leaf});
    }
    descent_.emplace(optim::SGD{.learning_rate = options.dynamic_rate}, std::move(leaves));
  }
  const LanguageNet& net() const { return *copy_; }

  void learn(const Var& cost) {
    cost.backward();
    const double norm = descent_->gradient_norm();
    descent_->step(options_.dynamic_rate, norm > 1 ? static_cast<float>(1 / norm) : 1);
    copy_.weights().zero_gradients();
    if (options_.dynamic_decay > 0) go_back();
  }

 private:
  void go_back() {
    for (const Parameter& parameter : copy_.weights().parameters()) {
      Tensor value = copy_.weights().get(parameter.name);
      const Tensor from = trained_.weights().get(parameter.name);
      const auto before = from.data<float>();
      std::size_t i = 0;
      for (float& number : value.data<float>()) {
        number += options_.dynamic_decay * (before[i] - number);
        ++i;
      }
      copy_.weights().set(parameter.name, value);
    }
  }

  const AdaptationOptions& options_;
  const Model<LanguageNet>& trained_;
  Model<LanguageNet> copy_;
  std::optional<Descent> descent_;
};

/// Positions [begin, end) of one document.
struct Stretch {
  std::int64_t begin, end;
};

Stretch stretch_from(const TokenList& tokens, std::int64_t begin, std::int64_t longest) {
  Stretch stretch{begin, begin + 1};
  while (stretch.end < tokens.size() && stretch.end - begin < longest &&
         tokens[stretch.end - 1] != TextUnits::border)
    ++stretch.end;
  return stretch;
}

std::vector<std::int32_t> tokens_in(const TokenList& tokens, std::int64_t begin, std::int64_t end) {
  std::vector<std::int32_t> some;
  for (std::int64_t i = begin; i < end; ++i)
    some.push_back(tokens[i]);
  return some;
}

/// -ln P of the tokens that came after the places.
double cost_of(const LanguageNet::Places& places, const std::vector<std::int32_t>& after, Cache* cache,
               double cache_weight) {
  const Var all = log_softmax(Var(places.logits.value()));
  std::vector<std::optional<double>> shares(after.size());
  if (cache != nullptr) shares = cache->read(places.features.value(), after);
  double nats = 0;
  for (std::size_t row = 0; row < after.size(); ++row) {
    const auto at = row * static_cast<std::size_t>(all.columns()) + static_cast<std::size_t>(after[row]);
    const auto of_model = static_cast<double>(all.values()[at]);
    nats -= shares[row] ? std::log((1 - cache_weight) * std::exp(of_model) + cache_weight * *shares[row])
                        : of_model;
  }
  return nats;
}

}  // namespace

double adapting_nats(const Model<LanguageNet>& network, const TokenList& tokens,
                     const AdaptationOptions& options) {
  std::optional<Learner> learner;
  if (options.dynamic_rate > 0) learner.emplace(network, options);
  std::optional<Cache> cache;
  if (options.cache > 0) cache.emplace(options);
  const LanguageNet& net = learner ? learner->net() : *network;
  const std::int64_t longest = learner ? options.dynamic_chunk : read_at_once;
  double nats = 0;
  State state;
  for (Stretch part{0, 1}; part.end < tokens.size();) {
    part = stretch_from(tokens, part.end, longest);
    if (tokens[part.begin - 1] == TextUnits::border) state = net.start(1);
    const std::vector<std::int32_t> before = tokens_in(tokens, part.begin - 1, part.end - 1),
                                    after = tokens_in(tokens, part.begin, part.end);
    const auto places_and_cost = [&] {
      const LanguageNet::Places places = net.places(before, state, tokens.label_at(part.begin));
      nats += cost_of(places, after, cache ? &*cache : nullptr, static_cast<double>(options.cache_weight));
      return places;
    };
    if (learner) {
      const Recording recording({.seed = 1, .step = 0, .dropout = false});
      const Tensor wanted = Tensor::of({static_cast<std::int64_t>(after.size())}, after);
      learner->learn(cross_entropy(places_and_cost().logits, wanted));
    } else {
      const InferenceMode constant;
      places_and_cost();
    }
  }
  return nats;
}

}  // namespace rondo::lm
