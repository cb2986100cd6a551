/// What was heard, for people and as JSON.
#pragma once
#include <string>

#include <rondo/tasks/speech.h>
#include <rondo/tasks/task.h>

namespace rondo::speech {

/// `name`: what was heard, "yes.wav"; empty: it has none.
Answer answer_of(const Heard& heard, const std::string& name);
/// The same, not yet ended.
std::string partial_json(const Heard& heard);

}  // namespace rondo::speech
