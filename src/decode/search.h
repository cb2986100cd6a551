/// Looks for the likeliest sequences of tokens that a model gives, for many inputs at once.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rondo::decode {

/// A model that goes on by one token. It begins with one row for each input.
class SearchModel {
 public:
  SearchModel() = default;
  SearchModel(const SearchModel&) = delete;
  SearchModel& operator=(const SearchModel&) = delete;
  virtual ~SearchModel() = default;
  /// Row i goes on where row rows[i] was. Rows may repeat, and rows that are not named end.
  virtual void select(std::span<const std::int32_t> rows) = 0;
  /// Takes a token for each row, and gives the logits of the next, as many for each row. They hold until the
  /// next call.
  virtual std::span<const float> step(std::span<const std::int32_t> tokens) = 0;
  /// The tokens, in ascending order, that the first logits of a row are of; further ones do not count. Empty:
  /// logit i is of token i.
  virtual std::span<const std::int32_t> tokens_of(std::size_t) const { return {}; }
};

struct SearchOptions {
  std::size_t beam = 1;
  double normalize = 0;             ///< exponent of the length
  std::size_t best = 1;             ///< results wanted of each input
  std::int32_t begin = 0, end = 0;  ///< the first token that is taken; the one that ends
  std::int32_t forbidden = -1;      ///< a token that never comes
};

struct Found {
  std::vector<std::int32_t> tokens = {};  ///< without begin and end
  double log_probability = 0;             ///< ln P, of the end too
  double score = 0;                       ///< what results are ranked by
  bool ended = false;
};

/// ln P / length^exponent. A length counts the end, and is at least 1.
double normalized(double log_probability, std::size_t length, double exponent);

/// Beam search. One that ends leaves the beam, which is narrower from then on; an input is done when its beam
/// is empty, or when none that goes on can still be among the best. Of input i at most longest[i] tokens
/// come. Equal scores: the earlier one, then the lower token. The result for an input does not depend on the
/// others.
std::vector<std::vector<Found>> search(SearchModel& model, std::span<const std::size_t> longest,
                                       const SearchOptions& options);

/// Draws one sequence an input, token by token, at a temperature above 0. `seeds` has a number an input.
std::vector<Found> draw(SearchModel& model, std::span<const std::size_t> longest,
                        const SearchOptions& options, float temperature,
                        std::span<const std::uint64_t> seeds);

}  // namespace rondo::decode
