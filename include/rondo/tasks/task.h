/// What every application is to a command line, a server or a binding: a TaskKind in a list, and a trained
/// model as a Task. C++ programs use the typed objects (TextClassifier, ...) instead.
///
/// An application is written as a struct of types and functions (see src/tasks/application.h, which makes a
/// TaskKind of it); everything that does not depend on the kind of examples is written once.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <rondo/callbacks.h>
#include <rondo/data.h>
#include <rondo/model.h>
#include <rondo/options.h>
#include <rondo/tasks/evaluation.h>
#include <rondo/train.h>

namespace [[gnu::visibility("default")]] rondo {

struct TaskKind;

/// What a training is told besides its options.
struct TrainingRun {
  /// Where checkpoints and metric files go; empty: none are written. Made only after the data were checked.
  std::filesystem::path folder = {};
  /// Go on from the newest checkpoint in `folder`.
  bool resume = false;
  /// Time between two checkpoints within an epoch; there is one at the end of each epoch too.
  double checkpoint_seconds = 60;
  std::function<bool()> stop = {};
  std::vector<AnyCallback> callbacks = {};
  /// Gets a line on what was derived or taken from elsewhere.
  std::function<void(const std::string&)> notice = {};
};

/// Examples read from files, and what reading them had to say.
struct Parts {
  Dataset train, valid, test;
  std::vector<std::string> notices = {};
};

/// How messages call an option: as it was typed ("--max-length"), by its line in a file, or by its name.
using PlaceOf = std::function<std::string(std::string_view option)>;

/// What a model says of one line of input.
struct Answer {
  std::string text;       ///< for people and shells: one line, without its end
  std::string json = {};  ///< one JSON object; empty: {"answer": text}
};

/// Something known about a model, for `rondo inspect`.
struct Fact {
  std::string key;   ///< in JSON
  Words title;       ///< for people
  Words text;        ///< for people; empty: JSON only
  std::string json;  ///< its value
};

/// A model with all that its application can do. Const members may be called by several threads at once.
class Task {
 public:
  virtual ~Task() = default;
  virtual const TaskKind& kind() const = 0;

  /// Scores and tables over examples read by this application; at most `worst` mistakes are listed. Of no
  /// examples, the names of the scores.
  virtual Evaluation evaluate(const Dataset& examples, int worst) const = 0;
  /// Error(option) for answering options that do not fit the model; what there is to say of them.
  virtual std::vector<std::string> check(const OptionTable& answering) const = 0;
  /// One answer a line.
  virtual std::vector<Answer> answer(std::span<const std::string> lines,
                                     const OptionTable& answering) const = 0;
  /// The application's part of a report; `evaluation` is empty where nothing was held out.
  virtual std::vector<report::Section> sections(const Parts& parts, const Evaluation& evaluation) const = 0;
  virtual std::vector<Fact> facts() const = 0;

  virtual std::string summary() const = 0;
  virtual const ParameterStore& weights() const = 0;
  virtual const TrainingRecord& record() const = 0;
  virtual const History& history() const = 0;
  virtual WeightType weight_type() const = 0;
  virtual void quantize(WeightType type) = 0;
  virtual std::vector<GradientCheck> check_gradients(const Dataset& examples,
                                                     const GradientCheckOptions& options) const = 0;
  virtual void save(const std::filesystem::path& file) const = 0;
};

/// What a verb with a run of its own reads and writes: a filter, or what goes on without an end. All three
/// functions are given.
struct VerbCall {
  std::vector<std::string> texts = {};  ///< given on the command line; none: standard input is meant
  bool json = false;                    ///< answers are wanted as JSON, one object a line
  /// Up to `size` bytes of standard input, as many as have arrived and at least one; 0 at its end.
  std::function<std::size_t(char* to, std::size_t size)> read = {};
  /// To standard output, at once. Throws when nobody reads it any more.
  std::function<void(std::string_view bytes)> write = {};
  /// A line for people, on standard error.
  std::function<void(const std::string& line)> notice = {};
};

/// A command of its own for what `predict` does with any model: "segment", "generate".
struct Verb {
  std::string name, about;
  std::vector<std::string> examples = {};  ///< for its help
  /// With a run of its own: all its options, and what its arguments are. Else those of `predict`.
  OptionTable options = {};
  std::string texts_about = {};
  /// Answers in a way of its own; none: one line, one answer, as `predict`.
  std::function<void(const Task& task, const OptionTable& options, const VerbCall& call)> run = {};
};

/// An application, its types erased.
struct TaskKind {
  std::string name;                         ///< of `rondo train NAME`, and in its model files
  std::string about;                        ///< one line of help
  Words counted;                            ///< what an example is: "texts"
  std::string data;                         ///< what DATA holds: "labelled text"
  std::string files;                        ///< the forms of DATA, for help
  std::string next;                         ///< what to type after `rondo predict MODEL` to try it
  std::vector<std::string> curves;          ///< values of an epoch that a report draws
  OptionTable options, reading, answering;  ///< with their defaults
  std::vector<Verb> verbs;
  std::vector<std::string> examples;  ///< of `rondo train NAME`, for its help

  /// Error(option) for options that contradict each other: before any file is read.
  std::function<void(const OptionTable& options, const OptionTable& reading, const PlaceOf& place)> check;
  /// Reads files as one data set; with a model, what it is to be tried on.
  std::function<Parts(const std::vector<std::filesystem::path>& files, const OptionTable& reading,
                      const Task* model)>
      read;
  /// A file of its own for the validation or test part of `parts`.
  std::function<Dataset(const std::filesystem::path& file, const OptionTable& reading, Parts& parts)>
      read_more;
  /// Holds these shares of the training part out, where a part is still empty and its share is not 0.
  std::function<void(Parts& parts, double valid_share, double test_share, std::uint64_t seed)> hold_out;
  /// Fills in what was left open; a line for each thing derived.
  std::function<std::vector<std::string>(OptionTable& options, const Parts& parts, const PlaceOf& place)>
      plan;
  /// Trains with planned options.
  std::function<std::unique_ptr<Task>(const OptionTable& options, const Parts& parts, TrainingRun run)> train;
  /// Whether a file of no named application (written by an older version, or from C++) is one of these.
  std::function<bool(const std::filesystem::path& file)> accepts;
  std::function<std::unique_ptr<Task>(const std::filesystem::path& file)> load;
};

/// All applications of the library.
const std::vector<TaskKind>& applications();

/// A model with what the application that its file names, or that accepts it, can do. A Sequential of no
/// application has weights, a summary and a file only. Error(format) for an application that is not known
/// here, naming it; Error(io) when the file cannot be read.
std::unique_ptr<Task> load_task(const std::filesystem::path& file,
                                std::span<const TaskKind> among = applications());

}  // namespace rondo
