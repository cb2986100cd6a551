// Live modules check the ranges of their descriptions and name the field by the module's place.
#include <gtest/gtest.h>

#include <rondo/nn.h>

#include "support/expect_error.h"

namespace rondo {
namespace {

using test::expect_error;

template <class Make>
void expect_refused(const Make& make, const std::string& field, const std::string& range,
                    const std::string& got) {
  const auto store = std::make_shared<ParameterStore>();
  expect_error(
      ErrorKind::option, [&] { make(Scope(store) / "net" / "it"); },
      "net.it." + field + " must be between " + range, "got " + got);
  EXPECT_TRUE(store->parameters().empty()) << field << " was checked after a parameter was made";
}

TEST(Ranges, OfRecurrentLayers) {
  expect_refused([](const Scope& in) { nn::GRU(in, 8, {.units = 4, .weight_dropout = 1.5F}); },
                 "weight_dropout", "0 and 1", "1.5");
  expect_refused([](const Scope& in) { nn::LSTM(in, 8, {.units = 4, .layers = 0}); }, "layers", "1 and 64",
                 "0");
  expect_refused([](const Scope& in) { nn::SimpleRNN(in, 8, {.units = 4, .recurrent_dropout = -0.5F}); },
                 "recurrent_dropout", "0 and 1", "-0.5");
  expect_refused([](const Scope& in) { nn::GRU(in, 8, {.units = 4, .zoneout = 1}); }, "zoneout", "0 and 0.99",
                 "1");
  expect_refused([](const Scope& in) { nn::LSTMCell(in, 8, {.units = 0}); }, "units", "1 and 1048576", "0");
  expect_refused([](const Scope& in) { nn::GRUCell(in, 8, {.units = 4, .dropout = 2}); }, "dropout",
                 "0 and 1", "2");
}

TEST(Ranges, OfTheOtherModules) {
  expect_refused([](const Scope& in) { nn::Embedding(in, {.dim = 2, .vocab = 5, .dropout = 1.5F}); },
                 "dropout", "0 and 1", "1.5");
  expect_refused([](const Scope& in) { nn::Dense(in, 3, {.units = -1}); }, "units", "1 and", "-1");
  expect_refused([](const Scope& in) { nn::LayerNorm(in, 3, {.epsilon = 0}); }, "epsilon", "", "0");
  expect_refused([](const Scope& in) { nn::Dropout(in, {.rate = 1.25F}); }, "rate", "0 and 1", "1.25");
  expect_refused([](const Scope& in) { nn::Conv1D(in, 3, {.filters = 2, .kernel_size = 0}); }, "kernel_size",
                 "1 and 4096", "0");
  expect_refused([](const Scope& in) { nn::CRF(in, 3, {.units = 0}); }, "units", "1 and", "0");
}

TEST(Ranges, NameTheLayerAtTheRoot) {
  const auto store = std::make_shared<ParameterStore>();
  expect_error(
      ErrorKind::option, [&] { nn::Dense(Scope(store), 3, {.units = 0}); }, "option: dense.units");
}

TEST(Ranges, EndsBelongToThem) {
  const auto store = std::make_shared<ParameterStore>();
  EXPECT_NO_THROW(nn::Dropout(Scope(store) / "d", {.rate = 1}));
  EXPECT_NO_THROW(nn::GRU(Scope(store) / "g", 2, {.units = 1, .weight_dropout = 1}));
}

}  // namespace
}  // namespace rondo
