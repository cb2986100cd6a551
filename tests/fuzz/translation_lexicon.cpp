// Any bytes are the lexicon of a translator, whose shortlists stay within the vocabulary, or are refused with
// Error(format).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <rondo/error.h>

#include "data/base64.h"
#include "tasks/translate/lexicon.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using rondo::translate::Lexicon;
  constexpr std::int32_t sources = 4, targets = 7;
  const rondo::Json tree = rondo::to_base64({reinterpret_cast<const char*>(data), size});
  try {
    const Lexicon lexicon = Lexicon::from_tree(tree, sources, targets);
    const std::vector<std::int32_t> sentence = {0, 1, 2, 3, 3};
    for (const int each : {1, 50}) {
      const std::vector<std::int32_t> tokens = lexicon.shortlist(sentence, each);
      if (std::adjacent_find(tokens.begin(), tokens.end(), std::greater_equal<>()) != tokens.end())
        std::abort();
      if (!tokens.empty() && (tokens.front() < 0 || tokens.back() >= targets)) std::abort();
    }
    const rondo::Json written = lexicon.to_tree();
    if (Lexicon::from_tree(written, sources, targets).to_tree() != written) std::abort();
  } catch (const rondo::Error& error) {
    if (error.kind() != rondo::ErrorKind::format) std::abort();
  }
  return 0;
}
