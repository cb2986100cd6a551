/// What a WideClassifier is made of, and its arrays in a file.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <rondo/wide.h>

#include "base/safetensors.h"
#include "wide/ngram_table.h"
#include "wide/weights.h"

namespace rondo {

struct WideClassifier::Impl {
  WideOptions options;
  TextEncoder encoder;
  std::vector<std::string> classes;
  wide::NgramTable table;
  wide::Weights weights;

  /// From the sums of the columns: a score for each class.
  void scores(std::span<const std::int64_t> sums, std::span<float> scores) const;
  std::vector<float> scores_of(std::span<const std::int32_t> tokens) const;
  /// Error(usage) where there is no such class.
  std::size_t checked(std::size_t class_number) const;
  /// The sign with which a column counts for a class: of two, the first has the second's column.
  float sign(std::size_t class_number) const {
    return classes.size() == 2 && class_number == 0 ? -1.0F : 1.0F;
  }
  std::size_t column_of(std::size_t class_number) const { return classes.size() == 2 ? 0 : class_number; }
};

namespace wide {

class NaiveBayes;

/// WideClassifier::train(), and, where somebody asks and it is of a reasonable size, naive Bayes on the same
/// n-grams.
WideClassifier train(const Dataset& texts, const TextEncoder& encoder, const WideOptions& options,
                     std::span<const float> class_weights, const std::function<bool()>& stop,
                     std::shared_ptr<const NaiveBayes>* naive_bayes);

/// Naive Bayes by itself; null where it would not be of a reasonable size. `encoder` cuts no text.
std::shared_ptr<const NaiveBayes> train_naive_bayes(const Dataset& texts, const TextEncoder& encoder,
                                                    const WideOptions& options);

/// The arrays of a classifier, which own their bytes.
struct Arrays {
  std::string ngrams, columns;
  std::vector<std::int8_t> numbers;
  std::vector<float> scales, biases;

  /// Under names that begin with `prefix`.
  std::vector<safetensors::Item> items(const std::string& prefix) const;
};
Arrays arrays_of(const WideClassifier& classifier);

/// What arrays_of() wrote. `encoder` may cut texts; the classifier will not. Error(format) "FILE: ..." for
/// anything that it cannot have written.
WideClassifier from_arrays(const safetensors::Reader& file, const std::string& prefix,
                           const WideOptions& options, const TextEncoder& encoder,
                           std::vector<std::string> classes);

}  // namespace wide
}  // namespace rondo
