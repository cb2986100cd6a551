#include "tasks/forecast/refit.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/message.h"
#include "base/shown.h"
#include "tasks/forecast/reading.h"

namespace rondo::forecast {

Refits::Refits(const ForecastModel& model, const std::vector<SeriesPart>& parts,
               std::span<const Window> windows, int every, std::function<void(const std::string&)> notice)
    : model_(model),
      parts_(parts),
      windows_(windows),
      notice_(std::move(notice)),
      every_(static_cast<std::size_t>(every)) {
  std::size_t age = 0;
  for (std::size_t i = windows.size(); i-- > 0;) {
    age = i + 1 < windows.size() && windows[i + 1].series == windows[i].series ? age + 1 : 0;
    if (by_age_.size() <= age) by_age_.resize(age + 1);
    by_age_[age].push_back(i);
  }
  left_ = by_age_.size();
  const std::size_t trainings = (left_ + every_ - 1) / every_;
  if (notice_)
    notice_("refit: " + std::to_string(trainings) + (trainings == 1 ? " training" : " trainings") +
            " from scratch, each as long as the model's own");
}

Forecaster Refits::train(std::size_t age) const {
  std::vector<SeriesPart> parts;
  for (const std::size_t i : by_age_[age]) {
    SeriesPart part = parts_[static_cast<std::size_t>(windows_[i].series)];
    part.begin = 0;
    part.end = windows_[i].origin;
    parts.push_back(part);
  }
  std::reverse(parts.begin(), parts.end());
  constexpr double valid_share = 0.1;
  HeldOut split = hold_out_last(parts, valid_share, 1, parts.front().frame->windows);
  const Dataset valid = split.held.empty() ? Dataset() : dataset_of(std::move(split.held));
  ForecasterOptions options = model_.options();
  options.training.init.clear();
  options.training.monitor = valid.empty() ? "loss" : "val_loss";
  return Forecaster::train(dataset_of(std::move(split.kept)), valid, std::move(options));
}

std::optional<Refit> Refits::next() {
  if (left_ == 0) return std::nullopt;
  const auto start = std::chrono::steady_clock::now();
  const std::size_t age = left_ - 1;
  Refit refit{train(age), {}};
  for (; left_ > 0 && age - (left_ - 1) < every_; --left_)
    refit.windows.insert(refit.windows.end(), by_age_[left_ - 1].begin(), by_age_[left_ - 1].end());
  std::sort(refit.windows.begin(), refit.windows.end());
  seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ++done_;
  const std::size_t more = (left_ + every_ - 1) / every_;
  const double each = seconds_ / static_cast<double>(done_);
  if (notice_)
    notice_("refit " + std::to_string(done_) + " of " + std::to_string(done_ + more) + ": " +
            fixed(seconds_, 1) + " s so far" +
            (more > 0 ? ", about " + fixed(each * static_cast<double>(more), 0) + " s to go" : ""));
  return refit;
}

}  // namespace rondo::forecast
