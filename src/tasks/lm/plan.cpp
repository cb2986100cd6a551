// What a language model's open options become.
#include <algorithm>
#include <cmath>
#include <functional>

#include <rondo/tasks/lm.h>

#include "base/message.h"
#include "base/utf8.h"
#include "tasks/lm/text.h"
#include "tasks/options/training.h"

namespace rondo {
namespace {

using Because = std::function<void(const std::string&)>;

struct Amount {
  std::size_t characters = 0, longest = 0, kinds = 0;
};

Amount amount_of(const Dataset& text) {
  Amount amount;
  std::vector<bool> seen(0x110000);
  for (const std::string_view document : lm::documents_in(text)) {
    std::size_t characters = 0;
    for (const char32_t c : CodePoints(document)) {
      ++characters;
      if (!seen[c]) ++amount.kinds;
      seen[c] = true;
    }
    amount.characters += characters;
    amount.longest = std::max(amount.longest, characters);
  }
  return amount;
}

/// Whole documents are learned as long as the longest is a page or so.
constexpr std::size_t longest_whole = 1'000;
constexpr int usual_chunk = 64;

void plan_chunk(LanguageOptions& o, const Dataset& train, const Amount& amount, const Because& because) {
  if (o.chunk >= 0) return;
  const bool whole = train.size() > 1 && amount.longest <= longest_whole;
  o.chunk = whole ? 0 : usual_chunk;
  because(whole ? "chunk = 0: " + std::to_string(train.size()) + " documents of at most " +
                      std::to_string(amount.longest) + " characters are learned whole"
                : "chunk = " + std::to_string(o.chunk) + ": the text is read in order");
}

/// Text that is read many times is learned by heart without dropout; of a large vocabulary, inputs need some,
/// too. Half a million Chinese characters: 5.85 bits a character of validation text with 0.4 on outputs
/// alone, 5.77 with 0.5 and 0.3 on inputs.
void plan_dropout(LanguageNetworkOptions& n, std::size_t characters, bool many, const std::string& size,
                  const Because& because) {
  constexpr std::size_t read_often = 2'000'000, read_seldom = 20'000'000;
  const bool often = many && characters < read_often;
  if (n.dropout < 0) {
    n.dropout = characters > read_seldom ? 0.0F : often ? 0.5F : many ? 0.4F : 0.15F;
    because("dropout = " +
            std::string(n.dropout == 0 ? "0"
                        : often        ? "0.5"
                        : many         ? "0.4"
                                       : "0.15") +
            ": " + size);
    if (n.input_dropout < 0 && often) {
      n.input_dropout = 0.3F;
      because("input_dropout = 0.3: " + size + " and a large vocabulary");
    }
  }
  n.input_dropout = std::max(n.input_dropout, 0.0F);
}

void plan_network(LanguageOptions& o, const Amount& amount, const Because& because) {
  LanguageNetworkOptions& n = o.network;
  const std::string size = "for " + std::to_string(amount.characters) + " characters of text";
  if (n.units == 0) {
    n.units = amount.characters < 200'000 ? 256 : 512;
    because("units = " + std::to_string(n.units) + ": " + size);
  }
  const bool many = o.text.tokenizer != TextUnit::characters || amount.kinds > 500;
  if (n.embedding == 0) {
    n.embedding = n.tied ? n.units : many ? std::min(n.units, 256) : 64;
    because("embedding = " + std::to_string(n.embedding) + ": " +
            (many ? "for a large vocabulary" : "for " + std::to_string(amount.kinds) + " characters"));
  }
  plan_dropout(n, amount.characters, many, size, because);
  const bool without_u =
      n.cell == LanguageCell::min_gru || n.cell == LanguageCell::min_lstm || n.cell == LanguageCell::linear;
  if (without_u && n.weight_dropout > 0)
    fail(ErrorKind::option,
         "weight_dropout: cell " + std::string(name_of(n.cell)) + " has no recurrent weights; leave it out");
  if (n.weight_dropout < 0 && without_u) n.weight_dropout = 0;
  if (n.weight_dropout < 0) n.weight_dropout = amount.characters > 20'000'000 ? 0.0F : 0.1F;
}

/// Passes that see about so many characters in all.
int epochs_for(std::size_t characters) {
  const double passes = 8e6 / static_cast<double>(std::max<std::size_t>(characters, 1));
  return std::clamp(static_cast<int>(std::lround(passes)), 1, 40);
}

float usual_rate(const Optimizer& optimizer) {
  return std::holds_alternative<optim::SGD>(optimizer) ? 20.0F : 4e-3F;
}

void plan_training(TrainingOptions& t, const Dataset& valid, const Amount& amount, const Because& because) {
  if (t.epochs == 0) {
    t.epochs = epochs_for(amount.characters);
    because("epochs = " + std::to_string(t.epochs) + ": for " + std::to_string(amount.characters) +
            " characters of text");
  }
  if (t.patience < 0) t.patience = 0;
  if (t.monitor.empty()) t.monitor = valid.empty() ? "loss" : "val_loss";
  if (plan_rate(t, usual_rate)) because("learning_rate: usual for language models");
}

}  // namespace

LanguageOptions LanguageModel::plan(const Dataset& train, const Dataset& valid, LanguageOptions o,
                                    std::vector<std::string>* reasons) {
  const Because because = [reasons](const std::string& line) {
    if (reasons != nullptr) reasons->push_back(line);
  };
  if (train.empty()) fail(ErrorKind::data, "a language model learns from text, and there is none");
  const Amount amount = amount_of(train);
  if (o.text.tokenizer == TextUnit::automatic) {
    o.text.tokenizer = TextUnit::characters;
    because("tokenizer = characters: for any script; --tokenizer words, blanks and subwords are others");
  }
  plan_chunk(o, train, amount, because);
  plan_network(o, amount, because);
  plan_training(o.training, valid, amount, because);
  return o;
}

}  // namespace rondo
