/// A Sequential that reads text, as a function of token numbers.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/inspect.h>

namespace rondo::inspect {

/// A text as the model reads it.
struct TokenText {
  EncodedText numbers;
  std::vector<std::string> texts;  ///< one for each number, as people write it
};

/// At most `most` tokens; 0: all. Error(usage) for a model of features.
TokenText read_text(const Sequential& model, std::string_view text, std::size_t most = 0);
/// The same without one token, or with an unknown one in its place. A text of one token becomes unknown.
EncodedText without(const Sequential& model, const TokenText& text, std::size_t token);
EncodedText with_unknown(const Sequential& model, const TokenText& text, std::size_t token);
/// The first tokens alone.
EncodedText beginning(const TokenText& text, std::size_t count);

/// The model's outputs for each text, one after another step where it gives one a step. With two classes
/// under a sigmoid: those of both.
std::vector<std::vector<double>> outputs_of(const Sequential& model, std::span<const EncodedText> texts);

/// ln P of the class that the model predicts; summed over steps where it predicts one a step. Of a model of
/// numbers, their sum.
Var explained(const Sequential& model, const EncodedText& text);

}  // namespace rondo::inspect
