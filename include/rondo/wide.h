/// A linear classifier of texts by their n-grams: trained in seconds.
///
///     const Dataset reviews = data::read_labelled_text("reviews.tsv");
///     const TextEncoder encoder = TextEncoder::learn(reviews, {.min_count = 2});
///     const WideClassifier wide = WideClassifier::train(reviews, encoder);
///     wide.probabilities("what a lovely film");
///
/// A text is the set of its n-grams: how often and where one stands does not count. Logistic regression, one
/// class against the rest, on the presence of an n-gram times its naive-Bayes log-count ratio (Wang and
/// Manning 2012).
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <rondo/data.h>
#include <rondo/description.h>
#include <rondo/text.h>

namespace [[gnu::visibility("default")]] rondo {

/// Which n-grams a wide classifier knows, and how it learns their weights.
struct WideOptions {
  int wide_ngrams = 0;
  int wide_min_texts = 2;
  float wide_cost = 0.1F;
  int wide_weights = 300'000;

  static constexpr auto fields() {
    using O = WideOptions;
    return std::tuple{
        field("wide_ngrams", &O::wide_ngrams,
              "tokens of the longest n-grams; 0: 3 for characters, 2 for words and subwords", 0, 8),
        field("wide_min_texts", &O::wide_min_texts, "n-grams in fewer training texts are not learned", 1,
              1 << 20),
        field("wide_cost", &O::wide_cost,
              "what a wrong training text costs beside large weights (C of logistic regression)", 1e-6, 1e6),
        field("wide_weights", &O::wide_weights, "weights kept, those that matter most; 0: all", 0, 1 << 28)};
  }
};
static_assert(all_fields_listed<WideOptions>);

/// What an n-gram says for a class.
struct NgramWeight {
  std::string ngram;  ///< its tokens, with spaces between them where they are words
  float weight = 0;   ///< what it adds to the log-odds of the class
};

/// How much a network and a wide classifier beside it say of a text:
///
///     log p = log_softmax(network · log p_network + wide · log p_wide)
///
/// The defaults are for where nothing is known, near what fits reviews and tweets. Without a network its
/// weight is 0.
struct MixtureWeights {
  float network = 0.4F, wide = 0.7F;

  static constexpr auto fields() {
    using W = MixtureWeights;
    return std::tuple{field("network", &W::network, "of the network's log-probabilities", 0, 1e6),
                      field("wide", &W::wide, "of the wide branch's log-probabilities", 0, 1e6)};
  }
  bool operator==(const MixtureWeights&) const = default;
};
static_assert(all_fields_listed<MixtureWeights>);

class WideStream;

/// Immutable; copies share one model, and any number of threads may use it.
class WideClassifier {
 public:
  /// Learns from texts with one label each. Texts become tokens as `encoder` has them, but are never cut.
  /// `class_weights`, one for each class or empty, say what a text counts. The result does not depend on the
  /// number of threads. `stop`, asked between passes over the texts, ends training early. Throws Error(data)
  /// for fewer than two classes.
  static WideClassifier train(const Dataset& texts, const TextEncoder& encoder,
                              const WideOptions& options = {}, std::span<const float> class_weights = {},
                              const std::function<bool()>& stop = {});

  const std::vector<std::string>& class_names() const noexcept;
  /// As they were in training: 0 n-grams stands for the tokenizer's own.
  const WideOptions& options() const noexcept;
  /// That of train(), without bigrams and without a longest length.
  const TextEncoder& encoder() const noexcept;
  /// How many n-grams it knows, and how many weights they have.
  std::int32_t ngrams() const noexcept;
  std::size_t weights() const noexcept;

  /// The log-odds of each class against the rest; of two classes the first has the second's, negative.
  std::vector<float> scores(std::string_view text) const;
  std::vector<std::vector<float>> scores(std::span<const std::string> texts) const;
  /// The same as probabilities that add up to 1.
  std::vector<float> probabilities(std::string_view text) const;

  /// The n-grams that speak most for a class (number), strongest first.
  std::vector<NgramWeight> strongest(std::size_t class_number, std::size_t count) const;
  /// The n-grams of a text with what each adds to the score of a class, the largest amounts first.
  std::vector<NgramWeight> contributions(std::string_view text, std::size_t class_number) const;
  /// What a class's score is without any n-gram.
  float bias(std::size_t class_number) const;

  /// Of the library's own use.
  struct Impl;
  explicit WideClassifier(std::shared_ptr<const Impl> impl);
  const Impl& impl() const noexcept { return *impl_; }

 private:
  friend class WideStream;
  std::shared_ptr<const Impl> impl_;
};

/// A text token by token: after each one, the scores of the text so far. They have the bits of
/// WideClassifier::scores() on the whole text. A push allocates nothing.
class WideStream {
 public:
  explicit WideStream(const WideClassifier& classifier);

  /// The next token's number in the classifier's encoder. Error(data) for one outside the vocabulary. The
  /// span is valid until the next push.
  std::span<const float> push_id(std::int32_t token);
  /// Back to the start of a text.
  void reset() noexcept;

  /// What was seen so far, for going on elsewhere: the last tokens, and the n-grams of the text.
  struct State {
    std::vector<std::int32_t> last_tokens;
    std::vector<std::int32_t> ngrams;
  };
  State state() const;
  /// Error(shape) for the state of another model.
  void set_state(const State& state);

 private:
  std::shared_ptr<const WideClassifier::Impl> impl_;
  std::vector<std::int32_t> last_tokens_;  // the newest last
  std::vector<bool> seen_;
  std::vector<std::int64_t> sums_;
  std::vector<float> scores_;
};

}  // namespace rondo
