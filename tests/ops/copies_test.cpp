// Sequences whose rows are copies of fewer ones: what says so, who keeps saying it, and that `recurrent`
// gives the same bits whether it makes use of it or not.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/nn.h>

#include "support/expect_error.h"
#include "support/recurrent.h"

namespace rondo::testing_support {
namespace {

using In = std::span<const Var>;
using Shared = std::shared_ptr<const Layout>;

constexpr std::int64_t words = 11, width = 40;

/// A table of words in place of x, then the other operands.
std::vector<Tensor> operands_of(const RecurrentSetting& setting, const Layout& layout, std::int64_t hidden,
                                DType type) {
  auto shapes = recurrent_shapes(setting, layout, width, hidden);
  shapes.front() = {words, width};
  return make_inputs(shapes, {.low = -0.3, .high = 0.3}, type);
}

enum class Told { no, yes };

/// The recurrence over a text in some of the table's words.
Var read(const RecurrentSetting& setting, In operands, const Shared& layout, Told told) {
  const Ids ids(some_ids(layout->rows(), words), layout);
  const Sequences told_x = embedding(operands[0], ids);
  EXPECT_NE(told_x.copies(), nullptr);
  const Sequences x = told == Told::yes ? told_x : Sequences(told_x.rows(), layout);
  std::vector<Var> others(operands.begin(), operands.end());
  others.front() = x.rows();
  const RecurrentOperands of = recurrent_operands(setting, others, layout);
  return joined(recurrent(setting.cell, x, of.directions, of.h0, of.c0, setting.options));
}

Differentiated run(const RecurrentSetting& setting, const std::vector<Tensor>& operands, const Shared& layout,
                   Told told) {
  return differentiate([&](In x) { return read(setting, x, layout, told); }, operands);
}

TEST(Copies, GiveTheBitsAndTheGradientsOfWholeRows) {
  const Shared layout = ragged_layout(300);
  for (const Cell cell : all_cells)
    for (const int directions : {1, 2}) {
      SCOPED_TRACE(text_of(cell) + ", directions: " + std::to_string(directions));
      const RecurrentSetting setting{.cell = cell,
                                     .directions = directions,
                                     .biases = directions == 1,
                                     .options = {.recurrent_dropout = 0.2F, .dropout_key = 4}};
      for_each_isa([&] {
        for (const auto& [type, tolerance] : {std::pair{DType::f32, 1e-3}, {DType::f64, 1e-12}}) {
          const auto operands = operands_of(setting, *layout, 50, type);
          const Differentiated wanted = run(setting, operands, layout, Told::no);
          const Differentiated got = run(setting, operands, layout, Told::yes);
          expect_same_bits(got.value, wanted.value, "value");
          for (std::size_t i = 0; i < operands.size(); ++i)
            expect_close(got.gradients[i], wanted.gradients[i], tolerance, "gradient " + std::to_string(i));
        }
      });
    }
}

/// Which of the two is read shows in where the gradient goes.
TEST(Copies, AreReadInPlaceOfTheRowsWhereThatSaves) {
  const Shared layout = Layout::uniform(3, 2);
  for (const std::int64_t features : {23, 24}) {
    const Var rows = parameter(random_tensor({6, features}, 1));
    const Var distinct = parameter(random_tensor({2, features}, 2));
    const std::vector<RecurrentWeights> directions = {
        {Var(random_tensor({2, features}, 3)), Var(random_tensor({2, 2}, 4)), Var(), Var()}};
    const Recording recording;
    const Sequences x(rows, layout, {distinct, some_ids(6, 2)});
    sum(recurrent(Cell::rnn_tanh, x, directions).h).backward();
    EXPECT_EQ(distinct.leaf()->reached, features == 24) << features;
    EXPECT_EQ(rows.leaf()->reached, features == 23) << features;
  }
}

TEST(Copies, GradientsAreFiniteDifferences) {
  const Shared layout = ragged_layout(60);
  for (const Cell cell : all_cells) {
    SCOPED_TRACE(text_of(cell));
    const RecurrentSetting setting{.cell = cell, .directions = 2, .options = {}};
    gradient_check([&](In x) { return read(setting, x, layout, Told::yes); },
                   operands_of(setting, *layout, 9, DType::f64), {.tolerance = 1e-6, .elements = 20});
  }
}

/// In groups of sequences, and with so few of them on so large a U that units are shared out.
TEST(Copies, SameBitsForAnyNumberOfThreads) {
  const std::vector<std::int32_t> few = {9, 9, 8, 1};
  struct Size {
    Shared layout;
    std::int64_t hidden;
  };
  for (const Size& size : {Size{ragged_layout(900), 70}, Size{Layout::of(few), 530}})
    for (const Cell cell : {Cell::lstm, Cell::gru, Cell::gru_reset_before})
      for (const bool reverse : {false, true}) {
        SCOPED_TRACE(text_of(cell) + (reverse ? " reverse" : ""));
        const RecurrentSetting setting{.cell = cell, .options = {.reverse = reverse}};
        const auto operands = operands_of(setting, *size.layout, size.hidden, DType::f32);
        std::vector<Differentiated> results;
        for_each_thread_count([&] {
          results.push_back(run(setting, operands, size.layout, Told::yes));
          expect_same_bits(results.back().value, results.front().value, "value");
          for (std::size_t i = 0; i < operands.size(); ++i)
            expect_same_bits(results.back().gradients[i], results.front().gradients[i],
                             "gradient " + std::to_string(i));
        });
        const Differentiated whole = run(setting, operands, size.layout, Told::no);
        expect_same_bits(results.front().value, whole.value, "value of whole rows");
        for (std::size_t i = 0; i < operands.size(); ++i)
          expect_close(results.front().gradients[i], whole.gradients[i], 1e-3, "of whole rows");
      }
}

/// The gradient of W without that of x, and the other way round.
TEST(Copies, AFrozenTableOrWeightChangesNoOtherGradient) {
  const Shared layout = ragged_layout(200);
  const RecurrentSetting setting{.options = {}};
  const auto operands = operands_of(setting, *layout, 20, DType::f64);
  const auto gradients = [&](std::size_t frozen) {
    std::vector<Var> x;
    for (const Tensor& operand : operands)
      x.push_back(parameter(operand));
    if (frozen < x.size()) x[frozen].leaf()->trainable = false;
    const Recording recording;
    sum(read(setting, x, layout, Told::yes)).backward();
    std::vector<Tensor> result;
    for (const Var& one : x)
      result.push_back(one.leaf()->gradient);
    return result;
  };
  const auto all = gradients(operands.size());
  for (const std::size_t frozen : {0, 1}) {
    const auto some = gradients(frozen);
    for (std::size_t i = 0; i < operands.size(); ++i)
      expect_same_bits(some[i], i == frozen ? Tensor::zeros(operands[i].shape(), DType::f64) : all[i],
                       "gradient " + std::to_string(i));
  }
}

/// Two texts, and both directions of each, through the same weights: all add to the same sums.
TEST(Copies, GradientsAddToWhatIsThere) {
  const Shared layout = ragged_layout(200);
  const RecurrentSetting setting{.cell = Cell::gru, .states = false, .options = {}};
  const auto operands = operands_of(setting, *layout, 20, DType::f64);
  const auto read_tied = [&](In x, Told told) {
    const Sequences text = embedding(x[0], Ids(some_ids(layout->rows(), words), layout));
    const RecurrentWeights weights = {x[1], x[2], x[3], x[4]};
    const std::vector<RecurrentWeights> both = {weights, weights};
    return recurrent(setting.cell, told == Told::yes ? text : Sequences(text.rows(), layout), both).h;
  };
  const Differentiated wanted =
      differentiate([&](In x) { return read_tied(x, Told::no) + read_tied(x, Told::no); }, operands);
  for_each_thread_count([&] {
    const Differentiated got =
        differentiate([&](In x) { return read_tied(x, Told::yes) + read_tied(x, Told::yes); }, operands);
    for (std::size_t i = 0; i < operands.size(); ++i)
      expect_close(got.gradients[i], wanted.gradients[i], 1e-12, "gradient " + std::to_string(i));
  });
}

/// A layer's own table, whose gradient is sparse, and rows that something else reads, too.
TEST(Copies, OfASparseTableTouchTheRowsNamed) {
  const auto leaf = std::make_shared<Leaf>(Leaf{
      .value = random_tensor({5, 30}, 1), .gradient = Tensor::zeros({5, 30}, DType::f64), .sparse = true});
  const Tensor weight = random_tensor({2, 30}, 2);
  const std::vector<std::vector<std::int32_t>> text = {{3, 1, 3, 3}, {1, 1, 3}};
  const Recording recording;
  const Sequences x = embedding(Var::parameter(leaf), Ids::pack(text));
  ASSERT_NE(x.copies(), nullptr);
  const std::vector<RecurrentWeights> directions = {
      {Var(weight), Var(random_tensor({2, 2}, 3)), Var(), Var()}};
  const Var through = sum(recurrent(Cell::rnn_relu, x, directions).outputs.rows());
  (through + sum(x.rows())).backward();
  EXPECT_THAT(leaf->touched, testing::ElementsAre(1, 3));
  const auto gradient = leaf->gradient.data<double>();
  EXPECT_EQ(std::set<double>(gradient.begin(), gradient.begin() + 30), std::set<double>{0});
  EXPECT_NE(gradient[30], 0);
  EXPECT_NE(gradient[90], 0);
}

TEST(Copies, AreSaidOfTokensThatRepeat) {
  const auto store = std::make_shared<ParameterStore>();
  const nn::Embedding embedding(Scope(store) / "e", {.dim = 3, .vocab = 400, .dropout = 0.5F});
  const std::vector<std::vector<std::int32_t>> often = {{7, 399, 7, 7}, {399, 7, 0}},
                                               seldom = {{1, 2, 3, 4}, {5, 6, 1}}, short_one = {{7, 7, 7}};
  const Sequences x = embedding(Ids::pack(often));
  ASSERT_NE(x.copies(), nullptr);
  EXPECT_EQ(x.copies()->distinct.rows(), 3);
  expect_same_bits(rondo::embedding(x.copies()->distinct, x.copies()->of).value(), x.rows().value(), "rows");
  EXPECT_EQ(embedding(Ids::pack(seldom)).copies(), nullptr) << "nothing would be saved";
  EXPECT_EQ(embedding(Ids::pack(short_one)).copies(), nullptr) << "not worth a pass over the whole table";
  const nn::Dropout dropout(Scope(store) / "d", {.rate = 0.5F});
  EXPECT_EQ(dropout(x).copies(), x.copies()) << "without a Recording nothing is dropped";
  const Recording recording;
  EXPECT_EQ(embedding(Ids::pack(often)).copies(), nullptr) << "after dropout of rows";
  EXPECT_EQ(dropout(x).copies(), nullptr);
  EXPECT_EQ(nn::Dropout(Scope(store) / "n", {.rate = 0})(x).copies(), x.copies());
}

/// Every place of a word loses the same, and the recurrence still multiplies each word once.
TEST(Copies, AreDroppedAlike) {
  const Shared layout = ragged_layout(300);
  const Ids ids(some_ids(layout->rows(), words), layout);
  const Tensor table = random_tensor({words, width}, 3, DType::f32, 0.5, 1.5);
  for (const bool whole_rows : {false, true}) {
    const auto dropped_of = [&](const Var& from) {
      const Sequences x = embedding(from, ids);
      return whole_rows ? dropout_rows_copies(x, 0.4F, 7) : dropout_copies(x, 0.4F, 7);
    };
    expect_same_bits(dropped_of(table).rows().value(), embedding(table, ids).rows().value(), "inference");
    const Recording recording;
    const Sequences x = embedding(table, ids), dropped = dropped_of(table);
    ASSERT_NE(dropped.copies(), nullptr);
    expect_same_bits(dropped.copies()->of, x.copies()->of, "copies");
    const Var& distinct = x.copies()->distinct;
    const Var wanted = whole_rows ? dropout_rows(distinct, 0.4F, 7) : dropout(distinct, 0.4F, 7);
    expect_same_bits(dropped.copies()->distinct.value(), wanted.value(), "distinct rows");
    expect_same_bits(dropped.rows().value(), select_rows(wanted, x.copies()->of.data<std::int32_t>()).value(),
                     "rows");
  }
  // Of rows that are not known to be equal, each is dropped by itself.
  const Recording recording;
  const Sequences apart(embedding(table, ids).rows(), layout);
  expect_same_bits(dropout_copies(apart, 0.4F, 7).rows().value(), dropout(apart, 0.4F, 7).rows().value(),
                   "rows without copies");
}

TEST(Copies, DroppedAlikeHaveTheGradientsOfWholeRows) {
  const Shared layout = ragged_layout(300);
  const RecurrentSetting setting{.cell = Cell::lstm, .directions = 2};
  const auto operands = operands_of(setting, *layout, 20, DType::f64);
  const auto read_dropped = [&](In x, Told told) {
    const Ids ids(some_ids(layout->rows(), words), layout);
    const Sequences dropped = dropout_copies(embedding(x[0], ids), 0.4F, 7);
    std::vector<Var> others(x.begin(), x.end());
    others.front() = dropped.rows();
    const RecurrentOperands of = recurrent_operands(setting, others, layout);
    const Sequences input = told == Told::yes ? dropped : Sequences(dropped.rows(), layout);
    return joined(recurrent(setting.cell, input, of.directions, of.h0, of.c0, setting.options));
  };
  const auto wanted = differentiate([&](In x) { return read_dropped(x, Told::no); }, operands);
  const auto got = differentiate([&](In x) { return read_dropped(x, Told::yes); }, operands);
  expect_same_bits(got.value, wanted.value, "value");
  for (std::size_t i = 0; i < operands.size(); ++i)
    expect_close(got.gradients[i], wanted.gradients[i], 1e-12, "gradient " + std::to_string(i));
}

TEST(Copies, RefusesWhatDoesNotFit) {
  const Shared layout = Layout::uniform(2, 2);
  const Var rows = Tensor::zeros({4, 3}), distinct = Tensor::zeros({2, 3});
  const auto of = [](std::vector<std::int32_t> places) {
    return Tensor::of<std::int32_t>({static_cast<std::int64_t>(places.size())}, places);
  };
  EXPECT_NO_THROW(Sequences(rows, layout, {distinct, of({0, 1, 1, 0})}));
  const auto refused = [&](Copies copies, const std::string& wanted) {
    test::expect_error(
        ErrorKind::shape, [&] { Sequences(rows, layout, std::move(copies)); }, wanted);
  };
  refused({distinct, of({0, 1, 2, 0})}, "within [0, 2), got 2");
  refused({distinct, of({0, -1, 0, 0})}, "got -1");
  refused({distinct, of({0, 1})}, "i32 [4], got i32 [2]");
  refused({distinct, Tensor::zeros({4})}, "i32 [4], got f32 [4]");
  refused({Var(Tensor::zeros({2, 4})), of({0, 1, 1, 0})}, "f32 [U, 3], got f32 [2, 4]");
  refused({Var(Tensor::zeros({2, 3}, DType::f64)), of({0, 1, 1, 0})}, "got f64");
  refused({Var(), of({0, 1, 1, 0})}, "[U, 3], got");
}

}  // namespace
}  // namespace rondo::testing_support
