// What a tagger's open options become.
#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <variant>

#include <rondo/tasks/tag.h>

#include "base/message.h"
#include "base/shown.h"
#include "tasks/options/training.h"
#include "tasks/tag/source.h"

namespace rondo {
namespace {

using Because = std::function<void(const std::string&)>;

struct Amount {
  std::int64_t sentences = 0, tokens = 0;
  bool words = false;  ///< tokens are words
};

Amount amount_of(const Dataset& text) {
  Amount amount{.words = tag::tagging_of(text).reading.unit == TokenUnit::words};
  for (const TaggedSentence* const sentence : tag::sentences_of(text)) {
    ++amount.sentences;
    amount.tokens += static_cast<std::int64_t>(sentence->tokens.size());
  }
  return amount;
}

/// One tag for everything teaches nothing.
void require_tags(const Dataset& train) {
  std::set<std::string, std::less<>> tags;
  for (const TaggedSentence* const sentence : tag::sentences_of(train))
    for (const std::string_view tag : sentence->tags) {
      if (!tags.contains(tag)) tags.emplace(tag);
      if (tags.size() > 1) return;
    }
  fail(ErrorKind::data, "a tagger learns to tell tags apart, and every token has the same one, " +
                            quote(*tags.begin()) + "; --columns says which column holds the tags");
}

void plan_text(TagTextOptions& o, const Amount& amount, const Because& because) {
  const std::string unit = amount.words ? "tokens are words" : "tokens are characters";
  if (o.min_count == 0) {
    o.min_count = amount.words ? 2 : 1;
    because("min_count = " + std::to_string(o.min_count) + ": " + unit);
  }
  if (o.bigrams < 0) {
    o.bigrams = amount.words ? 0 : 70'000;
    because("bigrams = " + std::to_string(o.bigrams) + ": " + unit);
  }
}

void plan_network(TagNetworkOptions& o, const Amount& amount, const Tagging& tagging,
                  const Because& because) {
  const TagScheme scheme = tagging.scheme;
  const std::string unit = amount.words ? "tokens are words" : "tokens are characters";
  if (o.embedding == 0) o.embedding = amount.words ? 100 : 64;
  if (o.spelling_units < 0) {
    o.spelling_units = amount.words ? 64 : 0;
    because("spelling_units = " + std::to_string(o.spelling_units) + ": " + unit);
  }
  if (o.dropout < 0) {
    o.dropout = amount.words ? 0.4F : 0.5F;
    because("dropout = " + plain(o.dropout) + ": " + unit);
  }
  if (o.token_dropout < 0) o.token_dropout = amount.words ? 0.25F : 0.1F;
  if (o.bigram_dropout < 0) o.bigram_dropout = 0.35F;
  if (o.direct < 0) {
    const bool phrases = scheme != TagScheme::none && !tagging.words;
    o.direct = phrases ? 1 : 0;
    if (phrases) because("direct = 1: the tags mark phrases between other tokens");
  }
  if (o.head == TagHead::automatic) {
    o.head = scheme == TagScheme::none ? TagHead::softmax : TagHead::crf;
    because("head = " + std::string(name_of(o.head)) +
            (scheme == TagScheme::none ? ": each token has a tag of its own"
                                       : ": tags follow the scheme " + std::string(name_of(scheme))));
  }
}

/// Passes that see about so many tokens in all; of little data enough for some hundred steps.
int epochs_for(const Amount& amount, int batch_size) {
  const double passes = 2.5e6 / static_cast<double>(amount.tokens);
  const std::int64_t steps = (amount.sentences + batch_size - 1) / batch_size;
  const auto few = static_cast<int>(std::min<std::int64_t>(200, (300 + steps - 1) / steps));
  return std::max(std::clamp(static_cast<int>(std::lround(std::min(passes, 1e3))), 6, 30), few);
}

/// A short training has a short warm-up: the usual one must not take up most of it.
void plan_warmup(TrainingOptions& t, double steps, const Because& because) {
  auto* const linear = std::get_if<schedule::Linear>(&t.schedule);
  const TaggerOptions usual;
  if (linear == nullptr) return;
  if (linear->warmup_steps != std::get<schedule::Linear>(usual.training.schedule).warmup_steps) return;
  if (steps >= 10.0 * linear->warmup_steps) return;
  linear->warmup_steps = static_cast<int>(steps / 10);
  because("warmup_steps = " + std::to_string(linear->warmup_steps) + ": for " +
          grouped(static_cast<std::int64_t>(steps)) + " steps of training");
}

void plan_training(TrainingOptions& t, const Dataset& valid, const Amount& amount, TagScheme scheme,
                   const Because& because) {
  if (t.epochs == 0) {
    t.epochs = epochs_for(amount, t.batch_size);
    because("epochs = " + std::to_string(t.epochs) + ": for " + grouped(amount.tokens) + " tokens");
  }
  const std::string score = scheme == TagScheme::none ? "accuracy" : "f1";
  if (scheme == TagScheme::none && t.monitor.ends_with("f1"))
    fail(ErrorKind::option, "monitor " + quote(t.monitor) +
                                " counts phrases, and these tags follow no scheme; take val_accuracy");
  if (t.monitor.empty()) t.monitor = valid.empty() ? "loss" : "val_" + score;
  if (t.patience < 0) t.patience = 0;
  plan_rate(t, [](const Optimizer& optimizer) {
    return std::holds_alternative<optim::SGD>(optimizer) ? 0.1F : 2e-3F;
  });
  const double steps = std::ceil(static_cast<double>(amount.sentences) / t.batch_size) * t.epochs;
  plan_warmup(t, steps, because);
  plan_average(t, TaggerOptions{}.training.average, steps, because);
}

}  // namespace

TaggerOptions Tagger::plan(const Dataset& train, const Dataset& valid, TaggerOptions o,
                           std::vector<std::string>* reasons) {
  const Because because = [reasons](const std::string& line) {
    if (reasons != nullptr) reasons->push_back(line);
  };
  if (train.empty()) fail(ErrorKind::data, "a tagger learns from tagged sentences, and there are none");
  require_tags(train);
  const Amount amount = amount_of(train);
  const TagScheme scheme = tag::tagging_of(train).scheme;
  plan_text(o.text, amount, because);
  plan_network(o.network, amount, tag::tagging_of(train), because);
  plan_training(o.training, valid, amount, scheme, because);
  return o;
}

}  // namespace rondo
