/// Translation: from pairs of sentences to a model that translates.
///
///     const Dataset pairs = translate::read_pairs({"train.en", "train.fr"});
///     Translator translator = Translator::train(pairs, {});
///     translator.translate("Hello, how are you?");
///     translator.save("en-fr.rondo");
///
/// The network is an encoder, a decoder, and attention between them (Sutskever et al. 2014; Bahdanau et al.
/// 2015; Luong et al. 2015; Wu et al. 2016).
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/attention.h>
#include <rondo/data.h>
#include <rondo/tasks/evaluation.h>
#include <rondo/tasks/options.h>
#include <rondo/tasks/task.h>

namespace [[gnu::visibility("default")]] rondo {

/// What a sentence is cut into. subwords: pieces learned from the text (SentencePiece). words: what stands
/// between blanks. characters: single ones.
enum class TranslationUnit { automatic, subwords, words, characters };
constexpr std::array<std::string_view, 4> names_of(TranslationUnit) {
  return {"auto", "subwords", "words", "characters"};
}

/// Whether both languages share one vocabulary and its vectors.
enum class TranslationVocabulary { automatic, joint, separate };
constexpr std::array<std::string_view, 3> names_of(TranslationVocabulary) {
  return {"auto", "joint", "separate"};
}

enum class TranslationCell { lstm, gru, residual, linear };
constexpr std::array<std::string_view, 4> names_of(TranslationCell) {
  return {"lstm", "gru", "residual", "linear"};
}

/// The decoder's layers: as the encoder's, or SSRU, whose single step is two small products and no more (Kim
/// et al. 2019), for fast decoding.
enum class DecoderCell { as_encoder, ssru };
constexpr std::array<std::string_view, 2> names_of(DecoderCell) {
  return {"as_encoder", "ssru"};
}

/// Where attention stands. none: the decoder sees the mean of the encoder's outputs only. luong: after the
/// cell. feed: the same, and what it gave is part of the next input (input feeding; Luong et al. 2015).
/// bahdanau: before the cell, asked for by the state (Bahdanau et al. 2015). gnmt: between the decoder's
/// first layer and the others (Wu et al. 2016). With luong and gnmt all steps of a batch are computed at
/// once.
enum class TranslationAttention { none, luong, feed, bahdanau, gnmt };
constexpr std::array<std::string_view, 5> names_of(TranslationAttention) {
  return {"none", "luong", "feed", "bahdanau", "gnmt"};
}

/// A sentence and its translation. The languages are named where the data have several directions.
struct SentencePair {
  std::string source, target;
  std::string from = {}, to = {};

  /// "en-fr"; empty without languages.
  std::string direction() const { return to.empty() ? std::string() : from + "-" + to; }
};

namespace translate {

/// How files become pairs.
struct ReadingOptions {
  std::string from = {}, to = {};
  int longest = 1000;
  float ratio = 9;

  static constexpr auto fields() {
    using O = ReadingOptions;
    return std::tuple{
        field(
            "from", &O::from,
            "language of the source: ending of a file's name, key in JSON lines, column of a table, language "
            "in TMX; several with commas"),
        field("to", &O::to, "the same of the target; with several, each line is a pair in each direction"),
        field("longest", &O::longest, "pairs with more characters on a side are left out; 0: none", 0,
              1 << 24),
        field("ratio", &O::ratio,
              "pairs of which one side has so many times the characters of the other are left out; 0: none",
              0, 1e6)};
  }
};
static_assert(all_fields_listed<ReadingOptions>);

/// Two files with a sentence a line (a.en a.fr), or files of pairs: TSV or CSV (source, target), JSON lines,
/// or TMX 1.4; plain, .gz or .xz. Files of several directions (a.en a.fr a.en a.de, or several languages in
/// `from` and `to`) give pairs whose languages are named. Pairs that cannot be learned from are left out, and
/// `notices` says which. Error(data) for two files of different numbers of lines, for bytes that are no
/// UTF-8, and if no pair is left.
Dataset read_pairs(const std::vector<std::filesystem::path>& files, const ReadingOptions& options = {},
                   std::vector<std::string>* notices = nullptr);
/// Error(data) for a pair with an empty side.
Dataset dataset_of(std::vector<SentencePair> pairs);

}  // namespace translate

/// How sentences become token numbers.
struct TranslationTextOptions {
  TranslationUnit tokenizer = TranslationUnit::automatic;
  TranslationVocabulary vocabulary = TranslationVocabulary::automatic;
  int max_size = 0;
  int min_count = 0;
  bool lowercase = false;
  int lexicon = 0;

  static constexpr auto fields() {
    using O = TranslationTextOptions;
    return std::tuple{
        field("tokenizer", &O::tokenizer, "what a sentence is cut into; auto: subwords, of few pairs words"),
        field("vocabulary", &O::vocabulary,
              "one for both languages or one for each; auto: joint where both write blanks between words"),
        field("max_size", &O::max_size, "largest vocabulary; 0: by the number of pairs", 0, 1 << 24),
        field("min_count", &O::min_count, "rarer words are unknown; 0: 1, from 2 000 pairs on 2", 0, 1 << 20),
        field("lowercase", &O::lowercase, "fold upper and lower case together"),
        field("lexicon", &O::lexicon,
              "likeliest target tokens of each source token to learn from the pairs and keep, for the "
              "shortlist of a translation (IBM model 1; Brown et al. 1993); 0: none",
              0, 1 << 10)};
  }
};
static_assert(all_fields_listed<TranslationTextOptions>);

struct TranslationNetworkOptions {
  TranslationCell cell = TranslationCell::lstm;
  DecoderCell decoder_cell = DecoderCell::as_encoder;
  int embedding = 256;
  int units = 256;
  int encoder_layers = 1;
  int decoder_layers = 0;
  TranslationAttention attention = TranslationAttention::gnmt;
  AttentionScore attention_score = AttentionScore::bilinear;
  bool tied = true;
  float dropout = 0.3F;
  float label_smoothing = 0.1F;
  float scheduled_sampling = 0;

  static constexpr auto fields() {
    using O = TranslationNetworkOptions;
    return std::tuple{
        field("cell", &O::cell, "kind of recurrent layer"),
        field("decoder_cell", &O::decoder_cell,
              "kind of the decoder's layers: as_encoder, or ssru, which decodes faster"),
        field("embedding", &O::embedding, "numbers per token", 1, 1 << 16),
        field("units", &O::units, "size of the hidden state; the encoder has half of it in each direction", 2,
              1 << 16),
        field("encoder_layers", &O::encoder_layers, "layers of the encoder", 1, 64),
        field("decoder_layers", &O::decoder_layers, "layers of the decoder; 0: 1, of gnmt 2", 0, 64),
        field("attention", &O::attention, "where the decoder looks at the source"),
        field("attention_score", &O::attention_score, "how well a target step matches a source token"),
        field("tied", &O::tied, "project with the vectors of the target's tokens (Press & Wolf 2017)"),
        field("dropout", &O::dropout, "share dropped of vectors and outputs", 0, 0.99),
        field("label_smoothing", &O::label_smoothing,
              "share of the target spread evenly over the vocabulary (Szegedy et al. 2016)", 0, 0.99),
        field("scheduled_sampling", &O::scheduled_sampling,
              "share of the target's tokens that the decoder reads as it would have written them (Bengio et "
              "al. 2015), in two passes (Mihaylova & Martins 2019)",
              0, 1)};
  }
};
static_assert(all_fields_listed<TranslationNetworkOptions>);

/// Everything about a translator and its training.
struct TranslatorOptions {
  TranslationTextOptions text = {};
  TranslationNetworkOptions network = {};
  TrainingOptions training = {.batch_size = 64,
                              .optimizer = optim::Adam{.beta2 = 0.98F},
                              .schedule = schedule::Linear{.floor = 0.02F, .warmup_steps = 400}};

  static constexpr std::string_view type = "translator";
  static constexpr auto fields() {
    using O = TranslatorOptions;
    return std::tuple{group(&O::text, "Text"), group(&O::network, "Network"),
                      group(&O::training, "Training")};
  }
};
static_assert(all_fields_listed<TranslatorOptions>);

/// How a translation is looked for.
struct TranslateOptions {
  int beam = 5;
  float normalize = 0.6F;
  float coverage = 0;
  int n_best = 1;
  float max_length_factor = 3;
  int shortlist = 0;
  float temperature = 0;
  std::uint64_t seed = 1;
  std::string from = {}, to = {};

  static constexpr auto fields() {
    using O = TranslateOptions;
    return std::tuple{
        field("beam", &O::beam, "translations kept at each step; 1: always the likeliest token", 1, 1 << 10),
        field("normalize", &O::normalize,
              "rank by ln P / length^a, the end counted; 0: by ln P, 1: by its mean", 0, 10),
        field("coverage", &O::coverage,
              "add b times the sum over source tokens of ln min(1, attention it got) to what the beam's "
              "translations are ranked by (Wu et al. 2016); 0: not",
              0, 100),
        field("n_best", &O::n_best, "translations to give of each line, at most the beam", 1, 1 << 10),
        field("max_length_factor", &O::max_length_factor,
              "longest translation, in tokens of its source; 10 more are allowed", 0.1, 100),
        field("shortlist", &O::shortlist,
              "tokens that can be written: the 100 most frequent, and so many of the likeliest of each "
              "source token by the model's lexicon (Jean et al. 2015); faster; 0: all",
              0, 1 << 10),
        field("temperature", &O::temperature,
              "above 0: draw tokens in place of a search; below 1: surer, above: more varied", 0, 1e6),
        field("seed", &O::seed, "what is drawn by"),
        field("from", &O::from, "language of the text, of a model of several directions; only checked"),
        field("to", &O::to, "language to translate into, of a model of several directions")};
  }
};
static_assert(all_fields_listed<TranslateOptions>);

/// A translation, and what the model says of it.
struct Translation {
  std::string text;
  double log_probability = 0;  ///< ln P of all tokens and the end
  double score = 0;            ///< log_probability / length^normalize + coverage: what they are ranked by
  bool ended = true;           ///< false: cut off at the longest length
};

/// What the model says of a given translation.
struct ScoredTranslation {
  double log_probability = 0;                           ///< ln P of all tokens and the end
  std::int64_t tokens = 0;                              ///< with the end
  std::vector<std::string> source_words, target_words;  ///< as blanks separate them
  std::vector<double> word_scores;                      ///< ln P of each target word, then of the end
  /// For each target word, how much it looked at each source word: a row sums to 1. Empty without attention.
  std::vector<std::vector<double>> attention;
};

struct TranslationEvaluation {
  double bleu = 0, chrf = 0;  ///< 0 to 100, as sacreBLEU's
  double loss = 0;            ///< nats a token
  std::int64_t sentences = 0, tokens = 0;
  std::string signature;  ///< of BLEU
  std::vector<report::Block> blocks = {};
};

class Translator {
 public:
  Translator(Translator&&) noexcept;
  Translator& operator=(Translator&&) noexcept;
  ~Translator();

  /// The options with everything derived that was left open. `reasons`, if given, gets a line for each.
  static TranslatorOptions plan(const Dataset& train, const Dataset& valid, TranslatorOptions options = {},
                                std::vector<std::string>* reasons = nullptr);
  /// Learns from `train`; the epoch that did best on `valid`, if that is not empty, is kept.
  static Translator train(const Dataset& train, const Dataset& valid, TranslatorOptions options = {},
                          TrainingRun run = {});

  /// A line without text has an empty translation.
  /// Error(option) if the model knows several languages to translate into and `options.to` names none of
  /// them.
  std::string translate(std::string_view text, const TranslateOptions& options = {}) const;
  /// The same in a given direction: translate("Hello, how are you?", "en", "fr").
  std::string translate(std::string_view text, std::string_view from, std::string_view to) const;
  /// The best of each text, the best first; the same whatever other texts there are.
  std::vector<std::vector<Translation>> translate(std::span<const std::string> texts,
                                                  const TranslateOptions& options = {}) const;
  /// Given translations (forced decoding). A pair with a side without text has no words.
  std::vector<ScoredTranslation> score(std::span<const SentencePair> pairs) const;
  /// Translates with a beam of 5 and compares.
  TranslationEvaluation evaluate(const Dataset& test, int worst = 20) const;

  /// "en-de", "en-fr"; empty if it was trained in one direction.
  const std::vector<std::string>& directions() const noexcept;
  const TranslatorOptions& options() const noexcept;
  const History& history() const noexcept;
  void save(const std::filesystem::path& file) const;
  /// Error(format) for a model of another application.
  static Translator load(const std::filesystem::path& file);

  struct Impl;
  const Impl& impl() const noexcept { return *impl_; }
  Impl& impl() noexcept { return *impl_; }

 private:
  explicit Translator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rondo
