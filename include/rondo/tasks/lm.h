/// Language models: from plain text to a model that scores text and writes it.
///
///     const Dataset text = lm::read_text({"shakespeare.txt"});
///     LanguageModel model = LanguageModel::train(text, {});
///     model.generate("ROMEO:", {.length = 200, .temperature = 0.8F});
///     model.score("To be, or not to be").bits_per_character();
///
/// Text is read in order. A document begins with a clean state; within it the state of the network is carried
/// from chunk to chunk (truncated back-propagation through time), or short documents are learned whole.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/data.h>
#include <rondo/network.h>
#include <rondo/tasks/adaptation.h>
#include <rondo/tasks/evaluation.h>
#include <rondo/tasks/generate.h>
#include <rondo/tasks/options.h>
#include <rondo/tasks/task.h>
#include <rondo/text.h>

namespace [[gnu::visibility("default")]] rondo {

/// What a language model predicts one after another.
///
/// characters: Unicode code points, line ends included. words: words with the space before them, punctuation
/// marks, line ends; what they spell is exactly the text. blanks: what stands between blanks, and "<eos>" for
/// each line end (Penn Treebank's form). subwords: pieces learned from the text (SentencePiece), and line
/// ends.
enum class TextUnit { automatic, characters, words, blanks, subwords };
constexpr std::array<std::string_view, 5> names_of(TextUnit) {
  return {"auto", "characters", "words", "blanks", "subwords"};
}

/// What ends a document, at whose border the state is forgotten.
enum class Documents { file, blank_line, line };
constexpr std::array<std::string_view, 3> names_of(Documents) {
  return {"file", "blank_line", "line"};
}

namespace lm {

/// How files become documents.
struct ReadingOptions {
  Documents documents = Documents::file;
  std::string text = {}, label = {};

  static constexpr auto fields() {
    using O = ReadingOptions;
    return std::tuple{
        field("documents", &O::documents, "what ends a document: the file, a blank line, or each line"),
        field("text", &O::text,
              "column of a TSV, CSV or JSON lines file that holds the text, by name, or by number where no "
              "line "
              "names them: each row is a document"),
        field("label", &O::label,
              "column of its label: the model learns to write for a label, as 'generate --label' asks")};
  }
};
static_assert(all_fields_listed<ReadingOptions>);

/// Files of text, plain, .gz or .xz, in order. CR LF becomes LF, a byte order mark goes. Error(data) naming
/// the file for an empty one, for bytes that are no UTF-8, and for a text whose only line ends are CR.
/// `notices`, if given, gets a line on what was changed.
Dataset read_text(const std::vector<std::filesystem::path>& files, const ReadingOptions& options = {},
                  std::vector<std::string>* notices = nullptr);
/// Each text is a document. Error(data) for one that is empty or no UTF-8.
Dataset documents_of(std::span<const std::string> texts);
/// The first part and the last `share` (0 ... 1) of the characters, in order.
std::pair<Dataset, Dataset> cut(const Dataset& text, double share);

}  // namespace lm

enum class LanguageCell { lstm, gru, simple_rnn, min_gru, min_lstm, residual, linear };
constexpr std::array<std::string_view, 7> names_of(LanguageCell) {
  return {"lstm", "gru", "simple_rnn", "min_gru", "min_lstm", "residual", "linear"};
}

/// How text becomes token numbers.
struct LanguageTextOptions {
  TextUnit tokenizer = TextUnit::automatic;
  int max_size = 50'000;
  int min_count = 0;
  bool lowercase = false;

  static constexpr auto fields() {
    using O = LanguageTextOptions;
    return std::tuple{
        field("tokenizer", &O::tokenizer, "what is predicted one after another; auto: characters"),
        field("max_size", &O::max_size, "largest vocabulary", 3, 1 << 24),
        field("min_count", &O::min_count, "rarer tokens are unknown; 0: 1, of words 2", 0, 1 << 20),
        field("lowercase", &O::lowercase, "fold upper and lower case together")};
  }
};
static_assert(all_fields_listed<LanguageTextOptions>);

/// The network: an embedding, recurrent layers, and a projection on the vocabulary.
struct LanguageNetworkOptions {
  LanguageCell cell = LanguageCell::gru;
  int embedding = 0;
  int units = 0;
  int layers = 1;
  bool residual = false;
  bool layer_norm = false;
  bool tied = false;
  float dropout = -1;
  float input_dropout = -1;
  float embedding_dropout = 0;
  float weight_dropout = -1;
  bool variational = false;
  float activation_penalty = 0;
  float temporal_penalty = 0;
  float init_scale = 0;

  static constexpr auto fields() {
    using O = LanguageNetworkOptions;
    return std::tuple{
        field("cell", &O::cell, "kind of recurrent layer"),
        field("embedding", &O::embedding, "numbers per token; 0: by the vocabulary", 0, 1 << 16),
        field("units", &O::units, "size of the hidden state; 0: by the size of the text", 0, 1 << 16),
        field("layers", &O::layers, "recurrent layers", 1, 64),
        field("residual", &O::residual, "add each layer's input to its output, from the second layer on"),
        field("layer_norm", &O::layer_norm, "normalise each layer's output (Ba et al. 2016)"),
        field("tied", &O::tied, "project with the embedding's own weights (Press & Wolf 2017)"),
        field("dropout", &O::dropout, "share dropped of each layer's output; -1: by the size of the text", -1,
              0.99),
        field("input_dropout", &O::input_dropout,
              "share dropped of the embedded tokens; -1: 0, or with dropout by the size of the text", -1,
              0.99),
        field("embedding_dropout", &O::embedding_dropout, "share of the tokens of a batch that are dropped",
              0, 0.99),
        field("weight_dropout", &O::weight_dropout,
              "share dropped of the recurrent weights (Merity et al. 2018); -1: by the size of the text", -1,
              0.99),
        field("variational", &O::variational,
              "drop the same units at all steps of a chunk (Gal & Ghahramani 2016)"),
        field("activation_penalty", &O::activation_penalty,
              "factor of the mean square of the last layer's output, added to the loss", 0, 1e3),
        field("temporal_penalty", &O::temporal_penalty,
              "factor of the mean square of its change from step to step, added to the loss", 0, 1e3),
        field("init_scale", &O::init_scale,
              "draw all first values evenly from [-scale, scale]; 0: each layer's own way", 0, 10)};
  }
};
static_assert(all_fields_listed<LanguageNetworkOptions>);

/// Everything about a language model and its training.
struct LanguageOptions {
  LanguageTextOptions text = {};
  LanguageNetworkOptions network = {};
  int chunk = -1;
  TrainingOptions training = {.optimizer = optim::Adam{.beta2 = 0.99F},
                              .schedule = schedule::Cosine{.floor = 0.01F, .warmup_steps = 100}};

  static constexpr std::string_view type = "language_model";
  static constexpr auto fields() {
    using O = LanguageOptions;
    return std::tuple{
        group(&O::text, "Text"), group(&O::network, "Network"),
        field("chunk", &O::chunk,
              "tokens through which errors are propagated back; 0: whole documents; -1: by their length", -1,
              1 << 20),
        group(&O::training, "Training")};
  }
};
static_assert(all_fields_listed<LanguageOptions>);

/// Text as token numbers and back. Immutable; copies share it.
class TextUnits {
 public:
  /// Number 0 is unknown; number 1 stands between documents and is never part of a text.
  static constexpr std::int32_t unknown = 0, border = 1;

  TextUnits();
  /// Learned from the documents; `seed` draws the sample that subwords learn from. Error(data) for no text.
  static TextUnits learn(const Dataset& text, const LanguageTextOptions& options, std::uint64_t seed = 1);

  const LanguageTextOptions& options() const noexcept;
  const Vocab& vocab() const noexcept;
  /// Error(data) for text that is no UTF-8.
  std::vector<std::int32_t> encode(std::string_view text) const;
  /// What the tokens spell. `after` is what comes before them: blanks between tokens depend on it.
  std::string decode(std::span<const std::int32_t> numbers, std::int32_t after = border) const;
  /// Tokens of `text` that are not in the vocabulary, each once, in order.
  std::vector<std::string> unknown_in(std::string_view text) const;

  std::string to_json() const;
  /// Throws Error(format) for anything to_json() cannot have written.
  static TextUnits from_json(std::string_view json);

 private:
  struct Impl;
  explicit TextUnits(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

/// What a model says of a text: sums, and the usual figures made of them.
struct TextScore {
  double nats = 0;  ///< - ln P of all tokens
  std::int64_t tokens = 0, unknown = 0, characters = 0, bytes = 0, words = 0;

  /// exp(nats / tokens), and of words: runs of what is not blank, and line ends.
  double perplexity() const;
  double word_perplexity() const;
  double bits_per_character() const;
  double bits_per_byte() const;
};

class LanguageModel {
 public:
  LanguageModel(LanguageModel&&) noexcept;
  LanguageModel& operator=(LanguageModel&&) noexcept;
  ~LanguageModel();

  /// The options with everything derived that was left open. `reasons`, if given, gets a line for each.
  static LanguageOptions plan(const Dataset& train, const Dataset& valid, LanguageOptions options = {},
                              std::vector<std::string>* reasons = nullptr);
  /// Learns from `train`; the epoch that did best on `valid`, if that is not empty, is kept.
  static LanguageModel train(const Dataset& train, const Dataset& valid, LanguageOptions options = {},
                             TrainingRun run = {});

  /// Over whole documents, each from a clean state, the state carried from end to end: no figure depends on
  /// chunks or batches.
  TextScore score(const Dataset& text) const;
  TextScore score(std::string_view text) const;
  /// A score that adapts: states begin anew with each document, what was learned and the cache go on to the
  /// next. The model stays as it is. Slower: one token after another is one stream.
  TextScore score(const Dataset& text, const lm::AdaptationOptions& adaptation) const;
  /// ln P of each token of a text, read from a clean state; with its end where ends are learned.
  struct Scored {
    std::vector<std::int32_t> tokens;
    std::vector<std::string> texts;  ///< what each token spells; "" for the end
    std::vector<double> log_probabilities;
  };
  /// Of a model that was trained with labels, as a text of the one given, or of none.
  Scored score_tokens(std::string_view text, std::string_view label = {}) const;
  /// Goes on from a prompt. `piece`, if given, gets each sample's text as it comes, in whole characters; a
  /// false return ends it.
  std::vector<Generated> generate(
      std::string_view prompt, const GenerateOptions& options = {},
      const std::function<bool(int sample, std::string_view text)>& piece = {}) const;

  const TextUnits& units() const noexcept;
  /// What generate() can be told to write for; empty for a model that was trained without labels.
  const std::vector<std::string>& labels() const noexcept;
  const LanguageOptions& options() const noexcept;
  const History& history() const noexcept;
  bool interrupted() const noexcept { return history().interrupted(); }
  void save(const std::filesystem::path& file) const;
  /// Error(format) for a model of another application.
  static LanguageModel load(const std::filesystem::path& file);

  struct Impl;
  const Impl& impl() const noexcept { return *impl_; }
  Impl& impl() noexcept { return *impl_; }

 private:
  explicit LanguageModel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rondo
