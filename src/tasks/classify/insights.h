/// What a text classifier's wide branch has learned, and what it saw in a text.
#pragma once
#include <string_view>
#include <vector>

#include <rondo/tasks/classify.h>

namespace rondo::classify {

/// The n-grams that speak most for each class; nothing without a wide branch.
std::vector<report::Block> insights(const TextClassifier& model);
/// What network and branch say of a text, and what each n-gram adds for the predicted class. Error(usage)
/// without a wide branch.
std::vector<report::Block> explanation(const TextClassifier& model, std::string_view text);
/// "log p = 0.700 network + 0.650 wide"
Fact wide_fact(const TextClassifier& model);

}  // namespace rondo::classify
