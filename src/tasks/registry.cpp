// The applications of the library: one line each.
#include <rondo/tasks/task.h>

#include "tasks/classify/application.h"
#include "tasks/forecast/application.h"
#include "tasks/lm/application.h"
#include "tasks/speech/application.h"
#include "tasks/tag/application.h"
#include "tasks/translate/application.h"
#include "tasks/trees/application.h"

namespace rondo {

const std::vector<TaskKind>& applications() {
  static const std::vector<TaskKind> all = {
      kind_of<classify::Classification>(), kind_of<lm::LanguageModelling>(),
      kind_of<tag::SequenceTagging>(),     kind_of<translate::TranslationTask>(),
      kind_of<forecast::ForecastTask>(),   kind_of<speech::SpeechTask>(),
      kind_of<trees::TreeTask>()};
  return all;
}

}  // namespace rondo
