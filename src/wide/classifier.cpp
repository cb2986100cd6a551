// WideClassifier: what it says of texts. Its training is in train.cpp, its file in arrays.cpp.
#include "wide/classifier.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/message.h"
#include "runtime/parallel.h"

namespace rondo {

void WideClassifier::Impl::scores(std::span<const std::int64_t> sums, std::span<float> scores) const {
  for (std::size_t column = 0; column < sums.size(); ++column)
    scores[wide::class_of_column(column, classes.size())] = weights.score(column, sums[column]);
  if (classes.size() == 2) scores[0] = -scores[1];
}

std::vector<float> WideClassifier::Impl::scores_of(std::span<const std::int32_t> tokens) const {
  std::vector<std::int32_t> found;
  table.numbers(tokens, found);
  std::vector<std::int64_t> sums(weights.columns());
  for (const std::int32_t ngram : found)
    weights.add(ngram, sums);
  std::vector<float> result(classes.size());
  scores(sums, result);
  return result;
}

std::size_t WideClassifier::Impl::checked(std::size_t class_number) const {
  if (class_number >= classes.size())
    fail(ErrorKind::usage, "there are classes 0 to " + std::to_string(classes.size() - 1) + ", not " +
                               std::to_string(class_number));
  return class_number;
}

WideClassifier::WideClassifier(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

const std::vector<std::string>& WideClassifier::class_names() const noexcept {
  return impl_->classes;
}
const WideOptions& WideClassifier::options() const noexcept {
  return impl_->options;
}
const TextEncoder& WideClassifier::encoder() const noexcept {
  return impl_->encoder;
}
std::int32_t WideClassifier::ngrams() const noexcept {
  return impl_->table.size();
}
std::size_t WideClassifier::weights() const noexcept {
  return impl_->weights.size();
}
float WideClassifier::bias(std::size_t class_number) const {
  const std::size_t column = impl_->column_of(impl_->checked(class_number));
  return impl_->sign(class_number) * impl_->weights.bias(column);
}

std::vector<float> WideClassifier::scores(std::string_view text) const {
  return impl_->scores_of(impl_->encoder.encode(text).tokens);
}

std::vector<std::vector<float>> WideClassifier::scores(std::span<const std::string> texts) const {
  std::vector<std::vector<float>> all(texts.size());
  parallel_for(static_cast<std::int64_t>(texts.size()), 32, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      all[i] = scores(texts[i]);
  });
  return all;
}

std::vector<float> WideClassifier::probabilities(std::string_view text) const {
  std::vector<float> shares = scores(text);
  double sum = 0;
  for (float& share : shares) {  // of one class against the rest
    share = static_cast<float>(1 / (1 + std::exp(-static_cast<double>(share))));
    sum += static_cast<double>(share);
  }
  for (float& share : shares)
    share = static_cast<float>(static_cast<double>(share) / sum);
  return shares;
}

namespace {

/// The n-gram as text: words with spaces between them.
std::string spelled(const WideClassifier::Impl& model, std::int32_t ngram) {
  return model.encoder.decode(model.table.tokens(ngram));
}

std::vector<NgramWeight> spelled(const WideClassifier::Impl& model,
                                 std::span<const std::pair<float, std::int32_t>> weighed) {
  std::vector<NgramWeight> result;
  result.reserve(weighed.size());
  for (const auto& [weight, ngram] : weighed)
    result.push_back({spelled(model, ngram), weight});
  return result;
}

}  // namespace

std::vector<NgramWeight> WideClassifier::strongest(std::size_t class_number, std::size_t count) const {
  const Impl& m = *impl_;
  const std::size_t column = m.column_of(m.checked(class_number));
  std::vector<std::pair<float, std::int32_t>> weighed;
  for (std::int32_t ngram = 0; ngram < m.table.size(); ++ngram) {
    const float weight = m.sign(class_number) * m.weights.weight(ngram, column);
    if (weight > 0) weighed.emplace_back(weight, ngram);
  }
  const auto kept = static_cast<std::ptrdiff_t>(std::min(count, weighed.size()));
  std::partial_sort(weighed.begin(), weighed.begin() + kept, weighed.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  return spelled(m, std::span(weighed).first(static_cast<std::size_t>(kept)));
}

std::vector<NgramWeight> WideClassifier::contributions(std::string_view text,
                                                       std::size_t class_number) const {
  const Impl& m = *impl_;
  const std::size_t column = m.column_of(m.checked(class_number));
  std::vector<std::int32_t> found;
  m.table.numbers(m.encoder.encode(text).tokens, found);
  std::vector<std::pair<float, std::int32_t>> weighed;
  for (const std::int32_t ngram : found) {
    const float weight = m.sign(class_number) * m.weights.weight(ngram, column);
    if (weight != 0) weighed.emplace_back(weight, ngram);
  }
  std::sort(weighed.begin(), weighed.end(), [](const auto& a, const auto& b) {
    const float of_a = std::abs(a.first), of_b = std::abs(b.first);
    return of_a != of_b ? of_a > of_b : a.second < b.second;
  });
  return spelled(m, weighed);
}

}  // namespace rondo
