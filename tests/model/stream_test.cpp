#include <cmath>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/rondo.h>

#include "base/random.h"
#include "support/expect_error.h"
#include "support/models.h"

namespace rondo {
namespace {

using namespace layers;
using test::expect_error;
namespace support = testing_support;

using Values = std::vector<float>;

Values copy_of(std::span<const float> values) {
  return {values.begin(), values.end()};
}

/// Every weight drawn anew, so that no bias is zero and no gain one.
void draw_weights(Sequential& model) {
  Random random(7);
  for (const Parameter& p : model.weights().parameters())
    for (float& x : p.leaf->value.data<float>())
      x = random.uniform(-0.6F, 0.6F);
}

Sequential of_numbers(std::vector<AnyLayer> rest, int width = 3) {
  rest.insert(rest.begin(), Input{.features = width});
  Sequential model(std::move(rest));
  model.prepare(support::small_signals(20, width));
  draw_weights(model);
  return model;
}

Sequential of_texts(std::vector<AnyLayer> rest, int bigrams = 0) {
  rest.insert(rest.begin(), {Tokens{.bigrams = bigrams}, Embedding{.dim = 5}});
  Sequential model(std::move(rest));
  model.prepare(support::small_reviews());
  draw_weights(model);
  return model;
}

Tensor numbers(std::int64_t steps, int width = 3, std::uint64_t seed = 3) {
  Random random(seed);
  Tensor x = Tensor::zeros({steps, width});
  for (float& value : x.data<float>())
    value = random.uniform(-2, 2);
  return x;
}

Values copied_values(const Tensor& x) {
  return copy_of(x.data<float>());
}

std::span<const float> row_of(const Tensor& x, std::int64_t row) {
  const auto width = static_cast<std::size_t>(x.columns());
  return x.data<float>().subspan(static_cast<std::size_t>(row) * width, width);
}

/// What the model gives after each step of x, by whole sequences.
std::vector<Values> by_sequences(const Sequential& model, const Tensor& x) {
  std::vector<Values> all;
  const std::vector<std::string> label = {"up"};
  for (std::int64_t steps = 1; steps <= x.rows(); ++steps) {
    const Tensor whole = model.outputs(data::labelled_features({x.slice_rows(0, steps)}, label)).front();
    all.push_back(copy_of(whole.shape().size() == 2 ? row_of(whole, steps - 1) : whole.data<float>()));
  }
  return all;
}

std::vector<Values> by_pushes(Stream& stream, const Tensor& x) {
  std::vector<Values> all;
  for (std::int64_t step = 0; step < x.rows(); ++step)
    all.push_back(copy_of(stream.push(row_of(x, step))));
  return all;
}

std::vector<std::vector<AnyLayer>> stacks() {
  const Dense classes{.units = 3, .activation = Activation::softmax};
  return {
      {LSTM{.units = 20}},
      {LSTM{.units = 37, .layers = 2, .return_sequences = true}, classes},
      {LSTM{.units = 9, .bias = false}, Dense{.units = 1, .activation = Activation::sigmoid}},
      {GRU{.units = 21, .layers = 2, .return_sequences = true}, Dropout{.rate = 0.5F}, classes},
      {GRU{.units = 21, .layers = 2, .reset_after = false}, classes},
      {GRU{.units = 16, .bias = false}},
      {SimpleRNN{.units = 18, .layers = 2}, Dense{.units = 2, .activation = Activation::tanh}},
      {SimpleRNN{.units = 5, .return_sequences = true, .activation = Activation::relu}, classes},
      {Dense{.units = 7, .activation = Activation::relu}, LSTM{.units = 8, .return_sequences = true},
       LayerNorm{}, GRU{.units = 6, .return_sequences = true},
       Pooling{.over_time = {Pool::max, Pool::last, Pool::mean}}, Dense{.units = 2, .bias = false},
       Activate{.activation = Activation::softmax}},
      {LSTM{.units = 300}, Dense{.units = 700}},
      {LSTM{.units = 19, .layers = 2, .zoneout = 0.2F}, classes},
      {GRU{.units = 300, .zoneout = 0.1F}, classes},
      {Dropout{.rate = 0.5F}},
      {ResidualRecurrence{.units = 21, .layers = 2, .return_sequences = true}, classes},
      {LinearRecurrence{.units = 21, .layers = 2}, classes},
      {LinearRecurrence{.units = 300, .return_sequences = true, .bias = false},
       LinearRecurrence{.units = 300}},
      {Conv1D{.filters = 19,
              .kernel_size = 3,
              .padding = Padding::causal,
              .dilation = 2,
              .activation = Activation::relu},
       Conv1D{.filters = 7, .kernel_size = 1, .padding = Padding::causal, .bias = false}, GRU{.units = 5}},
      {Dense{.units = 37}, Highway{}, Highway{.activation = Activation::tanh}, classes},
      {Dense{.units = 5, .activation = Activation::hard_sigmoid}},
  };
}

/// The law of stream.h, on every instruction set and any number of threads.
TEST(Stream, GivesTheBitsOfTheWholeSequence) {
  for (const std::string& isa : Runtime::isas()) {
    for (const int threads : {1, 3}) {
      Runtime runtime({.threads = threads, .isa = isa});
      const Runtime::Use use(runtime);
      for (std::size_t i = 0; i < stacks().size(); ++i) {
        for (const WeightType type : {WeightType::f32, WeightType::int8, WeightType::w8a8}) {
          SCOPED_TRACE(isa + ", stack " + std::to_string(i) + ", " + std::string(name_of(type)));
          Sequential model = of_numbers(stacks()[i]);
          model.quantize(type);
          Stream stream = model.stream();
          const Tensor x = numbers(6);
          EXPECT_EQ(by_pushes(stream, x), by_sequences(model, x));
          stream.reset();
          EXPECT_EQ(by_pushes(stream, x), by_sequences(model, x));
        }
      }
    }
  }
}

TEST(Stream, TakesTokensByTextOrNumber) {
  for (const int bigrams : {0, 50}) {
    const Sequential model = of_texts({LSTM{.units = 10}, Dense{.units = 2}}, bigrams);
    const std::vector<std::string> words = {"the", "film", "was", "zebra", "the", "film"};
    Stream by_text = model.stream(), by_number = model.stream();
    std::string text;
    for (const std::string& word : words) {
      text += (text.empty() ? "" : " ") + word;
      const std::vector<std::string> label = {"good"};
      const Tensor wanted = model.outputs(data::labelled_text(std::vector<std::string>{text}, label)).front();
      EXPECT_EQ(copy_of(by_text.push(word)), copy_of(wanted.data<float>())) << text;
      EXPECT_EQ(copy_of(by_number.push_id(model.encoder().vocab().find(word))),
                copy_of(wanted.data<float>()));
    }
    EXPECT_EQ(by_text.steps(), 6);
    EXPECT_EQ(by_text.inputs(), 0);
    EXPECT_EQ(by_text.outputs(), 2);
  }
}

TEST(Stream, StateLeadsOnElsewhere) {
  const Sequential model = of_numbers({LSTM{.units = 6, .layers = 2, .return_sequences = true},
                                       Pooling{.over_time = {Pool::mean, Pool::max}}});
  const Tensor x = numbers(8);
  Stream whole = model.stream();
  const std::vector<Values> wanted = by_pushes(whole, x);
  Stream first = model.stream();
  for (std::int64_t step = 0; step < 5; ++step)
    first.push(row_of(x, step));
  Stream second = model.stream(), copy = first;
  second.set_state(first.state());
  EXPECT_EQ(second.steps(), 5);
  for (std::size_t step = 5; step < 8; ++step) {
    EXPECT_EQ(copy_of(second.push(row_of(x, static_cast<std::int64_t>(step)))), wanted[step]);
    EXPECT_EQ(copy_of(copy.push(row_of(x, static_cast<std::int64_t>(step)))), wanted[step]);
  }
  EXPECT_EQ(first.steps(), 5) << "a copy goes its own way";
  expect_error(
      ErrorKind::shape,
      [&] {
        first.set_state({{1, 2, 3}, 1});
      },
      "36 numbers", "got 3");
}

TEST(Stream, KeepsTheWeightsItWasMadeWith) {
  std::optional<Stream> stream;
  const Tensor x = numbers(4);
  std::vector<Values> wanted;
  {
    Sequential model = of_numbers({GRU{.units = 6}});
    wanted = by_sequences(model, x);
    stream = model.stream();
    for (const Parameter& p : model.weights().parameters())
      for (float& value : p.leaf->value.data<float>())
        value = 0;
  }
  EXPECT_EQ(by_pushes(*stream, x), wanted);
}

TEST(Stream, OneNumberInOneNumberOut) {
  const Sequential model = of_numbers({LSTM{.units = 4}, Dense{.units = 1}}, 1);
  Stream one = model.stream(), other = model.stream();
  for (const float x : {0.5F, -1.0F, 2.0F})
    EXPECT_EQ(one.push(x), other.push({x}).front());
}

/// What was said goes in again, as in generation.
TEST(Stream, AnOutputMayBeTheNextInput) {
  Runtime runtime({.threads = 2, .isa = {}});
  const Runtime::Use use(runtime);
  const Sequential model = of_numbers({LSTM{.units = 160, .return_sequences = true}}, 160);
  Stream fed = model.stream(), copied = model.stream();
  Values x = copied_values(numbers(1, 160));
  auto output = fed.push(x);
  for (int step = 0; step < 5; ++step) {
    x = copy_of(copied.push(x));
    ASSERT_EQ(copy_of(output), x);
    output = fed.push(output);
  }
}

TEST(Stream, AnOutputStaysUntilTheNextPush) {
  Runtime two({.threads = 2, .isa = {}}), one({.threads = 1, .isa = {}});
  const Runtime::Use use(two);
  const Sequential model = of_numbers({LSTM{.units = 160, .return_sequences = true}}, 160);
  Stream stream = model.stream(), copied = model.stream();
  const Runtime::Use in_turn(one);  // the layer's halves one after the other
  const StreamState start = stream.state();
  const Values x = copied_values(numbers(1, 160)), wanted = copy_of(copied.push(x));
  copied.reset();
  const Values next = copy_of(copied.push(wanted));
  for (const bool by_reset : {true, false}) {
    const auto output = stream.push(x);
    by_reset ? stream.reset() : stream.set_state(start);
    EXPECT_EQ(copy_of(output), wanted);
    EXPECT_EQ(copy_of(stream.push(output)), next) << "it lies where this step writes";
    stream.reset();
  }
}

TEST(Stream, AnOutputMayLieWhereItsNextStepWrites) {
  Runtime two({.threads = 2, .isa = {}}), one({.threads = 1, .isa = {}});
  const Runtime::Use use(two);
  const Sequential model = of_numbers({Dense{.units = 400}}, 400);
  Stream fed = model.stream(), copied = model.stream();
  const Runtime::Use in_turn(one);
  const auto output = fed.push(numbers(1, 400).data<float>());
  const Values x = copy_of(output), wanted = copy_of(copied.push(x));
  EXPECT_EQ(copy_of(fed.push(output)), wanted);
}

TEST(Stream, SeveralAdvanceTogetherWithTheBitsOfEach) {
  for (const std::string& isa : Runtime::isas()) {
    Runtime runtime({.threads = 2, .isa = isa});
    const Runtime::Use use(runtime);
    for (const auto& stack : stacks()) {
      const Sequential model = of_numbers(stack);
      for (const int count : {1, 2, 3, 4, 5, 13, 64}) {
        StreamBatch together = model.streams(count);
        std::vector<Stream> alone(static_cast<std::size_t>(count), model.stream());
        for (std::uint64_t step = 0; step < 3; ++step) {
          const Tensor x = numbers(count, 3, step);
          Values wanted;
          for (int i = 0; i < count; ++i) {
            const auto output = alone[static_cast<std::size_t>(i)].push(row_of(x, i));
            wanted.insert(wanted.end(), output.begin(), output.end());
          }
          ASSERT_EQ(copy_of(together.push(x.data<float>())), wanted) << count << " streams on " << isa;
        }
      }
    }
  }
}

TEST(Stream, OneOfSeveralStartsAnew) {
  const Sequential steps = of_texts({LSTM{.units = 4, .return_sequences = true}}, 20);
  StreamBatch together = steps.streams(2);
  together.push_ids(std::vector<std::int32_t>{1, 2});
  const StreamState saved = together.state(0);
  together.reset(1);
  EXPECT_EQ(together.steps(0), 1);
  EXPECT_EQ(together.steps(1), 0);
  const Values both = copy_of(together.push_ids(std::vector<std::int32_t>{3, 4}));
  Stream fresh = steps.stream();
  EXPECT_EQ(Values(both.begin() + 4, both.end()), copy_of(fresh.push_id(4)));
  together.set_state(1, saved);
  together.set_state(0, saved);
  const Values same = copy_of(together.push_ids(std::vector<std::int32_t>{3, 3}));
  EXPECT_EQ(Values(same.begin(), same.begin() + 4), Values(both.begin(), both.begin() + 4));
  EXPECT_EQ(Values(same.begin() + 4, same.end()), Values(both.begin(), both.begin() + 4));
}

TEST(Stream, SaysWhichLayersHaveNoSteps) {
  const auto refused = [](AnyLayer layer, const std::string& why) {
    const Sequential model = of_numbers({std::move(layer), Pooling{}});
    expect_error(
        ErrorKind::usage, [&] { model.stream(); }, "cannot have a stream", why);
  };
  refused(LSTM{.units = 2, .return_sequences = true, .go_backwards = true}, "go_backwards");
  refused(LSTM{.units = 2, .return_sequences = true, .proj_size = 1}, "proj_size");
  refused(GRU{.units = 2, .return_sequences = true, .activation = Activation::relu}, "activations");
  refused(LinearRecurrence{.units = 2, .bidirectional = true, .return_sequences = true}, "bidirectional");
  refused(Conv1D{.filters = 2}, "padding = causal");
  refused(MaxPooling1D{}, "max_pooling1d");
  const Sequential attends = of_numbers({AttentionPooling{}, Dense{.units = 2}});
  expect_error(
      ErrorKind::usage, [&] { attends.stream(); }, "attention_pooling", "Pooling");
}

TEST(Stream, SaysWhatItCannotDo) {
  expect_error(
      ErrorKind::usage, [] { support::small_classifier().stream(); }, "'lstm' (lstm) is bidirectional");
  expect_error(
      ErrorKind::usage,
      [] {
        Sequential({Input{.features = 2}, LSTM{.units = 2}}).stream();
      },
      "prepare");
  const Sequential model = of_numbers({LSTM{.units = 4}});
  Stream stream = model.stream();
  expect_error(
      ErrorKind::shape,
      [&] {
        stream.push({1, 2});
      },
      "'input' (input) takes 3 numbers", "got 2");
  expect_error(
      ErrorKind::usage, [&] { stream.push("film"); }, "takes numbers, got tokens");
  expect_error(
      ErrorKind::usage, [&] { stream.push(1.0F); }, "one output, got one with 4");
  EXPECT_EQ(stream.steps(), 0);
  expect_error(
      ErrorKind::option, [&] { model.streams(0); }, "1 to 1024", "got 0");
  StreamBatch batch = model.streams(2);
  expect_error(
      ErrorKind::shape, [&] { batch.push(Values(3)); }, "3 numbers", "each of 2 streams", "got 3");
  expect_error(
      ErrorKind::usage, [&] { batch.reset(2); }, "0 to 1", "not 2");
  const Sequential texts = of_texts({LSTM{.units = 4}});
  Stream of_tokens = texts.stream();
  expect_error(
      ErrorKind::usage, [&] { of_tokens.push({1.0F}); }, "takes tokens, got numbers");
  expect_error(
      ErrorKind::data, [&] { of_tokens.push_id(-1); }, "from 0 to", "got -1");
  expect_error(
      ErrorKind::data, [&] { of_tokens.push_id(1000); }, "got 1000");
}

TEST(StreamThreads, ManyShareOneModel) {
  const Sequential model = of_numbers({LSTM{.units = 24, .layers = 2}, Dense{.units = 200}});
  const Tensor x = numbers(20);
  const std::vector<Values> wanted = by_sequences(model, x);
  const Stream first = model.stream();
  std::vector<std::thread> threads;
  std::vector<std::vector<Values>> got(4);
  for (std::size_t i = 0; i < got.size(); ++i)
    threads.emplace_back([&, i] {
      Stream own = i % 2 == 0 ? first : model.stream();
      got[i] = by_pushes(own, x);
    });
  for (std::thread& thread : threads)
    thread.join();
  for (const auto& outputs : got)
    EXPECT_EQ(outputs, wanted);
}

}  // namespace
}  // namespace rondo
