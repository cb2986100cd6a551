#include "tasks/translate/lexicon.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/message.h"
#include "data/base64.h"
#include "wide/varint.h"

namespace rondo::translate {
namespace {

constexpr std::size_t most_links = std::size_t{1} << 25;
constexpr int em_rounds = 5;

/// Evenly spaced ones, so few that they do not have too many links.
std::vector<const NumberedPair*> taken(std::span<const NumberedPair> pairs) {
  std::size_t links = 0;
  for (const NumberedPair& pair : pairs)
    links += pair.source.size() * pair.target.size();
  const std::size_t spacing = links / most_links + 1;
  std::vector<const NumberedPair*> some;
  for (std::size_t i = 0; i < pairs.size(); i += spacing)
    some.push_back(&pairs[i]);
  return some;
}

/// p(target | source) of all tokens that are in a pair together.
class Model1 {
 public:
  Model1(const std::vector<const NumberedPair*>& pairs, std::int32_t sources) {
    std::vector<std::uint64_t> keys;
    const auto each_link = [&](const auto& body) {
      for (const NumberedPair* const pair : pairs)
        for (const std::int32_t target : pair->target)
          for (const std::int32_t source : pair->source)
            body(std::uint64_t(static_cast<std::uint32_t>(source)) << 32 |
                 static_cast<std::uint32_t>(target));
    };
    each_link([&](std::uint64_t key) { keys.push_back(key); });
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    begins_.resize(static_cast<std::size_t>(sources) + 1);
    for (const std::uint64_t key : keys) {
      ++begins_[(key >> 32) + 1];
      targets_.push_back(static_cast<std::int32_t>(key & 0xFFFFFFFF));
    }
    std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
    each_link([&](std::uint64_t key) {
      const auto first = targets_.begin() + static_cast<std::ptrdiff_t>(begins_[key >> 32]);
      const auto last = targets_.begin() + static_cast<std::ptrdiff_t>(begins_[(key >> 32) + 1]);
      const auto at = std::lower_bound(first, last, static_cast<std::int32_t>(key & 0xFFFFFFFF));
      links_.push_back(static_cast<std::uint32_t>(at - targets_.begin()));
    });
    probabilities_.assign(targets_.size(), 1);
  }

  /// One round of EM: how often each link is expected, as shares of the source token's links.
  void improve(const std::vector<const NumberedPair*>& pairs) {
    std::vector<float> expected(targets_.size());
    auto link = links_.begin();
    for (const NumberedPair* const pair : pairs)
      for (std::size_t t = 0; t < pair->target.size(); ++t) {
        const auto end = link + static_cast<std::ptrdiff_t>(pair->source.size());
        float sum = 0;
        for (auto at = link; at != end; ++at)
          sum += probabilities_[*at];
        for (; link != end; ++link)
          expected[*link] += probabilities_[*link] / sum;
      }
    for (std::size_t source = 0; source + 1 < begins_.size(); ++source) {
      double sum = 0;
      for (std::size_t i = begins_[source]; i < begins_[source + 1]; ++i)
        sum += static_cast<double>(expected[i]);
      for (std::size_t i = begins_[source]; i < begins_[source + 1]; ++i)
        probabilities_[i] = static_cast<float>(static_cast<double>(expected[i]) / sum);
    }
  }

  /// The likeliest targets of a source token, the likeliest first.
  std::vector<std::int32_t> best(std::size_t source, std::size_t count) const {
    std::vector<std::size_t> order(begins_[source + 1] - begins_[source]);
    std::iota(order.begin(), order.end(), begins_[source]);
    count = std::min(count, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                      [&](std::size_t a, std::size_t b) {
                        return probabilities_[a] != probabilities_[b] ? probabilities_[a] > probabilities_[b]
                                                                      : a < b;
                      });
    std::vector<std::int32_t> tokens;
    for (std::size_t i = 0; i < count; ++i)
      tokens.push_back(targets_[order[i]]);
    return tokens;
  }

 private:
  std::vector<std::size_t> begins_;  ///< of each source token, in the two that follow
  std::vector<std::int32_t> targets_;
  std::vector<float> probabilities_;
  std::vector<std::uint32_t> links_;  ///< of each pair, target token and source token: its place in them
};

std::vector<std::int32_t> most_frequent(std::span<const NumberedPair> pairs, std::int32_t targets,
                                        std::size_t count) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(targets));
  for (const NumberedPair& pair : pairs)
    for (const std::int32_t token : pair.target)
      ++counts[static_cast<std::size_t>(token)];
  std::vector<std::int32_t> tokens(counts.size());
  std::iota(tokens.begin(), tokens.end(), 0);
  std::stable_sort(tokens.begin(), tokens.end(), [&](std::int32_t a, std::int32_t b) {
    return counts[static_cast<std::size_t>(a)] > counts[static_cast<std::size_t>(b)];
  });
  tokens.resize(std::min(tokens.size(), count));
  return tokens;
}

[[noreturn]] void refuse() {
  fail(ErrorKind::format, "translator: the lexicon is not whole");
}

}  // namespace

Lexicon Lexicon::learn(std::span<const NumberedPair> pairs, std::int32_t sources, std::int32_t targets,
                       int kept) {
  const std::vector<const NumberedPair*> some = taken(pairs);
  Model1 model(some, sources);
  for (int round = 0; round < em_rounds; ++round)
    model.improve(some);
  Lexicon lexicon;
  lexicon.frequent_ = most_frequent(pairs, targets, frequent_tokens);
  lexicon.begins_.push_back(0);
  for (std::int32_t source = 0; source < sources; ++source) {
    const auto best = model.best(static_cast<std::size_t>(source), static_cast<std::size_t>(kept));
    lexicon.tokens_.insert(lexicon.tokens_.end(), best.begin(), best.end());
    lexicon.begins_.push_back(lexicon.tokens_.size());
  }
  return lexicon;
}

std::vector<std::int32_t> Lexicon::shortlist(std::span<const std::int32_t> source, int each) const {
  std::vector<std::int32_t> tokens = frequent_;
  for (const std::int32_t token : source) {
    const auto at = static_cast<std::size_t>(token);
    const auto begin = tokens_.begin() + static_cast<std::ptrdiff_t>(begins_[at]);
    const std::size_t count = std::min(begins_[at + 1] - begins_[at], static_cast<std::size_t>(each));
    tokens.insert(tokens.end(), begin, begin + static_cast<std::ptrdiff_t>(count));
  }
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  return tokens;
}

/// The frequent tokens' count and numbers, then the same of each source token.
Json Lexicon::to_tree() const {
  std::string bytes;
  const auto put = [&](std::span<const std::int32_t> tokens) {
    wide::put_varint(bytes, static_cast<std::uint32_t>(tokens.size()));
    for (const std::int32_t token : tokens)
      wide::put_varint(bytes, static_cast<std::uint32_t>(token));
  };
  put(frequent_);
  for (std::size_t source = 0; source + 1 < begins_.size(); ++source)
    put(std::span(tokens_).subspan(begins_[source], begins_[source + 1] - begins_[source]));
  return to_base64(bytes);
}

Lexicon Lexicon::from_tree(const Json& tree, std::int32_t sources, std::int32_t targets) {
  if (!tree.is_string()) refuse();
  const std::optional<std::string> bytes = from_base64(tree.get_ref<const std::string&>());
  if (!bytes) refuse();
  wide::VarintReader reader(*bytes);
  const auto below = [&](std::uint32_t limit) {
    const std::optional<std::uint32_t> number = reader.next();
    if (!number || *number >= limit) refuse();
    return *number;
  };
  const auto limit = static_cast<std::uint32_t>(targets);
  const auto take = [&](std::vector<std::int32_t>& to) {
    for (std::uint32_t left = below(limit + 1); left > 0; --left)
      to.push_back(static_cast<std::int32_t>(below(limit)));
  };
  Lexicon lexicon;
  take(lexicon.frequent_);
  lexicon.begins_.push_back(0);
  for (std::int32_t source = 0; source < sources; ++source) {
    take(lexicon.tokens_);
    lexicon.begins_.push_back(lexicon.tokens_.size());
  }
  if (!reader.at_end()) refuse();
  return lexicon;
}

}  // namespace rondo::translate
