/// Taggers: words out of Chinese text, parts of speech, names, chunks. One tag for each token of a sentence.
///
///     const Dataset train = tag::dataset_of(read_tagged(files));          // segmented lines, columns, ...
///     Tagger tagger = Tagger::train(train, valid, {});
///     tagger.phrases("我爱北京天安门");                                    // 我 / 爱 / 北京 / 天安门
///     tagger.evaluate(test).f1;
///
/// A token is read with its neighbours: characters as pairs, words with the characters that spell them. A
/// recurrent layer reads the sentence in both directions, and a conditional random field (crf.h) or a softmax
/// chooses the tags, of those that the scheme allows.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/data.h>
#include <rondo/tasks/evaluation.h>
#include <rondo/tasks/options.h>
#include <rondo/tasks/tagged_text.h>
#include <rondo/tasks/task.h>

namespace [[gnu::visibility("default")]] rondo {

namespace tag {

/// Sentences as a dataset, which also keeps how they were read. Error(data) for a sentence without tokens, or
/// with another number of tags or features than tokens.
Dataset dataset_of(TaggedText text);
/// How the sentences of such a dataset were read.
const Tagging& tagging_of(const Dataset& text);
const TaggedSentence& sentence(const Dataset& text, std::size_t number);

}  // namespace tag

/// What chooses the tags of a sentence: a conditional random field, or a softmax of each token, of whose
/// answers the likeliest that the scheme allows is taken.
enum class TagHead { automatic, crf, softmax };
constexpr std::array<std::string_view, 3> names_of(TagHead) {
  return {"auto", "crf", "softmax"};
}

/// Which tokens and pairs of tokens have vectors of their own.
struct TagTextOptions {
  int max_size = 50'000;
  int min_count = 0;
  int bigrams = -1;
  std::filesystem::path lexicon = {};

  static constexpr auto fields() {
    using O = TagTextOptions;
    return std::tuple{
        field("max_size", &O::max_size, "largest vocabulary", 3, 1 << 24),
        field("min_count", &O::min_count, "rarer tokens are unknown; 0: 1, of words 2", 0, 1 << 20),
        field("bigrams", &O::bigrams,
              "pairs of neighbours with vectors of their own, the commonest; 0: none; -1: of characters "
              "70000, of words none",
              -1, 1 << 24),
        field(
            "lexicon", &O::lexicon,
            "dictionary whose longest words the network sees in each sentence, where they begin, go on and "
            "end: a line is a word, with frequency and tag behind it as jieba has them, or without; kept in "
            "the model")};
  }
};
static_assert(all_fields_listed<TagTextOptions>);

/// The network. Where tokens are words, a small LSTM also reads the characters of each.
struct TagNetworkOptions {
  RecurrentKind cell = RecurrentKind::lstm;
  int embedding = 0;
  int bigram_embedding = 32;
  int spelling_embedding = 32;
  int spelling_units = -1;
  int feature_embedding = 16;
  int units = 128;
  int layers = 1;
  float dropout = -1;
  float token_dropout = -1;
  float bigram_dropout = -1;
  bool variational = false;
  int direct = -1;
  TagHead head = TagHead::automatic;
  std::filesystem::path vectors = {};

  static constexpr auto fields() {
    using O = TagNetworkOptions;
    return std::tuple{
        field("cell", &O::cell, "kind of recurrent layer"),
        field("embedding", &O::embedding, "numbers per token; 0: 64, of words 100", 0, 1 << 16),
        field("bigram_embedding", &O::bigram_embedding, "numbers per pair of neighbours", 1, 1 << 16),
        field("spelling_embedding", &O::spelling_embedding, "numbers per character of a word", 1, 1 << 16),
        field(
            "spelling_units", &O::spelling_units,
            "size of the LSTM that reads the characters of a word, in each direction; 0: none; -1: of words "
            "64",
            -1, 1 << 16),
        field("feature_embedding", &O::feature_embedding, "numbers per entry of a further column", 1,
              1 << 16),
        field("units", &O::units, "size of the hidden state, in each direction", 1, 1 << 16),
        field("layers", &O::layers, "recurrent layers", 1, 64),
        field("dropout", &O::dropout,
              "share dropped of what the recurrent layers take and give; -1: by the data", -1, 0.99),
        field("token_dropout", &O::token_dropout,
              "how readily rare tokens are taken for unknown in training: p / (p + count) of them; -1: of "
              "characters 0.1, of words 0.25",
              -1, 1e3),
        field("bigram_dropout", &O::bigram_dropout, "share of pairs taken for unknown in training; -1: 0.35",
              -1, 0.99),
        field("variational", &O::variational,
              "drop the same units at all steps of a sentence (Gal & Ghahramani 2016)"),
        field("direct", &O::direct,
              "neighbours on each side whose tokens and further columns score the tags directly, too, as a "
              "CRF's templates do, and whether pairs do; 0: none; -1: 1 for names and chunks",
              -1, 8),
        field("head", &O::head,
              "what chooses the tags: crf or softmax; auto: softmax where tags follow no scheme"),
        field("vectors", &O::vectors,
              "word2vec or GloVe text file with first values for the tokens' vectors, of --embedding "
              "numbers")};
  }
};
static_assert(all_fields_listed<TagNetworkOptions>);

/// Everything about a tagger and its training.
struct TaggerOptions {
  TagTextOptions text = {};
  TagNetworkOptions network = {};
  TrainingOptions training = {.batch_size = 16,
                              .schedule = schedule::Linear{.floor = 0.02F, .warmup_steps = 100},
                              .clip_norm = 5,
                              .average = 0.995F};

  static constexpr std::string_view type = "tagger";
  static constexpr auto fields() {
    using O = TaggerOptions;
    return std::tuple{group(&O::text, "Text"), group(&O::network, "Network"),
                      group(&O::training, "Training")};
  }
};
static_assert(all_fields_listed<TaggerOptions>);

/// How well sentences were tagged. Shares are of 1.
struct TagEvaluation {
  /// A sentence that has mistakes: its truth and its answer as text, and how many tokens are wrong.
  struct Mistake {
    std::size_t example;
    std::int64_t wrong;
    std::string gold, answer;
  };

  std::int64_t sentences = 0, tokens = 0;
  double accuracy = 0;  ///< of tags
  /// Of words or phrases, by place and type; 0 where tags follow no scheme.
  double precision = 0, recall = 0, f1 = 0;
  /// Words (where these are tokens: their tags) that the training data do not have, and those they have; NaN
  /// where there are none.
  double unseen_rate = 0, unseen_recall = 0, seen_recall = 0;
  std::vector<Mistake> worst = {};  ///< most wrong tokens first
  Evaluation summary = {};          ///< all as scores and tables
};

/// A word or a phrase of a text.
struct TaggedPhrase {
  std::size_t begin = 0, end = 0;  ///< bytes of the text
  std::string text = {};
  std::string type = {};  ///< of its tag; empty: none
};

/// A trained tagger. Movable, not copyable; several threads may call const members at once.
class Tagger {
 public:
  Tagger(Tagger&&) noexcept;
  Tagger& operator=(Tagger&&) noexcept;
  ~Tagger();

  /// The options with everything derived that was left open. `reasons`, if given, gets a line for each.
  /// Error(data) for data with a single tag.
  static TaggerOptions plan(const Dataset& train, const Dataset& valid, TaggerOptions options = {},
                            std::vector<std::string>* reasons = nullptr);
  /// Learns from `train` (tag::dataset_of); the epoch that did best on `valid`, if that is not empty, is
  /// kept.
  static Tagger train(const Dataset& train, const Dataset& valid, TaggerOptions options = {},
                      TrainingRun run = {});

  /// Tags that the training data do not have count as errors.
  TagEvaluation evaluate(const Dataset& test, int worst = 20) const;
  /// A tag for each token of each sentence. Error(data) for a sentence without the features that the model
  /// reads.
  std::vector<Strings> predict(std::span<const TaggedSentence> sentences) const;
  /// The probability of each tag at each token, [tokens, tags], in the order of tags().
  Tensor marginals(const TaggedSentence& sentence) const;
  /// The words or phrases of a text; where tags follow no scheme, each token with its tag. Error(option) for
  /// a model that reads features.
  std::vector<TaggedPhrase> phrases(std::string_view text) const;

  const Tagging& tagging() const noexcept;
  const std::vector<std::string>& tags() const noexcept;
  const TaggerOptions& options() const noexcept;
  const History& history() const noexcept;
  bool interrupted() const noexcept { return history().interrupted(); }
  void save(const std::filesystem::path& file) const;
  /// Error(format) for a model of another application.
  static Tagger load(const std::filesystem::path& file);

  struct Impl;
  const Impl& impl() const noexcept { return *impl_; }
  Impl& impl() noexcept { return *impl_; }

 private:
  explicit Tagger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rondo
