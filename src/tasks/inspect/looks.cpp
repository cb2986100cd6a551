#include "tasks/inspect/looks.h"

#include "base/message.h"
#include "tasks/classify/application.h"
#include "tasks/forecast/application.h"
#include "tasks/lm/application.h"
#include "tasks/tag/application.h"
#include "tasks/translate/application.h"

namespace rondo::inspect {
namespace {

/// Calls f with the typed object of the application's model. False for a model of no application here.
template <class F>
bool visit(const Task& task, const F& f) {
  const auto as = [&]<class A>() {
    const auto* const own = dynamic_cast<const TaskOf<A>*>(&task);
    if (own != nullptr) f(own->typed());
    return own != nullptr;
  };
  return as.template operator()<classify::Classification>() ||
         as.template operator()<tag::SequenceTagging>() || as.template operator()<lm::LanguageModelling>() ||
         as.template operator()<translate::TranslationTask>() ||
         as.template operator()<forecast::ForecastTask>();
}

[[noreturn]] void refuse(const Task& task) {
  const std::string& name = task.kind().name;
  fail(ErrorKind::usage, (name.empty() ? "a model of no application" : "a model of " + quote(name)) +
                             " cannot be looked into with a text; in C++, inspect::Watch sees any network");
}

std::string line_of(const classify::AnyClassifier&, const Dataset& examples, std::size_t number) {
  return std::string(examples.texts().at(number));
}
std::string line_of(const tag::TrainedTagger&, const Dataset& examples, std::size_t number) {
  return tag::example_line(examples, number);
}
std::string line_of(const lm::Writer&, const Dataset& examples, std::size_t number) {
  return lm::example_line(examples, number);
}
std::string line_of(const translate::TrainedTranslator&, const Dataset& examples, std::size_t number) {
  return translate::example_line(examples, number);
}
std::string line_of(const forecast::TrainedForecaster&, const Dataset& examples, std::size_t number) {
  return forecast::example_line(examples, number);
}

/// An example is looked at as its line, but a series with its times and columns.
template <class Model>
std::vector<Section> look_at(const Model& model, const Dataset& examples, std::size_t number,
                             std::size_t most) {
  using classify::look;
  return look(model, line_of(model, examples, number), most);
}
std::vector<Section> look_at(const forecast::TrainedForecaster& model, const Dataset& examples,
                             std::size_t number, std::size_t) {
  return forecast::look(model, examples, number);
}

}  // namespace

std::vector<Section> look(const Task& task, std::string_view line, std::size_t most) {
  std::vector<Section> sections;
  const bool known = visit(task, [&](const auto& model) {
    using classify::look;
    sections = look(model, line, most);
  });
  if (!known) refuse(task);
  return sections;
}

std::vector<Section> look(const Task& task, const Dataset& examples, std::size_t number, std::size_t most) {
  std::vector<Section> sections;
  if (!visit(task, [&](const auto& model) { sections = look_at(model, examples, number, most); }))
    refuse(task);
  return sections;
}

std::string line_of(const Task& task, const Dataset& examples, std::size_t number) {
  std::string line;
  if (!visit(task, [&](const auto& model) { line = line_of(model, examples, number); })) refuse(task);
  return line;
}

}  // namespace rondo::inspect

namespace rondo::classify {

std::vector<inspect::Section> look(const AnyClassifier& model, std::string_view line, std::size_t most) {
  if (model.one() == nullptr)
    fail(ErrorKind::usage,
         "a classifier with several heads cannot be looked into with a text; in C++, inspect::Watch sees any "
         "network");
  return look(*model.one(), line, most);
}

}  // namespace rondo::classify
