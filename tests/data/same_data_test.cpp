// Fingerprints, parts and batches as earlier releases gave them: checkpoints and reports compare with theirs.
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rondo/data.h>

#include "base/random.h"

namespace rondo {
namespace {

using Prints = std::vector<std::string>;

Tensor numbers(Shape shape, float first) {
  Tensor tensor = Tensor::zeros(std::move(shape));
  for (float& value : tensor.data<float>())
    value = (first += 0.25F);
  return tensor;
}

Tensor classes(std::int64_t steps) {
  Tensor tensor = Tensor::zeros({steps}, DType::i32);
  std::int32_t next = 0;
  for (std::int32_t& value : tensor.data<std::int32_t>())
    value = next++ % 2;
  return tensor;
}

/// 40 examples of 1 to 7 steps, every fourth twice.
Examples columns(bool texts) {
  Examples examples;
  for (int i = 0; i < 40; ++i) {
    const int content = i % 4 == 1 ? i - 1 : i, steps = content * 3 % 7 + 1;
    std::string text = "t" + std::to_string(content);
    for (int word = 1; word < steps; ++word)
      text += " w" + std::to_string(word);
    if (texts)
      examples.texts.push_back(std::move(text));
    else
      examples.features.push_back(numbers({steps, 2}, static_cast<float>(content)));
  }
  return examples;
}

std::int64_t steps_of(int example) {
  return (example % 4 == 1 ? example - 1 : example) * 3 % 7 + 1;
}

/// Of the whole, of its three parts, and of the order of a shuffled epoch.
Prints prints(const Dataset& dataset) {
  Prints found = {hexadecimal(dataset.fingerprint())};
  for (const Dataset& part : dataset.split(0.6, 0.2, 0.2, 3))
    found.push_back(hexadecimal(part.fingerprint()));
  const data::BatchOptions options{.batch_size = 3, .bucket = 4};
  const data::Batches batches = dataset.is_text()
                                    ? data::Batches(dataset, TextEncoder::learn(dataset.texts()), options, 7)
                                    : data::Batches(dataset, options, 7);
  ContentHash order;
  for (const data::Epoch& epoch : {batches.epoch(5), batches.in_order()}) {
    for (std::size_t i = 0; i < epoch.size(); ++i) {
      order.number(epoch.size());
      for (const std::size_t example : epoch.examples(i))
        order.number(example);
    }
  }
  found.push_back(hexadecimal(order.digest()));
  return found;
}

TEST(SameData, LabelledTexts) {
  Examples examples = columns(true);
  for (int i = 0; i < 40; ++i)
    examples.labels.push_back(i % 3 == 2);
  examples.class_names = {"x", "y"};
  const Dataset dataset(std::move(examples));
  EXPECT_EQ(prints(dataset), Prints({"e70b2c2db1cf68dc", "6da9f043ad503952", "ba6294ba198ef61a",
                                     "ed543809b01a0339", "1de89a0aeb8d6153"}));
  EXPECT_EQ(hexadecimal(dataset.over_sample(2).fingerprint()), "e94d24a08c612998");
  EXPECT_EQ(hexadecimal(dataset.under_sample(2).fingerprint()), "3eb6677c2541d487");
}

TEST(SameData, TextsWithLabelsPerStepAndWeights) {
  Examples examples = columns(true);
  for (int i = 0; i < 40; ++i) {
    for (char& c : examples.texts[static_cast<std::size_t>(i)])
      if (c >= '0' && c <= '9') c = static_cast<char>('a' + (c - '0'));  // one token a word
    examples.step_labels.push_back(classes(steps_of(i)));
    examples.weights.push_back(1 + static_cast<float>(i));
  }
  examples.class_names = {"x", "y"};
  EXPECT_EQ(prints(Dataset(std::move(examples))),
            Prints({"ea6c2f340801b9fc", "645bbdbf732f074d", "47a59454797d6eb6", "8028f7d1a884dcdd",
                    "1de89a0aeb8d6153"}));
}

TEST(SameData, Features) {
  Examples examples = columns(false), per_step = columns(false);
  EXPECT_EQ(prints(Dataset(examples)), Prints({"7d4874e32019fad1", "eb4d89ed2b499bc2", "d6d9aa3e8320f57b",
                                               "5654222f17b45e03", "1de89a0aeb8d6153"}));
  for (int i = 0; i < 40; ++i) {
    examples.values.push_back(numbers({3}, static_cast<float>(-i)));
    per_step.step_values.push_back(numbers({steps_of(i), 2}, static_cast<float>(i)));
  }
  EXPECT_EQ(prints(Dataset(std::move(examples))),
            Prints({"a161061da29bbaf3", "c2616272c762058b", "3cf0358cc385353e", "3888d0ab1879fa39",
                    "1de89a0aeb8d6153"}));
  EXPECT_EQ(prints(Dataset(std::move(per_step))),
            Prints({"52d18327405fe323", "9857850d36c830e3", "09b0378c09dcba2e", "3dc2a657f64a7e7f",
                    "1de89a0aeb8d6153"}));
}

}  // namespace
}  // namespace rondo
