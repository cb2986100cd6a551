// WideStream: the scores of a text that arrives token by token.
#include <algorithm>

#include "base/message.h"
#include "wide/classifier.h"

namespace rondo {

WideStream::WideStream(const WideClassifier& classifier)
    : impl_(classifier.impl_),
      seen_(static_cast<std::size_t>(impl_->table.size())),
      sums_(impl_->weights.columns()),
      scores_(impl_->classes.size()) {
  last_tokens_.reserve(impl_->table.longest());
}

std::span<const float> WideStream::push_id(std::int32_t token) {
  const std::int32_t vocabulary = impl_->encoder.vocab().size();
  if (token < 0 || token >= vocabulary)
    fail(ErrorKind::data, "push_id(): a token is a number from 0 to " + std::to_string(vocabulary - 1) +
                              ", got " + std::to_string(token));
  if (last_tokens_.size() == impl_->table.longest()) last_tokens_.erase(last_tokens_.begin());
  last_tokens_.push_back(token);
  for (std::size_t begin = 0; begin < last_tokens_.size(); ++begin) {
    const std::int32_t ngram = impl_->table.find(std::span(last_tokens_).subspan(begin));
    if (ngram < 0 || seen_[static_cast<std::size_t>(ngram)]) continue;
    seen_[static_cast<std::size_t>(ngram)] = true;
    impl_->weights.add(ngram, sums_);
  }
  impl_->scores(sums_, scores_);
  return scores_;
}

void WideStream::reset() noexcept {
  last_tokens_.clear();
  std::fill(seen_.begin(), seen_.end(), false);
  std::fill(sums_.begin(), sums_.end(), 0);
}

WideStream::State WideStream::state() const {
  State state{.last_tokens = last_tokens_, .ngrams = {}};
  for (std::size_t ngram = 0; ngram < seen_.size(); ++ngram)
    if (seen_[ngram]) state.ngrams.push_back(static_cast<std::int32_t>(ngram));
  return state;
}

void WideStream::set_state(const State& state) {
  const std::int32_t vocabulary = impl_->encoder.vocab().size();
  const auto outside = [](std::int32_t size) {
    return [size](std::int32_t i) { return i < 0 || i >= size; };
  };
  if (state.last_tokens.size() > impl_->table.longest() ||
      std::any_of(state.last_tokens.begin(), state.last_tokens.end(), outside(vocabulary)) ||
      std::any_of(state.ngrams.begin(), state.ngrams.end(), outside(impl_->table.size())))
    fail(ErrorKind::shape,
         "set_state(): the state has tokens or n-grams that this model lacks; is it another "
         "model's?");
  reset();
  last_tokens_.assign(state.last_tokens.begin(), state.last_tokens.end());
  for (const std::int32_t ngram : state.ngrams) {
    if (seen_[static_cast<std::size_t>(ngram)]) continue;
    seen_[static_cast<std::size_t>(ngram)] = true;
    impl_->weights.add(ngram, sums_);
  }
}

}  // namespace rondo
