// Sequential: predictions, for one example and for many.
#include <algorithm>
#include <numeric>
#include <ostream>

#include "base/message.h"
#include "base/shown.h"
#include "model/sequential_impl.h"
#include "runtime/parallel.h"

namespace rondo {
namespace {

/// How many examples to compute together: enough rows for the matrix products, few enough for the caches.
constexpr std::size_t most_sequences = 64;
constexpr std::size_t most_rows = std::size_t{1} << 14;

std::size_t length_of(const EncodedText& text) {
  return text.tokens.size();
}
std::size_t length_of(const Tensor& features) {
  return static_cast<std::size_t>(features.rows());
}

data::Batch pack(std::vector<const EncodedText*> texts) {
  std::vector<std::vector<std::int32_t>> tokens, bigrams;
  for (const EncodedText* text : texts) {
    tokens.push_back(text->tokens);
    if (!text->bigrams.empty()) bigrams.push_back(text->bigrams);
  }
  data::Batch batch;
  batch.ids = Ids::pack(tokens, bigrams);
  batch.layout = batch.ids.layout();
  return batch;
}

data::Batch pack(std::vector<const Tensor*> features) {
  std::vector<Tensor> rows;
  for (const Tensor* t : features)
    rows.push_back(*t);
  const Sequences packed = Sequences::pack(rows);
  data::Batch batch;
  batch.features = packed.rows().value();
  batch.layout = packed.layout();
  return batch;
}

/// One tensor for each sequence of the batch, in the order given to pack(). For inside an InferenceMode.
std::vector<Tensor> outputs_of(const LayerStack& network, const data::Batch& batch) {
  const Var outputs = network.outputs(network.scores(batch), batch);
  if (network.per_step()) return Sequences(outputs, batch.layout).unpack();
  std::vector<Tensor> rows(static_cast<std::size_t>(batch.layout->sequences()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    rows[static_cast<std::size_t>(batch.layout->order()[i])] =
        outputs.value().slice_rows(row, row + 1).reshape({outputs.columns()}).clone();
  }
  return rows;
}

/// Groups examples of similar length. The borders of groups affect only the speed.
template <class Example>
std::vector<std::vector<std::size_t>> groups_of(std::span<const Example> examples) {
  std::vector<std::size_t> order(examples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return length_of(examples[a]) > length_of(examples[b]);
  });
  std::vector<std::vector<std::size_t>> groups;
  std::size_t rows = 0;
  for (const std::size_t i : order) {
    rows += length_of(examples[i]);
    if (groups.empty() || groups.back().size() == most_sequences || rows > most_rows) {
      groups.emplace_back();
      rows = length_of(examples[i]);
    }
    groups.back().push_back(i);
  }
  return groups;
}

template <class Example>
std::vector<Tensor> compute(const LayerStack& network, std::span<const Example> examples) {
  const std::vector<std::vector<std::size_t>> groups = groups_of(examples);
  std::vector<Tensor> results(examples.size());
  const auto one_group = [&](std::int64_t g) {
    const std::vector<std::size_t>& group = groups[static_cast<std::size_t>(g)];
    std::vector<const Example*> members;
    for (const std::size_t i : group)
      members.push_back(&examples[i]);
    std::vector<Tensor> outputs = outputs_of(network, pack(std::move(members)));
    for (std::size_t i = 0; i < group.size(); ++i)
      results[group[i]] = std::move(outputs[i]);
  };
  const auto count = static_cast<std::int64_t>(groups.size());
  const InferenceMode inference;  // keeps the packed weights of all threads until the end
  if (count < parallelism()) {    // few groups: let the operations use the threads
    for (std::int64_t g = 0; g < count; ++g)
      one_group(g);
    return results;
  }
  parallel_for(count, 1, [&](std::int64_t begin, std::int64_t end) {
    const InferenceMode of_this_thread;
    for (std::int64_t g = begin; g < end; ++g)
      one_group(g);
  });
  return results;
}

template <class Text>
std::vector<Tensor> compute_texts(const Sequential::Impl& model, std::span<const Text> texts) {
  std::vector<EncodedText> encoded(texts.size());
  parallel_for(static_cast<std::int64_t>(texts.size()), 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      encoded[static_cast<std::size_t>(i)] = model.encoder->encode(texts[static_cast<std::size_t>(i)]);
  });
  return compute(*model.network, std::span<const EncodedText>(encoded));
}

std::vector<Tensor> compute_features(const Sequential::Impl& model, std::span<const Tensor> features) {
  for (const Tensor& f : features)
    if (f.shape().size() != 2 || f.columns() != model.shapes.front().width || f.rows() < 1)
      fail(ErrorKind::shape, model.shapes.front().giver + " takes features [steps, " +
                                 std::to_string(model.shapes.front().width) + "], got " +
                                 to_string(f.shape()));
  return compute(*model.network, features);
}

const LayerStack& ready_for(const Sequential::Impl& model, bool text, bool steps, std::string_view call) {
  const LayerStack& network = model.live(call);
  if (text != model.takes_text())
    fail(ErrorKind::usage, std::string(call) + ": the model takes " +
                               (model.takes_text() ? "texts, got features" : "features, got texts"));
  if (model.classes.empty())
    fail(ErrorKind::usage, std::string(call) + ": the model gives numbers, not classes; call outputs()");
  if (steps != network.per_step())
    fail(ErrorKind::usage, std::string(call) + ": the model gives one output " +
                               (steps ? "per example; call predict()" : "per step; call predict_steps()"));
  return network;
}

Prediction prediction_of(const Sequential::Impl& model, std::span<const float> outputs) {
  Prediction result;
  std::size_t best = 0;
  if (outputs.size() == 1 && model.classes.size() == 2) {
    result.probabilities = {1 - outputs[0], outputs[0]};
    best = outputs[0] >= model.threshold ? 1 : 0;
  } else {
    result.probabilities.assign(outputs.begin(), outputs.end());
    best = result.ranking(1).at(0);
  }
  result.label = model.classes.at(best);
  result.probability = result.probabilities[best];
  return result;
}

std::vector<Prediction> one_each(const Sequential::Impl& model, std::span<const Tensor> outputs) {
  std::vector<Prediction> predictions;
  predictions.reserve(outputs.size());
  for (const Tensor& t : outputs)
    predictions.push_back(prediction_of(model, t.data<float>()));
  return predictions;
}

std::vector<Prediction> one_a_step(const Sequential::Impl& model, const Tensor& outputs) {
  std::vector<Prediction> predictions;
  const auto width = static_cast<std::size_t>(outputs.columns());
  for (std::size_t t = 0; t < static_cast<std::size_t>(outputs.rows()); ++t)
    predictions.push_back(prediction_of(model, outputs.data<float>().subspan(t * width, width)));
  return predictions;
}

}  // namespace

std::vector<std::size_t> Prediction::ranking(std::size_t count) const {
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (count == 0 || count > order.size()) count = order.size();
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::size_t a, std::size_t b) {
                      return probabilities[a] > probabilities[b] ||
                             (probabilities[a] == probabilities[b] && a < b);
                    });
  order.resize(count);
  return order;
}

std::ostream& operator<<(std::ostream& out, const Prediction& prediction) {
  return out << prediction.label << ' ' << fixed(static_cast<double>(prediction.probability), 2);
}

Prediction Sequential::predict(std::string_view text) const {
  ready_for(*impl_, true, false, "predict()");
  return one_each(*impl_, compute_texts(*impl_, std::span<const std::string_view>(&text, 1))).front();
}

std::vector<Prediction> Sequential::predict(std::span<const std::string> texts) const {
  ready_for(*impl_, true, false, "predict()");
  return one_each(*impl_, compute_texts(*impl_, texts));
}

Prediction Sequential::predict(const Tensor& features) const {
  return predict(std::span(&features, 1)).front();
}

std::vector<Prediction> Sequential::predict(std::span<const Tensor> features) const {
  ready_for(*impl_, false, false, "predict()");
  return one_each(*impl_, compute_features(*impl_, features));
}

std::vector<Prediction> Sequential::predict_steps(std::string_view text) const {
  ready_for(*impl_, true, true, "predict_steps()");
  return one_a_step(*impl_, compute_texts(*impl_, std::span<const std::string_view>(&text, 1)).front());
}

std::vector<Prediction> Sequential::predict_steps(const Tensor& features) const {
  ready_for(*impl_, false, true, "predict_steps()");
  return one_a_step(*impl_, compute_features(*impl_, std::span(&features, 1)).front());
}

std::vector<Tensor> Sequential::outputs(const Dataset& examples) const {
  impl_->live("outputs()");
  if (examples.is_text() != impl_->takes_text())
    fail(ErrorKind::data, impl_->shapes.front().giver + " takes " +
                              (impl_->takes_text() ? "texts, got features" : "features, got texts"));
  if (impl_->takes_text()) return compute_texts(*impl_, std::span<const std::string_view>(examples.texts()));
  std::vector<Tensor> features;
  for (std::size_t i = 0; i < examples.size(); ++i)
    features.push_back(examples.features(i));
  return compute_features(*impl_, features);
}

}  // namespace rondo
