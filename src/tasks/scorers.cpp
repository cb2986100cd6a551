// The scorers of the library: one line each.
#include "tasks/tag/scores/scorers.h"

#include <rondo/tasks/score.h>

namespace rondo {

const std::vector<Scorer>& scorers() {
  static const std::vector<Scorer> all = {tag::conlleval_scorer(), tag::sighan_scorer()};
  return all;
}

}  // namespace rondo
