#include "inspect/sequential.h"

#include <algorithm>

#include <rondo/error.h>

#include "base/message.h"
#include "model/sequential_impl.h"

namespace rondo::inspect {
namespace {

/// As many as share a batch when variants of a text are computed.
constexpr std::size_t at_once = 64;

const Sequential::Impl& reading(const Sequential& model) {
  if (!model.impl().takes_text())
    fail(ErrorKind::usage,
         "inspect: the model takes features, and a text was given; watch it with "
         "inspect::Watch while it predicts");
  model.impl().live("inspect");
  return model.impl();
}

data::Batch packed(std::span<const EncodedText> texts) {
  std::vector<std::vector<std::int32_t>> tokens, bigrams;
  for (const EncodedText& text : texts) {
    tokens.push_back(text.tokens);
    if (!text.bigrams.empty()) bigrams.push_back(text.bigrams);
  }
  data::Batch batch;
  batch.ids = Ids::pack(tokens, bigrams);
  batch.layout = batch.ids.layout();
  return batch;
}

/// Pairs of neighbours anew: an edit makes others.
EncodedText again(const Sequential& model, const TokenText& from, std::vector<std::string> texts,
                  EncodedText numbers) {
  if (from.numbers.bigrams.empty()) return numbers;
  if (model.encoder().options().tokenizer == Tokenizer::subwords) return numbers;
  EncodedText encoded = model.encoder().encode(texts);
  return encoded.tokens.size() == numbers.tokens.size() ? encoded : numbers;
}

bool is_pair(const Sequential::Impl& model, std::int64_t width) {
  return width == 1 && model.classes.size() == 2;
}

/// 1 where a row is largest. With two classes under a sigmoid: 1 if the second is predicted.
Tensor chosen(const Sequential::Impl& model, const Tensor& outputs) {
  Tensor mask = Tensor::zeros(outputs.shape(), outputs.dtype());
  const std::span<const float> values = outputs.data<float>();
  const auto width = static_cast<std::size_t>(outputs.columns());
  for (std::size_t begin = 0; begin < values.size(); begin += width) {
    const auto row = values.subspan(begin, width);
    const auto best = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    mask.data<float>()[begin + best] = width == 1 && row[0] < model.threshold ? 0.0F : 1.0F;
  }
  return mask;
}

Var explained_of(const Sequential::Impl& impl, const data::Batch& batch) {
  const LayerStack& network = impl.live("inspect");
  const Var outputs = network.outputs(network.scores(batch), batch);
  if (impl.classes.empty()) return sum(outputs);
  const Tensor mask = chosen(impl, outputs.value());
  const Var ones(Tensor::full({outputs.columns(), 1}, 1, outputs.dtype()));
  // The logarithm comes last: that of another class's probability may be infinite.
  if (!is_pair(impl, outputs.columns())) return sum(log(matmul(outputs * Var(mask), ones)));
  const Var one(Tensor::full({}, 1, outputs.dtype()));
  const Var right = outputs * Var(mask) + (one - outputs) * (one - Var(mask));
  return sum(log(right));
}

std::vector<Run> runs_over(const Sequential::Impl& impl, const data::Batch& batch) {
  Watch watch;
  const Recording recording({.dropout = false});
  explained_of(impl, batch).backward();
  const std::span<const Run> seen = watch.runs();
  return {seen.begin(), seen.end()};
}

}  // namespace

TokenText read_text(const Sequential& model, std::string_view text, std::size_t most) {
  reading(model);
  const TextEncoder& encoder = model.encoder();
  TokenText read{.numbers = encoder.encode(text)};
  std::vector<std::int32_t>& numbers = read.numbers.tokens;
  if (most > 0 && numbers.size() > most) {
    numbers.resize(most);
    if (!read.numbers.bigrams.empty()) read.numbers.bigrams.resize(most);
  }
  std::vector<std::string> written;
  if (encoder.options().tokenizer != Tokenizer::subwords) written = tokenize(text, encoder.options());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    read.texts.push_back(written.size() >= numbers.size() ? written[i]
                                                          : std::string(encoder.vocab().token(numbers[i])));
  return read;
}

EncodedText without(const Sequential& model, const TokenText& text, std::size_t token) {
  if (text.texts.size() < 2) return with_unknown(model, text, token);
  const auto at = static_cast<std::ptrdiff_t>(token);
  EncodedText numbers = text.numbers;
  numbers.tokens.erase(numbers.tokens.begin() + at);
  if (!numbers.bigrams.empty()) numbers.bigrams.erase(numbers.bigrams.begin() + at);
  std::vector<std::string> texts = text.texts;
  texts.erase(texts.begin() + at);
  return again(model, text, std::move(texts), std::move(numbers));
}

EncodedText with_unknown(const Sequential& model, const TokenText& text, std::size_t token) {
  EncodedText numbers = text.numbers;
  numbers.tokens.at(token) = Vocab::unknown;
  std::vector<std::string> texts = text.texts;
  texts[token] = std::string(model.encoder().vocab().token(Vocab::unknown));
  return again(model, text, std::move(texts), std::move(numbers));
}

EncodedText beginning(const TokenText& text, std::size_t count) {
  EncodedText numbers = text.numbers;
  numbers.tokens.resize(count);
  if (!numbers.bigrams.empty()) numbers.bigrams.resize(count);
  return numbers;
}

std::vector<std::vector<double>> outputs_of(const Sequential& model, std::span<const EncodedText> texts) {
  const Sequential::Impl& impl = reading(model);
  const LayerStack& network = impl.live("inspect");
  const InferenceMode constant;
  std::vector<std::vector<double>> all(texts.size());
  for (std::size_t begin = 0; begin < texts.size(); begin += at_once) {
    const auto part = texts.subspan(begin, std::min(at_once, texts.size() - begin));
    const data::Batch batch = packed(part);
    const Tensor outputs = network.outputs(network.scores(batch), batch).value();
    for (std::int64_t k = 0; k < batch.layout->sequences(); ++k) {
      std::vector<double>& own =
          all[begin + static_cast<std::size_t>(batch.layout->order()[static_cast<std::size_t>(k)])];
      const std::int64_t rows = network.per_step() ? batch.layout->length(k) : 1;
      for (std::int64_t t = 0; t < rows; ++t)
        for (std::int64_t j = 0; j < outputs.columns(); ++j)
          own.push_back(
              outputs.at((network.per_step() ? batch.layout->row(k, t) : k) * outputs.columns() + j));
      if (is_pair(impl, outputs.columns()) && !network.per_step()) own.insert(own.begin(), 1 - own[0]);
    }
  }
  return all;
}

Var explained(const Sequential& model, const EncodedText& text) {
  reading(model);
  return explained_of(model.impl(), packed({&text, 1}));
}

std::vector<Run> runs(const Sequential& model, std::string_view text) {
  const TokenText read = read_text(model, text);
  return runs_over(model.impl(), packed({&read.numbers, 1}));
}

std::vector<Run> runs(const Sequential& model, const Tensor& features) {
  const Sequential::Impl& impl = model.impl();
  impl.live("inspect");
  if (impl.takes_text()) fail(ErrorKind::usage, "inspect: the model takes text, and features were given");
  if (features.shape().size() != 2 || features.columns() != impl.shapes.front().width)
    fail(ErrorKind::shape, impl.shapes.front().giver + " takes features [steps, " +
                               std::to_string(impl.shapes.front().width) + "], got " +
                               to_string(features.shape()));
  data::Batch batch;
  batch.features = features;
  batch.layout = Layout::uniform(1, features.rows());
  return runs_over(impl, batch);
}

Trajectory gates(const Sequential& model, std::string_view text) {
  const std::vector<Run> seen = runs(model, text);
  if (seen.empty()) fail(ErrorKind::usage, "inspect: the model has no recurrent layer");
  return trajectory(seen.front());
}

}  // namespace rondo::inspect
