// The scorers of the library: one line each.
#include "tasks/tag/scores/scorers.h"

#include <rondo/tasks/score.h>

#include "tasks/translate/scores/scorers.h"

namespace rondo {

const std::vector<Scorer>& scorers() {
  static const std::vector<Scorer> all = {tag::conlleval_scorer(), tag::sighan_scorer(),
                                          translate::bleu_scorer(), translate::chrf_scorer()};
  return all;
}

}  // namespace rondo
