/// Small networks of one's own that several tests train.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <rondo/network.h>
#include <rondo/ops.h>

namespace rondo::testing_support {

/// A class for each step: says outputs, answers, and goes step by step.
struct Tagger {
  using Input = data::Features;
  struct Options {
    int units = 6;
    float dropout = 0;
    static constexpr auto fields() {
      return std::tuple{field("units", &Options::units, "size of the state", 1, 64),
                        field("dropout", &Options::dropout, "of the states", 0, 1)};
    }
  };

  nn::GRUCell cell;
  nn::Dense label;
  float rate;
  std::uint64_t key;
  std::vector<std::string> classes;

  Tagger(const Scope& in, const Input& input, const Options& o)
      : cell(in / "cell", input.features, {.units = o.units}),
        label(in / "label", o.units, {.units = static_cast<int>(input.classes.size())}),
        rate(o.dropout),
        key(in.key("dropout")),
        classes(input.classes) {}

  Sequences outputs(const data::Batch& batch) const {
    const nn::Recurrence read = nn::Recurrent<nn::GRUCell>(cell)(Sequences(batch.features, batch.layout));
    return label(dropout(read.outputs, rate, key));
  }
  BatchLoss loss(const data::Batch& batch) const {
    return {.loss = cross_entropy(outputs(batch).rows(), batch.labels),
            .weight = static_cast<double>(batch.layout->rows())};
  }
  std::vector<std::vector<std::string>> predict(const data::Batch& batch) const {
    const Sequences scores = outputs(batch);
    std::vector<std::vector<std::string>> answers;
    for (std::int64_t s = 0; s < batch.layout->sequences(); ++s) {
      std::vector<std::string>& answer = answers.emplace_back();
      for (std::int64_t t = 0; t < batch.layout->length(s); ++t)
        answer.push_back(classes[best(scores.rows(), batch.layout->row(s, t))]);
    }
    return answers;
  }
  State start(std::int64_t rows) const { return cell.start(rows); }
  StepResult step(const Var& x, const State& state) const {
    State next = cell(x, state);
    return {label(next[0]), next};
  }

  static std::size_t best(const Var& scores, std::int64_t row) {
    const auto width = static_cast<std::size_t>(scores.columns());
    const auto of_row = scores.values().subspan(static_cast<std::size_t>(row) * width, width);
    return static_cast<std::size_t>(std::max_element(of_row.begin(), of_row.end()) - of_row.begin());
  }
  /// Steps of a batch that get their class, and all.
  static std::vector<double> right(const BatchView<Tagger>& seen) {
    double count = 0;
    const auto labels = seen.batch().labels.data<std::int32_t>();
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (static_cast<std::int32_t>(best(seen.outputs().rows(), static_cast<std::int64_t>(i))) == labels[i])
        ++count;
    return {count, static_cast<double>(labels.size())};
  }
};
static_assert(all_fields_listed<Tagger::Options>);

/// One long text as chunks of five tokens, `batch_size` stretches of it beside each other.
struct RunningText {
  static constexpr std::int64_t length = 5;
  struct Batch {
    Ids ids;
    Tensor next;  ///< i32 [rows]: the token after each
    std::shared_ptr<const Layout> layout;
  };
  struct Chunks {
    std::vector<std::int32_t> tokens;
    std::int64_t stretches = 1;

    std::int64_t stretch() const { return (static_cast<std::int64_t>(tokens.size()) - 1) / stretches; }
    std::size_t size() const { return static_cast<std::size_t>(stretch() / length); }
    Batch batch(std::size_t number) const {
      std::vector<std::int32_t> here, next;
      for (std::int64_t t = 0; t < length; ++t)
        for (std::int64_t s = 0; s < stretches; ++s) {
          const auto at =
              static_cast<std::size_t>(s * stretch() + static_cast<std::int64_t>(number) * length + t);
          here.push_back(tokens[at]);
          next.push_back(tokens[at + 1]);
        }
      const auto layout = Layout::uniform(stretches, length);
      return {Ids(Tensor::of({layout->rows()}, here), layout), Tensor::of({layout->rows()}, next), layout};
    }
  };
  struct Batches {
    Chunks chunks;
    Chunks epoch(std::int64_t) const { return chunks; }
    Chunks in_order() const { return chunks; }
  };

  TextEncoder encoder;

  static RunningText learn(const Dataset& train) {
    return {TextEncoder::learn(train.texts(), {.tokenizer = Tokenizer::characters})};
  }
  Batches batches(const Dataset& examples, data::BatchOptions options, std::uint64_t) const {
    return {{encoder.encode(examples.text(0)).tokens, options.batch_size}};
  }
  std::string to_json() const { return encoder.to_json(); }
  static RunningText from_json(std::string_view json) { return {TextEncoder::from_json(json)}; }
};

/// A language model of letters that carries its state from chunk to chunk.
struct Letters {
  using Input = RunningText;
  struct Options {
    int units = 8;
    static constexpr auto fields() {
      return std::tuple{field("units", &Options::units, "size of the state", 1, 64)};
    }
  };

  nn::Embedding embed;
  nn::LSTM read;
  nn::Dense next;

  Letters(const Scope& in, const Input& input, const Options& o)
      : embed(in / "embed", {.dim = 4, .vocab = input.encoder.vocab().size()}),
        read(in / "read", 4, {.units = o.units, .return_sequences = true}),
        next(in / "next", o.units, {.units = input.encoder.vocab().size()}) {}

  Sequences outputs(const RunningText::Batch& batch, State& carried) const {
    nn::Recurrence result = read.run(embed(batch.ids), carried);
    carried = std::move(result.state);
    return next(result.outputs);
  }
  BatchLoss loss(const RunningText::Batch& batch, State& carried) const {
    return {.loss = cross_entropy(outputs(batch, carried).rows(), batch.next),
            .weight = static_cast<double>(batch.layout->rows())};
  }
};
static_assert(all_fields_listed<Letters::Options>);

/// Some hundred letters with a rhyme and a reason.
inline Dataset small_text() {
  std::string text;
  for (const char* const word :
       {"tin", "ton", "tan", "ten", "sin", "son", "sun", "nun", "net", "not", "nut", "set"})
    for (int i = 0; i < 6; ++i)
      text += std::string(word) + (i % 2 == 0 ? " on " : " in ");
  return Dataset(Examples{.texts = {text}});
}

}  // namespace rondo::testing_support
