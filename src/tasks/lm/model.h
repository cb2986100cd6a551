/// What a LanguageModel holds.
#pragma once
#include <string>
#include <utility>

#include <rondo/network.h>
#include <rondo/tasks/lm.h>

#include "tasks/lm/network.h"

namespace rondo {

struct LanguageModel::Impl {
  Model<lm::LanguageNet> network;
  History history = {};
};

}  // namespace rondo
