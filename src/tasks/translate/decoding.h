/// From lines to translations.
#pragma once
#include "tasks/translate/model.h"

namespace rondo::translate {

/// The best translations of each text.
std::vector<std::vector<Translation>> translations(const TranslationModel& model,
                                                   std::span<const std::string> texts,
                                                   const TranslateOptions& options);

}  // namespace rondo::translate
