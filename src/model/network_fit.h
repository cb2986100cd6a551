/// A user-defined network in the form that the Trainer needs, and its scores.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/network/any_model.h>

namespace rondo {

using MetricRules = std::vector<detail::MetricRule>;

/// Error(option) if two scores have the same name, or one has none.
void check(const MetricRules& metrics);

/// The sums of the metrics: of all, or only of those `in_training`.
class NetworkSums {
 public:
  NetworkSums(const MetricRules& metrics, bool in_training);

  bool empty() const noexcept { return sums_.empty(); }
  /// Adds one list per metric. Error(usage) if a metric does not always give the same number of numbers.
  void add(const std::vector<std::vector<double>>& of_batch);
  Scores scores() const;

  /// All sums as text, and back.
  std::string save() const;
  void restore(std::string_view saved);

 private:
  std::vector<const detail::MetricRule*> metrics_;
  std::vector<std::vector<double>> sums_;
};

/// The mean loss and the metrics over one pass in order. Nothing if `stop`, called after each batch, returned
/// true.
std::optional<Scores> scores_of(detail::Pass& pass, const MetricRules& metrics,
                                const std::function<bool()>& stop);

class NetworkFit final : public Trainable {
 public:
  /// `validation` may be null. Store and metrics must outlive it.
  NetworkFit(ParameterStore& store, const MetricRules& metrics, std::unique_ptr<detail::Pass> train,
             std::unique_ptr<detail::Pass> validation, std::string header);

  ParameterStore& parameters() override { return store_; }
  std::uint64_t fingerprint() const override;
  std::size_t begin_epoch(std::int64_t epoch, std::size_t first) override;
  BatchLoss next() override;
  Scores scores() override { return sums_.scores(); }
  std::string save_sums() const override { return sums_.empty() ? std::string() : sums_.save(); }
  void restore_sums(std::string_view saved) override;
  bool has_validation() const override { return validation_ != nullptr; }
  std::optional<Scores> validate(const std::function<bool()>& stop) override;
  Better better(std::string_view score) const override;
  std::optional<std::vector<std::string>> score_names() const override;
  /// Empty between epochs, where no state is carried.
  NamedTensors carried() const override;
  void carry(const NamedTensors& carried) override;
  std::string header() const override { return header_; }

 private:
  ParameterStore& store_;
  const MetricRules& metrics_;
  std::unique_ptr<detail::Pass> train_, validation_;
  std::string header_;
  NetworkSums sums_;
  std::size_t next_ = 0, batches_ = 0;
};

}  // namespace rondo
