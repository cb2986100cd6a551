#include "support/op_cases.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <rondo/crf.h>
#include <rondo/ctc.h>
#include <rondo/ops.h>

#include "base/random.h"

namespace rondo::testing_support {
namespace {

using In = std::span<const Var>;
using Small = std::vector<std::vector<Shape>>;

constexpr OpCaseOptions row_wise{.row_wise = true};
constexpr OpCaseOptions row_wise_positive{.low = 0.3, .high = 3, .row_wise = true};

/// One matrix: ragged against every vector width, one row, one column, one number.
const Small one = {{{5, 7}}, {{1, 37}}, {{19, 1}}, {{1, 1}}, {{3, 70}}};
/// Two of equal shape.
const Small two = {{{5, 7}, {5, 7}}, {{1, 37}, {1, 37}}, {{19, 1}, {19, 1}}, {{1, 1}, {1, 1}}};
/// A matrix and one row for all its rows.
const Small with_row = {{{5, 7}, {7}}, {{1, 37}, {37}}, {{19, 1}, {1}}, {{3, 70}, {70}}};
/// A matrix and a single number.
const Small with_number = {{{5, 7}, {}}, {{1, 37}, {}}, {{1, 1}, {}}};
/// Packed rows: their number decides the layout.
const Small packed = {{{40, 7}}, {{30, 1}}, {{1, 19}}, {{131, 17}}};

constexpr std::int64_t many = 3001;  // rows
const std::vector<Shape> big = {{many, 129}};

std::vector<OpCase> arithmetic_cases() {
  const auto add = [](In x) { return x[0] + x[1]; };
  const auto subtract = [](In x) { return x[0] - x[1]; };
  const auto multiply = [](In x) { return x[0] * x[1]; };
  const auto divide = [](In x) { return x[0] / x[1]; };
  const auto swapped_divide = [](In x) { return x[1] / x[0]; };
  const std::vector<Shape> big_two = {{many, 129}, {many, 129}}, big_row = {{many, 129}, {129}},
                           big_number = {{many, 129}, {}};
  return {
      {"add", two, big_two, add, row_wise},
      {"add_row", with_row, big_row, add, row_wise},
      {"add_number", with_number, big_number, add},
      {"subtract", two, big_two, subtract},
      {"subtract_row", with_row, big_row, subtract},
      {"subtract_from_row", with_row, big_row, [](In x) { return x[1] - x[0]; }},
      {"multiply", two, big_two, multiply},
      {"multiply_row", with_row, big_row, multiply},
      {"multiply_number", with_number, big_number, multiply},
      {"divide", two, big_two, divide, row_wise_positive},
      {"divide_by_row", with_row, big_row, divide, row_wise_positive},
      {"divide_by_number", with_number, big_number, divide, row_wise_positive},
      {"divide_number", with_number, big_number, swapped_divide, {.low = 0.5, .high = 3}},
      {"negate", one, big, [](In x) { return -x[0]; }},
      {"square_of_one_var", one, big, [](In x) { return x[0] * x[0]; }},
  };
}

std::vector<OpCase> product_cases() {
  return {
      {"matmul",
       {{{5, 7}, {7, 3}}, {{1, 33}, {33, 17}}, {{13, 1}, {1, 21}}, {{40, 70}, {70, 1}}},
       {{601, 130}, {130, 257}},
       [](In x) { return matmul(x[0], x[1]); },
       row_wise},
      {"linear",
       {{{5, 7}, {3, 7}, {3}}, {{1, 33}, {17, 33}, {17}}, {{13, 1}, {21, 1}, {21}}, {{40, 70}, {1, 70}, {1}}},
       {{601, 130}, {257, 130}, {257}},
       [](In x) { return linear(x[0], x[1], x[2]); },
       row_wise},
      {"linear_without_bias",
       {{{5, 7}, {3, 7}}},
       {{601, 130}, {257, 130}},
       [](In x) { return linear(x[0], x[1]); },
       row_wise},
  };
}

std::vector<OpCase> elementwise_cases() {
  return {
      {"tanh", one, big, [](In x) { return tanh(x[0]); }, row_wise},
      {"sigmoid", one, big, [](In x) { return sigmoid(x[0]); }, row_wise},
      {"relu", one, big, [](In x) { return relu(x[0]); }, row_wise},
      {"hard_sigmoid",
       one,
       big,
       [](In x) { return activate(x[0], Activation::hard_sigmoid); },
       {.low = -4, .high = 4, .row_wise = true}},
      {"exp", one, big, [](In x) { return exp(x[0]); }, row_wise},
      {"log", one, big, [](In x) { return log(x[0]); }, row_wise_positive},
      {"activate_softmax", one, big, [](In x) { return activate(x[0], Activation::softmax); }, row_wise},
  };
}

std::vector<OpCase> row_cases() {
  return {
      {"softmax", one, big, [](In x) { return softmax(x[0]); }, row_wise},
      {"softmax_of_long_rows", {{{2, 2500}}}, {{97, 2500}}, [](In x) { return softmax(x[0]); }, row_wise},
      {"log_softmax", one, big, [](In x) { return log_softmax(x[0]); }, row_wise},
      {"layer_norm",
       {{{5, 7}, {7}, {7}}, {{1, 37}, {37}, {37}}, {{3, 70}, {70}, {70}}},
       {{many, 129}, {129}, {129}},
       [](In x) { return layer_norm(x[0], x[1], x[2]); },
       row_wise},
  };
}

std::vector<OpCase> shape_cases() {
  const Small side_by_side = {{{5, 7}, {5, 2}}, {{1, 37}, {1, 1}}, {{19, 1}, {19, 4}}};
  const Small above_below = {{{5, 7}, {2, 7}}, {{1, 37}, {1, 37}}, {{19, 1}, {4, 1}}};
  return {
      {"concat",
       side_by_side,
       {{many, 129}, {many, 31}},
       [](In x) {
         return concat({x[0], x[1], x[0]});
       },
       row_wise},
      {"stack",
       above_below,
       {{many, 129}, {301, 129}},
       [](In x) {
         return stack(std::vector<Var>{x[0], x[1], x[0]});
       }},
      {"slice_columns",
       {{{5, 7}}, {{1, 37}}},
       big,
       [](In x) { return slice_columns(x[0], 2, x[0].columns() - 1); },
       row_wise},
      {"slice_rows", {{{5, 7}}, {{3, 1}}}, big, [](In x) { return slice_rows(x[0], 1, x[0].rows() - 1); }},
      {"row", {{{5, 7}}, {{3, 1}}}, big, [](In x) { return x[0][2]; }},
      {"select_rows", packed, big,
       [](In x) { return select_rows(x[0], some_ids(2 * x[0].rows(), x[0].rows()).data<std::int32_t>()); }},
      {"reshape", one, big, [](In x) { return reshape(x[0], {x[0].value().size()}); }},
      {"transpose", one, big, [](In x) { return transpose(x[0]); }},
      {"sum", one, big, [](In x) { return sum(x[0]); }},
      {"mean", one, big, [](In x) { return mean(x[0]); }},
  };
}

std::vector<OpCase> random_cases() {
  return {
      {"dropout", {{{5, 7}}, {{1, 300}}, {{90, 7}}}, big, [](In x) { return dropout(x[0], 0.3F, 17); }},
      {"zoneout", two, {{many, 129}, {many, 129}}, [](In x) { return zoneout(x[0], x[1], 0.3F, 17); }},
      {"dropout_rows", {{{5, 7}}, {{300, 1}}}, big, [](In x) { return dropout_rows(x[0], 0.3F, 17); }},
  };
}

/// Scores of tags and a chain's weights.
OpCase crf_case() {
  const auto shapes = [](std::int64_t rows, std::int64_t tags) {
    return std::vector<Shape>{{rows, tags}, {tags, tags}, {tags}, {tags}};
  };
  return {
      "crf_loss", {shapes(40, 7), shapes(1, 3), shapes(30, 1), shapes(25, 19)}, shapes(1501, 33), [](In x) {
        const auto layout = ragged_layout(x[0].rows());
        return crf_loss({x[0], layout}, some_ids(x[0].rows(), x[0].columns()), {x[1], x[2], x[3]}, {},
                        random_tensor({layout->sequences()}, 5, x[0].dtype(), 0.2, 1.8));
      }};
}

/// A label for every fourth frame, some of them twice in a row.
OpCase ctc_case() {
  const auto loss = [](In x) {
    const auto layout = ragged_layout(x[0].rows());
    std::vector<std::vector<std::int32_t>> targets;
    for (std::int64_t i = 0; i < layout->sequences(); ++i) {
      std::vector<std::int32_t>& labels = targets.emplace_back();
      const Tensor ids = some_ids(layout->length(i) / 4 + 1, x[0].columns() - 1);
      for (std::int64_t t = 0; t < layout->length(i) / 4; ++t)
        labels.push_back(1 + ids.data<std::int32_t>()[static_cast<std::size_t>(t)]);
    }
    return ctc_loss({x[0], layout}, targets).loss;
  };
  return {"ctc_loss", {{{40, 7}}, {{1, 3}}, {{30, 2}}, {{131, 17}}}, {{many, 33}}, loss};
}

OpCase windows_case(const std::string& name, const WindowOptions& options) {
  return {"windows_" + name, packed, {{many, 65}}, [options](In x) {
            // Sequences of 5 steps, and a last one of what is left.
            std::vector<std::int32_t> lengths(static_cast<std::size_t>(x[0].rows() / 5), 5);
            if (x[0].rows() % 5 > 0) lengths.push_back(static_cast<std::int32_t>(x[0].rows() % 5));
            return windows({x[0], Layout::of(lengths)}, options).rows();
          }};
}

OpCase pool_windows_case(const std::string& name, Pool over_window, const WindowOptions& options) {
  return {"pool_windows_" + name, packed, {{many, 65}}, [over_window, options](In x) {
            return pool_windows({x[0], ragged_layout(x[0].rows())}, over_window, options).rows();
          }};
}

std::vector<OpCase> sequence_cases() {
  const auto summed = [](bool reverse) {
    return [reverse](In x) {
      const auto layout = ragged_layout(x[0].rows());
      return running_sum({x[0], layout}, slice_rows(x[0], 0, layout->sequences()), reverse).rows();
    };
  };
  const auto pooled = [](Pool over_time) {
    return [over_time](In x) { return pool(Sequences(x[0], ragged_layout(x[0].rows())), over_time); };
  };
  return {
      {"embedding",
       {{{11, 7}}, {{1, 3}}, {{40, 1}}},
       {{2003, 129}},
       [](In x) { return embedding(x[0], some_ids(3 * x[0].rows() / 2 + 1, x[0].rows())); }},
      {"pool_last", packed, big, pooled(Pool::last)},
      {"pool_mean", packed, big, pooled(Pool::mean)},
      {"pool_max", packed, big, pooled(Pool::max)},
      {"running_sum", packed, big, summed(false), {.tolerance = 1e-4}},
      {"running_sum_reverse", packed, big, summed(true), {.tolerance = 1e-4}},
      pool_windows_case("max", Pool::max, {.size = 3, .stride = 2}),
      pool_windows_case("mean", Pool::mean, {.size = 2, .stride = 2}),
      pool_windows_case("mean_overlapping", Pool::mean, {.size = 5, .padding = Padding::causal}),
      pool_windows_case("last", Pool::last, {.size = 2, .stride = 3}),
      pool_windows_case("valid", Pool::max, {.size = 1, .padding = Padding::valid, .stride = 2}),
      {"concat_sequences",
       {{{40, 7}, {40, 2}}},
       {{many, 65}, {many, 65}},
       [](In x) {
         const auto layout = ragged_layout(x[0].rows());
         return concat({Sequences(x[0], layout), Sequences(x[1], ragged_layout(x[0].rows()))}).rows();
       }},
      crf_case(),
      ctc_case(),
      windows_case("same", {.size = 3}),
      windows_case("causal", {.size = 4, .padding = Padding::causal, .dilation = 2}),
      windows_case("strided", {.size = 2, .padding = Padding::same, .stride = 2}),
      windows_case("valid", {.size = 1, .padding = Padding::valid, .stride = 3}),
  };
}

/// random_tensor, remembered: a benchmark is not to measure the drawing.
Tensor fixed_tensor(const Shape& shape, std::uint64_t seed, DType type, double low, double high) {
  static std::map<std::tuple<Shape, std::uint64_t, DType>, Tensor> known;
  Tensor& tensor = known[{shape, seed, type}];
  if (tensor.empty()) tensor = random_tensor(shape, seed, type, low, high);
  return tensor;
}

/// Weights in [0.2, 1.8), the same for f32 and f64.
Tensor some_weights(std::int64_t count, DType type) {
  return fixed_tensor({count}, 99, type, 0.2, 1.8);
}

CrossEntropyOptions all_options(const Var& x, std::int64_t classes) {
  return {.label_smoothing = 0.1F,
          .class_weights = some_weights(classes, x.dtype()),
          .sample_weights = some_weights(x.rows(), x.dtype())};
}

/// Targets in {0, 1}, or anywhere.
Tensor some_targets(const Var& x) {
  return fixed_tensor(x.shape(), 7, x.dtype(), 0, 1);
}
Tensor some_truths(const Var& x) {
  const Tensor ids = some_ids(x.value().size(), 2);
  return ids.to(x.dtype()).reshape(x.shape());
}

std::vector<OpCase> loss_cases() {
  const Small logits = {{{5, 7}}, {{1, 37}}, {{19, 2}}, {{3, 70}}};
  return {
      {"cross_entropy", logits, big,
       [](In x) { return cross_entropy(x[0], some_ids(x[0].rows(), x[0].columns())); }},
      {"cross_entropy_with_weights_and_smoothing", logits, big,
       [](In x) {
         return cross_entropy(x[0], some_ids(x[0].rows(), x[0].columns()), all_options(x[0], x[0].columns()));
       }},
      {"linear_cross_entropy",
       {{{5, 7}, {3, 7}, {3}},
        {{1, 33}, {17, 33}, {17}},
        {{50, 1}, {21, 1}, {21}},
        {{131, 4}, {70, 4}, {70}}},
       {{601, 130}, {2057, 130}, {2057}},
       [](In x) { return linear_cross_entropy(x[0], x[1], x[2], some_ids(x[0].rows(), x[1].rows())); }},
      {"linear_cross_entropy_with_weights_and_smoothing",
       {{{5, 7}, {3, 7}}, {{99, 3}, {17, 3}}},
       {{601, 130}, {257, 130}},
       [](In x) {
         return linear_cross_entropy(x[0], x[1], {}, some_ids(x[0].rows(), x[1].rows()),
                                     all_options(x[0], x[1].rows()));
       }},
      {"binary_cross_entropy",
       one,
       big,
       [](In x) { return binary_cross_entropy(x[0], some_truths(x[0])); },
       {.low = -9, .high = 9}},
      {"binary_cross_entropy_with_weights_and_smoothing", one, big,
       [](In x) { return binary_cross_entropy(x[0], some_targets(x[0]), all_options(x[0], 2)); }},
      {"focal", logits, big, [](In x) { return focal(x[0], some_ids(x[0].rows(), x[0].columns())); }},
      {"focal_with_weights", logits, big,
       [](In x) {
         return focal(x[0], some_ids(x[0].rows(), x[0].columns()),
                      {.gamma = 0.7,
                       .class_weights = some_weights(x[0].columns(), x[0].dtype()),
                       .sample_weights = some_weights(x[0].rows(), x[0].dtype())});
       }},
      {"binary_focal",
       one,
       big,
       [](In x) { return binary_focal(x[0], some_truths(x[0])); },
       {.low = -9, .high = 9}},
      {"binary_focal_with_weights", one, big,
       [](In x) {
         return binary_focal(x[0], some_targets(x[0]),
                             {.gamma = 1.3,
                              .class_weights = some_weights(2, x[0].dtype()),
                              .sample_weights = some_weights(x[0].rows(), x[0].dtype())});
       }},
      {"mse", one, big, [](In x) { return mse(x[0], some_targets(x[0])); }},
      {"mse_with_weights", one, big,
       [](In x) { return mse(x[0], some_targets(x[0]), some_weights(x[0].rows(), x[0].dtype())); }},
      {"mae", one, big, [](In x) { return mae(x[0], some_targets(x[0])); }},
      {"huber", one, big, [](In x) { return huber(x[0], some_targets(x[0]), 0.7F); }},
  };
}

}  // namespace

std::vector<OpCase> op_cases() {
  std::vector<OpCase> all;
  for (auto family : {arithmetic_cases, product_cases, elementwise_cases, row_cases, shape_cases,
                      random_cases, sequence_cases, loss_cases, recurrent_cases})
    std::ranges::move(family(), std::back_inserter(all));
  return all;
}

std::vector<Tensor> make_inputs(const std::vector<Shape>& shapes, const OpCaseOptions& options, DType type) {
  std::vector<Tensor> inputs;
  for (const Shape& shape : shapes)
    inputs.push_back(random_tensor(shape, inputs.size() + 1, type, options.low, options.high));
  return inputs;
}

std::shared_ptr<const Layout> ragged_layout(std::int64_t rows) {
  std::vector<std::int32_t> lengths;
  for (std::int64_t left = rows, i = 0; left > 0; ++i) {
    const std::int64_t length = std::min(left, 1 + (i * 7 + 10) % 23);
    lengths.push_back(static_cast<std::int32_t>(length));
    left -= length;
  }
  return Layout::of(lengths);
}

Tensor some_ids(std::int64_t count, std::int64_t bound) {
  static std::map<std::pair<std::int64_t, std::int64_t>, Tensor> known;
  Tensor& ids = known[{count, bound}];
  if (!ids.empty()) return ids;
  ids = Tensor::uninitialised({count}, DType::i32);
  Random random(12, hash_of("test ids"));
  for (std::int32_t& id : ids.data<std::int32_t>()) {
    const std::uint64_t range = 1 + random.below(static_cast<std::uint64_t>(bound));  // small ones more often
    id = static_cast<std::int32_t>(random.below(range));
  }
  return ids;
}

}  // namespace rondo::testing_support
