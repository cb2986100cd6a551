/// From an application's own function to a Verb with a run of its own.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "tasks/application.h"

namespace rondo {

/// A verb of application A with a run of its own. Models of other applications are refused. Further members,
/// such as Verb::reads_files, are set in what it returns.
template <Application A, Description O>
Verb verb_of(std::string name, std::string about, std::string texts_about,
             void (*run)(const typename A::Typed&, const O&, const VerbCall&),
             std::vector<std::string> examples = {}) {
  return {.name = name,
          .about = std::move(about),
          .examples = std::move(examples),
          .options = OptionTable::of<O>(),
          .texts_about = std::move(texts_about),
          .run = [run, name](const Task& task, const OptionTable& options, const VerbCall& call) {
            const auto* const own = dynamic_cast<const TaskOf<A>*>(&task);
            if (own == nullptr)
              throw Error(ErrorKind::usage,
                          "usage: " + name + " is for models of '" + std::string(A::name) + "'");
            run(own->typed(), options.as<O>(), call);
          }};
}

}  // namespace rondo
