// From examples to the packed rows of one batch.
#include <algorithm>

#include "data/batches.h"

namespace rondo::data {
namespace {

/// Fills packed rows of `width` elements: `rows_of(k)` gives sequence k's own rows, one after the other.
template <class T, class RowsOf>
Tensor packed(const Layout& layout, std::int64_t width, bool flat, RowsOf&& rows_of) {
  Tensor tensor =
      Tensor::uninitialised(flat ? Shape{layout.rows()} : Shape{layout.rows(), width}, dtype_of<T>);
  const std::span<T> to = tensor.data<T>();
  const auto size = static_cast<std::size_t>(width);
  for (std::int64_t sequence = 0; sequence < layout.sequences(); ++sequence) {
    const std::span<const T> from = rows_of(static_cast<std::size_t>(sequence));
    for (std::int64_t step = 0; step < layout.length(sequence); ++step)
      std::copy_n(from.data() + static_cast<std::size_t>(step) * size, size,
                  to.data() + static_cast<std::size_t>(layout.row(sequence, step)) * size);
  }
  return tensor;
}

std::shared_ptr<const Layout> layout_of(std::span<const std::size_t> examples,
                                        const std::vector<std::int32_t>& lengths) {
  std::vector<std::int32_t> of_batch;
  of_batch.reserve(examples.size());
  for (const std::size_t example : examples)
    of_batch.push_back(lengths[example]);
  return Layout::of(of_batch);
}

void pack_inputs(const Batches::Packed& packs, Batch& batch) {
  const Layout& layout = *batch.layout;
  if (!packs.dataset.is_text()) {
    batch.features = packed<float>(layout, packs.dataset.feature_count(), false, [&](std::size_t k) {
      return packs.dataset.features(batch.examples[k]).data<float>();
    });
    return;
  }
  const auto channel = [&](const std::vector<std::int32_t>& numbers) {
    return packed<std::int32_t>(layout, 1, true, [&](std::size_t k) {
      const std::size_t example = batch.examples[k];
      return std::span(numbers).subspan(packs.offsets[example],
                                        static_cast<std::size_t>(packs.plan.lengths()[example]));
    });
  };
  batch.ids =
      Ids(channel(packs.tokens), batch.layout, packs.bigrams.empty() ? Tensor() : channel(packs.bigrams));
}

/// One row an example: `row_of(example)`.
template <class T, class RowOf>
Tensor stacked(const std::vector<std::size_t>& examples, Shape shape, RowOf&& row_of) {
  Tensor tensor = Tensor::uninitialised(std::move(shape), dtype_of<T>);
  T* to = tensor.data<T>().data();
  for (const std::size_t example : examples) {
    const std::span<const T> row = row_of(example);
    to = std::copy(row.begin(), row.end(), to);
  }
  return tensor;
}

void pack_targets(const Dataset& dataset, Batch& batch) {
  const auto count = static_cast<std::int64_t>(batch.examples.size());
  const auto example = [&](std::size_t k) { return batch.examples[k]; };
  switch (dataset.target()) {
    case Target::none:
      break;
    case Target::labels: {
      std::vector<std::int32_t> labels;
      for (const std::size_t i : batch.examples)
        labels.push_back(dataset.label(i));
      batch.labels = Tensor::of({count}, labels);
      break;
    }
    case Target::step_labels:
      batch.labels = packed<std::int32_t>(*batch.layout, 1, true, [&](std::size_t k) {
        return dataset.step_labels(example(k)).data<std::int32_t>();
      });
      break;
    case Target::values:
      batch.values = stacked<float>(batch.examples, {count, dataset.value_count()},
                                    [&](std::size_t i) { return dataset.values(i).data<float>(); });
      break;
    case Target::step_values:
      batch.values = packed<float>(*batch.layout, dataset.value_count(), false, [&](std::size_t k) {
        return dataset.step_values(example(k)).data<float>();
      });
      break;
  }
  if (!dataset.weighted()) return;
  std::vector<float> weights;
  for (const std::size_t i : batch.examples)
    weights.push_back(dataset.weight(i));
  batch.weights = Tensor::of({count}, weights);
}

}  // namespace

Batch Batch::to(DType type) const {
  Batch same = *this;
  for (Tensor* numbers : {&same.features, &same.values, &same.weights})
    *numbers = numbers->to(type);
  return same;
}

Batch Epoch::batch(std::size_t number) const {
  const Batches::Packed& packs = *walk_->packed;
  const std::span<const std::size_t> members = examples(number);
  Batch batch;
  batch.examples.assign(members.begin(), members.end());
  batch.layout = layout_of(members, packs.plan.lengths());
  pack_inputs(packs, batch);
  pack_targets(packs.dataset, batch);
  return batch;
}

}  // namespace rondo::data
