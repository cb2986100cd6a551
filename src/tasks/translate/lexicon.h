/// Which target tokens translate a source token: for decoders that choose among few tokens.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/json.h"
#include "tasks/translate/units.h"

namespace rondo::translate {

/// A pair as token numbers; the source has its end.
struct NumberedPair {
  std::vector<std::int32_t> source, target;
};

/// The likeliest target tokens of each source token by p(target | source), and the most frequent ones of all.
class Lexicon {
 public:
  /// So many of the most frequent target tokens belong to every shortlist.
  static constexpr std::size_t frequent_tokens = 100;

  Lexicon() = default;
  /// IBM model 1 (Brown et al. 1993), five rounds of EM; the end of a source stands for its empty word. Of
  /// data with more than 32 million links between tokens, evenly spaced pairs are taken. `kept`: the most
  /// tokens of each source token.
  static Lexicon learn(std::span<const NumberedPair> pairs, std::int32_t sources, std::int32_t targets,
                       int kept);

  bool empty() const noexcept { return begins_.empty(); }
  /// In ascending order, without repeats: the frequent ones, and the `each` likeliest of each token.
  std::vector<std::int32_t> shortlist(std::span<const std::int32_t> source, int each) const;

  Json to_tree() const;
  /// Error(format) for anything that to_tree() cannot have written of vocabularies of these sizes.
  static Lexicon from_tree(const Json& tree, std::int32_t sources, std::int32_t targets);

 private:
  std::vector<std::int32_t> frequent_;
  std::vector<std::size_t> begins_;   ///< of each source token, in tokens_; one more at the end
  std::vector<std::int32_t> tokens_;  ///< the likeliest first
};

}  // namespace rondo::translate
