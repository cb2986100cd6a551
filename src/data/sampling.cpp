// Dataset: splitting and balancing.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <rondo/error.h>

#include "base/message.h"
#include "base/random.h"
#include "data/dataset.h"

namespace rondo {
namespace {

using Group = std::vector<std::size_t>;  // examples of equal content

std::vector<Group> groups_of(const Dataset& dataset, const data::Source& source) {
  std::vector<Group> groups;
  std::unordered_map<std::uint64_t, std::size_t> found;
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    const auto [group, is_new] = found.emplace(source.key(dataset.place(i)), groups.size());
    if (is_new) groups.emplace_back();
    groups[group->second].push_back(i);
  }
  return groups;
}

/// Examples by class, in order.
std::vector<std::vector<std::size_t>> by_class(const Dataset& dataset, std::string_view what) {
  const auto& source = dataset.source_as<data::Source>();
  if (source.strata() == 0)
    fail(ErrorKind::usage, std::string(what) + ": the dataset does not have one class per example");
  std::vector<std::vector<std::size_t>> classes(source.strata());
  for (std::size_t i = 0; i < dataset.size(); ++i)
    classes[source.stratum(dataset.place(i))].push_back(i);
  return classes;
}

template <class T>
void shuffle_for(std::vector<T>& items, std::uint64_t seed, std::string_view purpose, std::size_t stratum) {
  shuffle(std::span<T>(items), seed, mix(hash_of(purpose), stratum));
}

/// The groups of one class in random order, and how many of its examples are held out.
struct Stratum {
  std::vector<Group> left, held;
  double total = 0, taken = 0;

  /// By how much the held-out examples are below their share.
  double gap(double share) const { return share * total - taken; }
};

/// The shares of the examples that are held out and that are left.
struct Shares {
  double left, held;
};

/// Rounds off the last bits of sums of shares, which would break ties at random.
double cleaned(double share) {
  return std::round(share * 1e12) / 1e12;
}

/// Holds out each group if that brings the part closer to its share than leaving the group would.
void deal(Stratum& stratum, Shares shares) {
  std::vector<Group> groups;
  groups.swap(stratum.left);
  for (Group& group : groups) {
    const auto size = static_cast<double>(group.size());
    stratum.total += size;
    const double left = stratum.total - size - stratum.taken;
    const bool hold = stratum.gap(shares.held) > shares.left * stratum.total - left;
    stratum.taken += hold ? size : 0;
    (hold ? stratum.held : stratum.left).push_back(std::move(group));
  }
}

/// Moves one group of at most `most` examples to or from those held out; 0 if there is none, or if a class
/// would have none left to learn from.
double move_group(Stratum& stratum, bool hold, double most) {
  std::vector<Group>&from = hold ? stratum.left : stratum.held, &to = hold ? stratum.held : stratum.left;
  if (hold && from.size() < 2) return 0;
  const auto fits = [&](const Group& group) { return static_cast<double>(group.size()) <= most; };
  const auto found = std::find_if(from.begin(), from.end(), fits);
  if (found == from.end()) return 0;
  const auto size = static_cast<double>(found->size());
  to.push_back(std::move(*found));
  from.erase(found);
  stratum.taken += hold ? size : -size;
  return size;
}

/// Classes of a few examples all round their share in the same direction, to nothing or to too many. If the
/// part therefore misses its share by more than a tenth, the classes furthest from their share give or take
/// one more group.
void even_out(std::vector<Stratum>& strata, double share, std::uint64_t seed, std::string_view purpose) {
  double total = 0, taken = 0;
  for (const Stratum& stratum : strata) {
    total += stratum.total;
    taken += stratum.taken;
  }
  if (std::abs(taken - share * total) <= std::max(0.5, share * total / 10)) return;
  const double wanted = std::round(share * total);
  std::vector<Stratum*> order;
  for (Stratum& stratum : strata)
    order.push_back(&stratum);
  shuffle_for(order, seed, purpose, strata.size());
  const bool hold = taken < wanted;
  std::stable_sort(order.begin(), order.end(), [&](const Stratum* a, const Stratum* b) {
    return hold ? a->gap(share) > b->gap(share) : a->gap(share) < b->gap(share);
  });
  for (bool moved = true; moved && taken != wanted;) {
    moved = false;
    for (Stratum* const stratum : order) {
      const double size = move_group(*stratum, hold, std::abs(wanted - taken));
      taken += hold ? size : -size;
      moved = moved || size > 0;
    }
  }
}

/// Holds out a share of the examples that are left, and returns them.
std::vector<std::size_t> hold_out(std::vector<Stratum>& strata, Shares shares, std::uint64_t seed,
                                  std::string_view purpose) {
  for (Stratum& stratum : strata) {
    stratum.total = stratum.taken = 0;
    deal(stratum, shares);
  }
  even_out(strata, shares.held, seed, purpose);
  std::vector<std::size_t> examples;
  for (Stratum& stratum : strata) {
    for (const Group& group : stratum.held)
      examples.insert(examples.end(), group.begin(), group.end());
    stratum.held.clear();
  }
  std::sort(examples.begin(), examples.end());
  return examples;
}

}  // namespace

std::array<Dataset, 3> Dataset::split(double train, double valid, double test, std::uint64_t seed) const {
  const double sum = train + valid + test;
  if (!(train >= 0 && valid >= 0 && test >= 0 && sum > 0) || !std::isfinite(sum))
    fail(ErrorKind::option, "split: shares must be 0 or more and not all 0, e.g. 0.8, 0.1, 0.1");
  std::vector<Stratum> strata(std::max<std::size_t>(1, source_->strata()));
  for (Group& group : groups_of(*this, *source_)) {
    const std::size_t stratum = source_->strata() == 0 ? 0 : source_->stratum(place(group.front()));
    strata[stratum].left.push_back(std::move(group));
  }
  for (std::size_t stratum = 0; stratum < strata.size(); ++stratum)
    shuffle_for(strata[stratum].left, seed, "split", stratum);
  // The test part comes first, so that it does not depend on what is then taken for validation.
  const double rest = train + valid;
  const auto for_test = hold_out(strata, {cleaned(rest / sum), cleaned(test / sum)}, seed, "split, test");
  const Shares of_rest = rest > 0 ? Shares{cleaned(train / rest), cleaned(valid / rest)} : Shares{1, 0};
  const auto for_valid = hold_out(strata, of_rest, seed, "split, valid");
  std::vector<std::size_t> for_train;
  for (const Stratum& stratum : strata)
    for (const Group& group : stratum.left)
      for_train.insert(for_train.end(), group.begin(), group.end());
  std::sort(for_train.begin(), for_train.end());
  return {select(for_train), select(for_valid), select(for_test)};
}

std::vector<std::int64_t> Dataset::class_counts() const {
  std::vector<std::int64_t> counts(std::max(class_names().size(), source_->strata()));
  for (std::size_t i = 0; i < size(); ++i) {
    if (target() == Target::step_labels) {
      for (const std::int32_t step : step_labels(i).data<std::int32_t>())
        ++counts[static_cast<std::size_t>(step)];
    } else if (source_->strata() > 0) {
      ++counts[source_->stratum(place(i))];
    } else {
      fail(ErrorKind::usage, "class_counts: the dataset does not have one class per example");
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
  auto classes = by_class(*this, "over_sample");
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
  auto classes = by_class(*this, "under_sample");
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
