/// The form in which command lines, servers and language bindings see an application: a TaskKind in a list,
/// and a trained model as a Task. C++ programs use the typed objects (TextClassifier, ...) instead.
///
/// An application is written as a struct of types and functions; src/tasks/application.h makes a TaskKind of
/// it. Everything that does not depend on the kind of examples is written once.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
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

/// The settings of a training run besides the application's options.
struct TrainingRun {
  /// The folder for checkpoints and metric files; empty: none are written. It is made only after the data
  /// were checked.
  std::filesystem::path folder = {};
  /// Whether to continue from the newest checkpoint in `folder`.
  bool resume = false;
  /// Seconds between two checkpoints within an epoch. There is also one at the end of each epoch.
  double checkpoint_seconds = 60;
  std::function<bool()> stop = {};
  std::vector<AnyCallback> callbacks = {};
  /// Receives a line about each derived setting and about weights taken from other files.
  std::function<void(const std::string&)> notice = {};
};

/// Examples read from files, and the reader's notices.
struct Parts {
  Dataset train, valid, test;
  std::vector<std::string> notices = {};
  bool valid_held_out = false;  ///< `valid` was taken out of what `train` was read from
  /// How they were read (their columns), one JSON object of the application's own. The model keeps it for
  /// data that it is tried on later. Empty: nothing to keep.
  std::string reading = {};
  /// Whether the examples are mostly Chinese, and so the report. Where examples are texts it is found out.
  bool chinese = false;
};

/// Names an option in messages: as it was typed ("--max-length"), by its line in a file, or by its name.
using PlaceOf = std::function<std::string(std::string_view option)>;

/// A model's answer to one line of input.
struct Answer {
  std::string text;       ///< for people and shells: one line, without the line end
  std::string json = {};  ///< one JSON object; empty: {"answer": text}
};

/// A fact about a model, for `rondo inspect`.
struct Fact {
  std::string key;   ///< the key in JSON
  Words title;       ///< the title for people
  Words text;        ///< the value for people; empty: JSON only
  std::string json;  ///< the value in JSON
};

/// A model with everything that its application can do. Several threads may call const members at once.
class Task {
 public:
  virtual ~Task() = default;
  virtual const TaskKind& kind() const = 0;

  /// Scores and tables over examples that this application read, with at most `worst` mistakes. Without
  /// examples, the result has the names of the scores only.
  virtual Evaluation evaluate(const Dataset& examples, int worst) const = 0;
  /// The same by the application's own options of an evaluation. One without such options ignores them.
  virtual Evaluation evaluate_by(const OptionTable& evaluating, const Dataset& examples, int worst) const;
  /// Checks answering options and returns notices about them. Error(option) if they do not fit the model.
  virtual std::vector<std::string> check(const OptionTable& answering) const = 0;
  /// One answer per line.
  virtual std::vector<Answer> answer(std::span<const std::string> lines,
                                     const OptionTable& answering) const = 0;
  /// The application's sections of a report. `evaluation` is empty if no data were held out.
  virtual std::vector<report::Section> sections(const Parts& parts, const Evaluation& evaluation) const = 0;
  virtual std::vector<Fact> facts() const = 0;
  /// Tables of what the model has learned, for `rondo inspect`.
  virtual std::vector<report::Block> insights() const { return {}; }
  /// Why the model answers to a line as it does. Error(usage) for a model that cannot say.
  virtual std::vector<report::Block> explain(std::string_view line) const;

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
  /// Given on the command line; none: standard input is meant. Of a verb that reads files: their names.
  std::vector<std::string> texts = {};
  bool json = false;  ///< answers are wanted as JSON, one object a line
  /// Up to `size` bytes of standard input, as many as have arrived and at least one; 0 at its end.
  std::function<std::size_t(char* to, std::size_t size)> read = {};
  /// To standard output, at once. Throws when nobody reads it any more.
  std::function<void(std::string_view bytes)> write = {};
  /// A line for people, on standard error.
  std::function<void(const std::string& line)> notice = {};
};

/// A command of its own for what `predict` does with any model: "segment", "generate". One named "predict" is
/// how `predict` itself answers with a model of this application, whose input is not a line an answer.
struct Verb {
  std::string name, about;
  std::vector<std::string> examples = {};  ///< for its help
  /// With a run of its own: all its options, and what its arguments are. Else those of `predict`.
  OptionTable options = {};
  std::string texts_about = {};
  /// Without it, a terminal is not read: `rondo generate MODEL` begins at once.
  bool reads_terminal = true;
  /// Its arguments are files of data, one or more, which it reads itself; standard input if the one is "-".
  bool reads_files = false;
  /// Answers in a way of its own; none: one line, one answer, as `predict`.
  std::function<void(const Task& task, const OptionTable& options, const VerbCall& call)> run = {};
};

/// An application with its types erased.
struct TaskKind {
  std::string name;                 ///< NAME in `rondo train NAME` and in its model files
  std::string about;                ///< one line of help
  Words counted;                    ///< what the examples are: "texts"
  std::string data;                 ///< what DATA holds: "labelled text"
  std::string files;                ///< the formats of DATA, for help
  std::string next;                 ///< what to type after `rondo predict MODEL` to try the model
  std::vector<std::string> curves;  ///< epoch values that a report draws
  OptionTable options, reading, answering, evaluating;  ///< with their defaults
  std::vector<Verb> verbs;
  std::vector<std::string> examples;  ///< examples in the help of `rondo train NAME`

  /// Error(option) for options that contradict each other. It is called before any file is read.
  std::function<void(const OptionTable& options, const OptionTable& reading, const PlaceOf& place)> check;
  /// Reads files as one data set. With a model, reads data for an evaluation of that model.
  std::function<Parts(const std::vector<std::filesystem::path>& files, const OptionTable& reading,
                      const Task* model)>
      read;
  /// Reads a separate file for the validation or test part of `parts`.
  std::function<Dataset(const std::filesystem::path& file, const OptionTable& reading, Parts& parts)>
      read_more;
  /// Fills an empty validation or test part with its share of the training part, if that share is not 0.
  std::function<void(Parts& parts, double valid_share, double test_share, std::uint64_t seed)> hold_out;
  /// Fills in open options and returns a line for each derived one.
  std::function<std::vector<std::string>(OptionTable& options, const Parts& parts, const PlaceOf& place)>
      plan;
  /// Trains with planned options.
  std::function<std::unique_ptr<Task>(const OptionTable& options, const Parts& parts, TrainingRun run)> train;
  /// The model of a file that names no application (from an older version, or from C++), if it is one of this
  /// application.
  std::function<std::unique_ptr<Task>(const std::filesystem::path& file)> adopt;
  std::function<std::unique_ptr<Task>(const std::filesystem::path& file)> load;
};

/// All applications of the library.
const std::vector<TaskKind>& applications();

/// Loads a model as a Task of the application that its file names, or that adopts the file. A Sequential of
/// no application has only weights, a summary and a file. Error(format) names an unknown application;
/// Error(io) if the file cannot be read.
std::unique_ptr<Task> load_task(const std::filesystem::path& file,
                                std::span<const TaskKind> among = applications());

}  // namespace rondo
