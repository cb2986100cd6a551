/// What a Dataset shares between its copies.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <rondo/data/dataset.h>

namespace rondo {

/// Columns, checked, as the source of examples. Its strata are the classes of `labels`.
class Dataset::Columns final : public data::Source {
 public:
  explicit Columns(Examples examples);

  std::size_t size() const override { return size_; }
  std::int32_t length(std::size_t place) const override;
  std::uint64_t content(std::size_t place) const override;
  std::uint64_t key(std::size_t place) const override;
  std::size_t strata() const override;
  std::size_t stratum(std::size_t place) const override;
  std::uint64_t fingerprint(std::span<const std::size_t> places) const override;

  const Examples& entries() const noexcept { return entries_; }
  Target target() const noexcept { return target_; }
  std::int64_t feature_count() const noexcept { return feature_count_; }
  std::int64_t value_count() const noexcept { return value_count_; }

 private:
  Examples entries_;
  Target target_ = Target::none;
  std::size_t size_ = 0;
  std::int64_t feature_count_ = 0, value_count_ = 0;
};

constexpr bool has_classes(Target target) {
  return target == Target::labels || target == Target::step_labels;
}
constexpr bool has_steps(Target target) {
  return target == Target::step_labels || target == Target::step_values;
}

/// "dataset: example 3", for the beginning of a message.
std::string example_name(std::size_t example);

/// The numbers in `names` of the classes `from`; -1 for one that is not there.
std::vector<std::int32_t> class_numbers(const std::vector<std::string>& from,
                                        const std::vector<std::string>& names);

/// Copies an example, its label l as numbers[l]; with its weight if `weighted`. False, and nothing copied,
/// when a label has no number.
bool append_example(Examples& to, const Dataset& from, std::size_t example,
                    const std::vector<std::int32_t>& numbers, bool weighted);

}  // namespace rondo
