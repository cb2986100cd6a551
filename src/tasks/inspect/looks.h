/// Which applications' models can be looked into. Each has a `look.cpp` in its folder, and a line in
/// looks.cpp.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/tasks/task.h>

#include "tasks/inspect/page.h"

namespace rondo {

class TextClassifier;
namespace classify {
class AnyClassifier;
}
namespace tag {
struct TrainedTagger;
}
namespace lm {
struct Writer;
}
namespace translate {
struct TrainedTranslator;
}
namespace forecast {
struct TrainedForecaster;
}

namespace inspect {
/// What happens inside of a model while it answers to a line, of which the first `most` tokens are looked at.
/// Error(usage) for a model of an application that has no look.cpp.
std::vector<Section> look(const Task& task, std::string_view line, std::size_t most);
/// The same for an example of data, `number` from 0.
std::vector<Section> look(const Task& task, const Dataset& examples, std::size_t number, std::size_t most);
/// What names an example on the page: its line, or a series' name. Errors as in look().
std::string line_of(const Task& task, const Dataset& examples, std::size_t number);
}  // namespace inspect

namespace classify {
std::vector<inspect::Section> look(const TextClassifier& model, std::string_view line, std::size_t most);
std::vector<inspect::Section> look(const AnyClassifier& model, std::string_view line, std::size_t most);
}  // namespace classify
namespace tag {
std::vector<inspect::Section> look(const TrainedTagger& model, std::string_view line, std::size_t most);
std::string example_line(const Dataset& examples, std::size_t number);
}  // namespace tag
namespace lm {
std::vector<inspect::Section> look(const Writer& model, std::string_view line, std::size_t most);
std::string example_line(const Dataset& examples, std::size_t number);
}  // namespace lm
namespace translate {
std::vector<inspect::Section> look(const TrainedTranslator& model, std::string_view line, std::size_t most);
std::string example_line(const Dataset& examples, std::size_t number);
}  // namespace translate
namespace forecast {
/// A line is the last values of a series; an example is a series, looked at where its rows end.
std::vector<inspect::Section> look(const TrainedForecaster& model, std::string_view line, std::size_t most);
std::vector<inspect::Section> look(const TrainedForecaster& model, const Dataset& examples,
                                   std::size_t number);
std::string example_line(const Dataset& examples, std::size_t number);
}  // namespace forecast

}  // namespace rondo
