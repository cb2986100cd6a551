// What a translator's open options become.
#include <algorithm>
#include <cmath>
#include <functional>
#include <variant>

#include <rondo/tasks/translate.h>
#include <rondo/text.h>

#include "base/message.h"
#include "base/shown.h"
#include "data/subword.h"
#include "tasks/options/training.h"
#include "tasks/translate/pairs.h"
#include "tasks/translate/units.h"

namespace rondo {
namespace {

using Because = std::function<void(const std::string&)>;

struct Amount {
  std::int64_t pairs = 0;
  bool blanks = true;  ///< both languages write them between words
};

Amount amount_of(const Dataset& train) {
  Amount amount{.pairs = static_cast<std::int64_t>(train.size())};
  std::vector<std::string_view> sources, targets;
  for (const SentencePair* const pair : translate::pairs_in(train.take(2'000))) {
    sources.push_back(pair->source);
    targets.push_back(pair->target);
  }
  amount.blanks =
      tokenizer_for(sources) != Tokenizer::characters && tokenizer_for(targets) != Tokenizer::characters;
  return amount;
}

constexpr std::int64_t few_pairs = 2'000;

void plan_text(TranslationTextOptions& o, const Amount& amount, const Because& because) {
  const std::string size = "of " + grouped(amount.pairs) + " pairs";
  if (o.tokenizer == TranslationUnit::automatic) {
    o.tokenizer = amount.pairs >= few_pairs && subwords_available() ? TranslationUnit::subwords
                  : amount.blanks                                   ? TranslationUnit::words
                                                                    : TranslationUnit::characters;
    because("tokenizer = " + std::string(name_of(o.tokenizer)) + ": " + size +
            (amount.pairs >= few_pairs && !subwords_available() ? "; subwords need SentencePiece" : ""));
  }
  if (o.vocabulary == TranslationVocabulary::automatic) {
    const bool joint = amount.blanks && o.tokenizer != TranslationUnit::words;
    o.vocabulary = joint ? TranslationVocabulary::joint : TranslationVocabulary::separate;
    because("vocabulary = " + std::string(name_of(o.vocabulary)) +
            (joint ? ": both languages write blanks between words" : ": the languages share few tokens"));
  }
  if (o.max_size == 0) {
    const bool pieces = o.tokenizer == TranslationUnit::subwords;
    o.max_size = !pieces ? 50'000 : amount.pairs < 10'000 ? 4'000 : amount.pairs < 60'000 ? 8'000 : 16'000;
    if (pieces) because("max_size = " + std::to_string(o.max_size) + ": " + size);
  }
  if (o.min_count == 0)
    o.min_count = o.tokenizer == TranslationUnit::words && amount.pairs >= few_pairs ? 2 : 1;
}

void plan_training(TrainingOptions& t, const Dataset& valid, const Amount& amount, const Because& because) {
  if (t.epochs == 0) {
    const double passes = 6e5 / static_cast<double>(amount.pairs);
    t.epochs = std::clamp(static_cast<int>(std::lround(passes)), 5, 100);
    because("epochs = " + std::to_string(t.epochs) + ": for " + grouped(amount.pairs) + " pairs");
  }
  if (t.patience < 0) t.patience = 0;
  if (t.monitor.empty()) t.monitor = valid.empty() ? "loss" : "val_loss";
  plan_rate(t, [](const Optimizer& optimizer) {
    return std::holds_alternative<optim::SGD>(optimizer) ? 0.5F : 1e-3F;
  });
  // A short training has a short warm-up.
  const double steps = std::ceil(static_cast<double>(amount.pairs) / t.batch_size) * t.epochs;
  auto* const linear = std::get_if<schedule::Linear>(&t.schedule);
  if (linear != nullptr && linear->warmup_steps == 400 && steps < 4'000) {
    linear->warmup_steps = static_cast<int>(steps / 10);
    because("warmup_steps = " + std::to_string(linear->warmup_steps) + ": for " +
            grouped(static_cast<std::int64_t>(steps)) + " steps of training");
  }
}

}  // namespace

TranslatorOptions Translator::plan(const Dataset& train, const Dataset& valid, TranslatorOptions o,
                                   std::vector<std::string>* reasons) {
  const Because because = [reasons](const std::string& line) {
    if (reasons != nullptr) reasons->push_back(line);
  };
  if (train.empty()) fail(ErrorKind::data, "a translator learns from pairs of sentences, and there are none");
  const Amount amount = amount_of(train);
  plan_text(o.text, amount, because);
  if (o.network.decoder_layers == 0)
    o.network.decoder_layers = o.network.attention == TranslationAttention::gnmt ? 2 : 1;
  if (o.network.attention == TranslationAttention::gnmt && o.network.decoder_layers < 2)
    fail(ErrorKind::option,
         "decoder_layers: attention gnmt stands between two layers; wanted 2 or more, got " +
             std::to_string(o.network.decoder_layers));
  plan_training(o.training, valid, amount, because);
  return o;
}

}  // namespace rondo
