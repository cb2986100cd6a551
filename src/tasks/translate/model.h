/// What a Translator holds, and what is computed with it.
#pragma once
#include <span>
#include <string>
#include <vector>

#include <rondo/network.h>
#include <rondo/tasks/translate.h>

#include "tasks/translate/network.h"

namespace rondo {

struct Translator::Impl {
  Model<translate::TranslationNet> network;
  History history = {};
};

namespace translate {

using TranslationModel = Model<TranslationNet>;

/// What the network says of the tokens of a given target.
struct Examined {
  std::vector<double> log_probabilities;  ///< of each token, and of the end
  std::vector<std::vector<double>>
      attention;  ///< of each of them: weights of the source's tokens, the end last
};
std::vector<Examined> examine(const TranslationModel& model, std::span<const NumberedPair> pairs);

/// Weights of tokens as weights of words; every row sums to 1. The source's end is left out.
std::vector<std::vector<double>> by_words(const Examined& examined, const Encoded& source,
                                          std::span<const std::int32_t> word_of_target,
                                          std::size_t target_words);

/// The place of the largest weight, the first of equal ones.
std::size_t strongest(std::span<const double> weights);

}  // namespace translate
}  // namespace rondo
