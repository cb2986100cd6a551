#include "tasks/speech/fusion.h"

#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <rondo/tasks/lm.h>

namespace rondo::speech {
namespace {

/// The sums of ln P of texts, kept: a beam asks for the same beginnings again and again.
class Texts {
 public:
  explicit Texts(LanguageModel model) : model_(std::move(model)) {}

  double operator()(const std::string& text, bool ended) {
    const auto [at, is_new] = known_.try_emplace(std::pair(text, ended));
    if (!is_new) return at->second;
    const LanguageModel::Scored scored = model_.score_tokens(text);
    for (std::size_t i = 0; i < scored.tokens.size(); ++i)
      if (ended || !(i + 1 == scored.tokens.size() && scored.texts[i].empty()))
        at->second += scored.log_probabilities[i];
    return at->second;
  }

 private:
  LanguageModel model_;
  std::map<std::pair<std::string, bool>, double> known_;
};

}  // namespace

CTCLanguageModel language_model_of(const RecognizeOptions& options, const SpeechInput& input) {
  if (options.lm.empty()) return {};
  const auto texts = std::make_shared<Texts>(LanguageModel::load(options.lm));
  return [texts, &input](std::span<const std::int32_t> before, std::int32_t next) {
    std::vector<std::int32_t> all(before.begin(), before.end());
    const double left = before.empty() ? 0 : (*texts)(input.spelled(all), false);
    if (next < 0) return all.empty() ? 0 : (*texts)(input.spelled(all), true) - left;
    all.push_back(next);
    return (*texts)(input.spelled(all), false) - left;
  };
}

}  // namespace rondo::speech
