#include "ops/crf/chain.h"

#include <cmath>
#include <utility>

namespace rondo::crf {
namespace {

/// Sums of powers below this may have lost terms that count.
constexpr double vanishing = 1e-280;

std::vector<double> numbers_of(std::string_view operation, std::string_view name, const Var& x, Shape shape,
                               DType type) {
  Index size = 1;
  for (const Index n : shape)
    size *= n;
  std::vector<double> numbers(static_cast<std::size_t>(size));
  if (!x.defined()) return numbers;
  checked(operation, name, x, shape, type);
  visit_float(type, operation,
              [&]<class T>() { std::copy_n(elements<T>(x.value()), size, numbers.begin()); });
  return numbers;
}

void forbid(std::string_view operation, std::string_view name, const std::vector<std::uint8_t>& allowed,
            std::vector<double>& numbers) {
  if (allowed.empty()) return;
  if (allowed.size() != numbers.size())
    refuse_shape(operation, "rules of " + std::to_string(numbers.size()) + " for '" + std::string(name) + "'",
                 std::to_string(allowed.size()));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (allowed[i] == 0) numbers[i] = never;
}

}  // namespace

double log_sum(Index n, const double* x) {
  const double largest = *std::max_element(x, x + n);
  if (largest == never) return never;
  double sum = 0;
  for (Index i = 0; i < n; ++i)
    sum += std::exp(x[i] - largest);
  return largest + std::log(sum);
}

LogMatrix::LogMatrix(Index size, std::vector<double> logs)
    : size_(size), logs_(std::move(logs)), powers_(logs_.size()) {
  largest_ = *std::max_element(logs_.begin(), logs_.end());
  if (largest_ == never) largest_ = 0;
  std::transform(logs_.begin(), logs_.end(), powers_.begin(),
                 [this](double log) { return std::exp(log - largest_); });
}

LogMatrix LogMatrix::transposed() const {
  std::vector<double> logs(logs_.size());
  for (Index j = 0; j < size_; ++j)
    for (Index k = 0; k < size_; ++k)
      logs[static_cast<std::size_t>(k * size_ + j)] = logs_[static_cast<std::size_t>(j * size_ + k)];
  return {size_, std::move(logs)};
}

double LogMatrix::exact(const double* x, Index column) const {
  double largest = never, sum = 0;
  for (Index j = 0; j < size_; ++j)
    largest = std::max(largest, x[j] + logs(j)[column]);
  if (largest == never) return never;
  for (Index j = 0; j < size_; ++j)
    sum += std::exp(x[j] + logs(j)[column] - largest);
  return largest + std::log(sum);
}

double LogMatrix::multiply(const double* x, double* to_powers, double* out) const {
  const double largest_x = std::max(*std::max_element(x, x + size_), std::numeric_limits<double>::lowest());
  std::fill_n(out, size_, 0.0);
  for (Index j = 0; j < size_; ++j) {
    const double power = to_powers[j] = std::exp(x[j] - largest_x);
    if (power == 0) continue;
    const double* const row = powers(j);
    for (Index k = 0; k < size_; ++k)
      out[k] += power * row[k];
  }
  for (Index k = 0; k < size_; ++k)
    out[k] = out[k] < vanishing ? exact(x, k) : std::log(out[k]) + largest_x + largest_;
  return largest_x;
}

Chain chain_of(std::string_view operation, const Sequences& scores, const CRFWeights& weights,
               const TagRules& rules) {
  if (scores.count() == 0) refuse_shape(operation, "sequences of scores", "none");
  check_matrix(operation, scores.rows());
  const Index tags = scores.features();
  if (tags < 1) refuse_shape(operation, "scores of at least one tag", describe(scores.rows()));
  const DType type = scores.rows().dtype();
  Chain chain{tags, numbers_of(operation, "transitions", weights.transitions, {tags, tags}, type),
              numbers_of(operation, "start", weights.start, {tags}, type),
              numbers_of(operation, "end", weights.end, {tags}, type)};
  forbid(operation, "transitions", rules.transitions, chain.transitions);
  forbid(operation, "start", rules.start, chain.start);
  forbid(operation, "end", rules.end, chain.end);
  return chain;
}

std::vector<Index> begins_of(const Layout& layout) {
  std::vector<Index> begins;
  Index rows = 0;
  for (const std::int32_t length : layout.lengths()) {
    begins.push_back(rows);
    rows += length;
  }
  return begins;
}

void refuse_length(std::string_view operation, Index length) {
  fail(ErrorKind::data, std::string(operation) + ": the rules allow no tags at all for a sequence of " +
                            std::to_string(length));
}

}  // namespace rondo::crf
