// The applications of the library: one line each.
#include <rondo/tasks/task.h>

#include "tasks/classify/application.h"

namespace rondo {

const std::vector<TaskKind>& applications() {
  static const std::vector<TaskKind> all = {kind_of<classify::Classification>()};
  return all;
}

}  // namespace rondo
