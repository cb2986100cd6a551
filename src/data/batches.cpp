// Prepares datasets for packing.
#include "data/batches.h"

#include <algorithm>

#include <rondo/error.h>

#include "base/fields.h"
#include "base/message.h"
#include "data/dataset.h"

namespace rondo::data {
namespace {

/// Targets per step belong to given tokens. Error(data) if the encoder made other tokens, or cut some.
void check_targets(const Dataset& dataset, std::size_t example, const EncodedText& encoded,
                   const layers::Tokens& options) {
  const Target target = dataset.target();
  if (target != Target::step_labels && target != Target::step_values) return;
  const auto steps = static_cast<std::int64_t>(encoded.tokens.size() + encoded.cut);
  const std::int64_t targets =
      (target == Target::step_labels ? dataset.step_labels(example) : dataset.step_values(example)).rows();
  if (steps == targets && encoded.cut == 0) return;
  const std::size_t row = dataset.place(example);
  std::string message = example_name(example);
  if (row != example) message += " (example " + std::to_string(row) + " of its source)";
  message += " has " + std::to_string(steps) + " steps, but ";
  if (steps != targets)
    message += std::to_string(targets) +
               " targets: the tokenizer gives other tokens than those with targets; give pre-split words";
  else
    message += "max_length cuts it to " + std::to_string(options.max_length) + "; set max_length = 0";
  fail(ErrorKind::data, message);
}

EncodedText encoded(const Dataset& dataset, std::size_t example, const TextEncoder& encoder) {
  return dataset.is_pre_split() ? encoder.encode(std::span<const std::string>(dataset.words(example)))
                                : encoder.encode(dataset.text(example));
}

void refuse_own_types(const Dataset& dataset) {
  if (!dataset.is_text() && dataset.feature_count() == 0)
    fail(ErrorKind::usage,
         "batches: the examples have a user-defined type; pack them by a BatchPlan of dataset.lengths()");
}

}  // namespace

Batches::Batches(const Dataset& dataset, const TextEncoder& encoder, BatchOptions options,
                 std::uint64_t seed) {
  check(options, {"batches"});
  refuse_own_types(dataset);
  if (!dataset.is_text())
    fail(ErrorKind::usage, "batches: the dataset has features, which take no text encoder");
  std::vector<std::int32_t> tokens, bigrams, lengths;
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < dataset.size(); ++i) {
    const EncodedText text = encoded(dataset, i, encoder);
    check_targets(dataset, i, text, encoder.options());
    offsets.push_back(tokens.size());
    tokens.insert(tokens.end(), text.tokens.begin(), text.tokens.end());
    bigrams.insert(bigrams.end(), text.bigrams.begin(), text.bigrams.end());
    lengths.push_back(static_cast<std::int32_t>(text.tokens.size()));
  }
  packed_ = std::make_shared<const Packed>(Packed{dataset, BatchPlan(std::move(lengths), options, seed),
                                                  std::move(tokens), std::move(bigrams), std::move(offsets)});
}

Batches::Batches(const Dataset& dataset, BatchOptions options, std::uint64_t seed) {
  check(options, {"batches"});
  refuse_own_types(dataset);
  if (dataset.is_text() && !dataset.empty())
    fail(ErrorKind::usage, "batches: the dataset has texts, which need a text encoder");
  packed_ = std::make_shared<const Packed>(Packed{dataset, BatchPlan(dataset.lengths(), options, seed)});
}

Epoch Batches::walk(EpochPlan plan) const {
  Epoch epoch;
  epoch.walk_ = std::make_shared<const Epoch::Walk>(Epoch::Walk{packed_, std::move(plan)});
  return epoch;
}

Epoch Batches::epoch(std::int64_t number) const {
  return walk(packed_->plan.epoch(number));
}

Epoch Batches::in_order() const {
  return walk(packed_->plan.in_order());
}

std::int64_t Batches::rows() const noexcept {
  return packed_->plan.rows();
}

std::size_t Batches::examples() const noexcept {
  return packed_->plan.lengths().size();
}

std::size_t Epoch::size() const noexcept {
  return walk_->plan.size();
}

std::span<const std::size_t> Epoch::examples(std::size_t number) const {
  return walk_->plan.examples(number);
}

}  // namespace rondo::data
