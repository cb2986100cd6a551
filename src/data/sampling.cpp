// Dataset: splitting and balancing.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <rondo/error.h>

#include "base/message.h"
#include "base/random.h"
#include "data/dataset.h"
#include "data/normalize.h"
#include "data/unicode.h"

namespace rondo {
namespace {

/// What two spellings of one text have in common: NFKC, folded case, no white space, no punctuation.
std::string core_of(const std::string& text) {
  const std::string normal = Normalizer{}(text);
  std::string core;
  for (std::size_t at = 0; at < normal.size();) {
    const Decoded next = decode_at(normal, at);
    const CharacterClass kind = class_of(next.character);
    if (kind != CharacterClass::space && kind != CharacterClass::punctuation)
      core.append(normal, at, next.length);
    at += next.length;
  }
  return core.empty() ? normal : core;
}

std::uint64_t content_key(const Dataset& dataset, std::size_t example) {
  ContentHash hash;
  if (dataset.is_text()) return hash.text(core_of(dataset.text(example))).digest();
  const auto values = dataset.features(example).data<float>();
  return hash.bytes({reinterpret_cast<const char*>(values.data()), values.size_bytes()}).digest();
}

using Group = std::vector<std::size_t>;  // examples of equal content

std::vector<Group> groups_of(const Dataset& dataset) {
  std::vector<Group> groups;
  std::unordered_map<std::uint64_t, std::size_t> places;
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    const auto [place, is_new] = places.emplace(content_key(dataset, i), groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].push_back(i);
  }
  return groups;
}

/// Examples by class, in order; all in one list where the dataset has no labels.
std::vector<std::vector<std::size_t>> by_class(const Dataset& dataset) {
  const bool labelled = dataset.target() == Target::labels;
  std::vector<std::vector<std::size_t>> classes(labelled ? dataset.class_names().size() : 1);
  for (std::size_t i = 0; i < dataset.size(); ++i)
    classes[labelled ? static_cast<std::size_t>(dataset.label(i)) : 0].push_back(i);
  return classes;
}

template <class T>
void shuffle_for(std::vector<T>& items, std::uint64_t seed, std::string_view purpose, std::size_t stratum) {
  shuffle(std::span<T>(items), seed, mix(hash_of(purpose), stratum));
}

/// Deals the groups of one class to the part that is furthest below its share.
void deal(const std::vector<Group>& groups, const std::array<double, 3>& shares,
          std::array<std::vector<std::size_t>, 3>& parts) {
  std::array<double, 3> dealt = {};
  double total = 0;
  for (const Group& group : groups) {
    total += static_cast<double>(group.size());
    std::size_t neediest = 0;
    for (std::size_t part = 1; part < shares.size(); ++part) {
      if (shares[part] * total - dealt[part] > shares[neediest] * total - dealt[neediest]) neediest = part;
    }
    dealt[neediest] += static_cast<double>(group.size());
    parts[neediest].insert(parts[neediest].end(), group.begin(), group.end());
  }
}

void require_labels(const Dataset& dataset, std::string_view what) {
  if (dataset.target() != Target::labels)
    fail(ErrorKind::usage, std::string(what) + ": the dataset has no class an example");
}

}  // namespace

std::array<Dataset, 3> Dataset::split(double train, double valid, double test, std::uint64_t seed) const {
  std::array<double, 3> shares = {train, valid, test};
  const double sum = train + valid + test;
  if (!(train >= 0 && valid >= 0 && test >= 0 && sum > 0) || !std::isfinite(sum))
    fail(ErrorKind::option, "split: shares must be 0 or more and not all 0, e.g. 0.8, 0.1, 0.1");
  for (double& share : shares)
    share /= sum;

  std::vector<std::vector<Group>> strata(target() == Target::labels ? class_names().size() : 1);
  for (Group& group : groups_of(*this)) {
    const std::size_t stratum =
        target() == Target::labels ? static_cast<std::size_t>(label(group.front())) : 0;
    strata[stratum].push_back(std::move(group));
  }
  std::array<std::vector<std::size_t>, 3> parts;
  for (std::size_t stratum = 0; stratum < strata.size(); ++stratum) {
    shuffle_for(strata[stratum], seed, "split", stratum);
    deal(strata[stratum], shares, parts);
  }
  for (auto& part : parts)
    std::sort(part.begin(), part.end());
  return {select(parts[0]), select(parts[1]), select(parts[2])};
}

std::vector<std::int64_t> Dataset::class_counts() const {
  std::vector<std::int64_t> counts(class_names().size());
  for (std::size_t i = 0; i < size(); ++i) {
    if (target() == Target::step_labels) {
      for (const std::int32_t step : step_labels(i).data<std::int32_t>())
        ++counts[static_cast<std::size_t>(step)];
    } else {
      ++counts[static_cast<std::size_t>(label(i))];
    }
  }
  return counts;
}

std::vector<float> Dataset::class_weights_balanced() const {
  const std::vector<std::int64_t> counts = class_counts();
  double total = 0, present = 0;
  for (const std::int64_t count : counts) {
    total += static_cast<double>(count);
    present += count > 0;
  }
  std::vector<float> weights;
  for (const std::int64_t count : counts)
    weights.push_back(count == 0 ? 1.0F : static_cast<float>(total / (present * static_cast<double>(count))));
  return weights;
}

Dataset Dataset::over_sample(std::uint64_t seed) const {
  require_labels(*this, "over_sample");
  auto classes = by_class(*this);
  std::size_t most = 0;
  for (const auto& members : classes)
    most = std::max(most, members.size());
  std::vector<std::size_t> examples(size());
  for (std::size_t i = 0; i < size(); ++i)
    examples[i] = i;
  for (std::size_t number = 0; number < classes.size(); ++number) {
    auto& members = classes[number];
    if (members.empty()) continue;
    shuffle_for(members, seed, "over_sample", number);
    for (std::size_t extra = members.size(); extra < most; ++extra)
      examples.push_back(members[extra % members.size()]);
  }
  return select(examples);
}

Dataset Dataset::under_sample(std::uint64_t seed) const {
  require_labels(*this, "under_sample");
  auto classes = by_class(*this);
  std::size_t fewest = size();
  for (const auto& members : classes) {
    if (!members.empty()) fewest = std::min(fewest, members.size());
  }
  std::vector<std::size_t> examples;
  for (std::size_t number = 0; number < classes.size(); ++number) {
    auto& members = classes[number];
    shuffle_for(members, seed, "under_sample", number);
    members.resize(std::min(members.size(), fewest));
    examples.insert(examples.end(), members.begin(), members.end());
  }
  std::sort(examples.begin(), examples.end());
  return select(examples);
}

}  // namespace rondo
