// rondo predict: classes of texts from the command line or, line by line, from standard input.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include <rondo/tasks.h>

#include "base/json.h"
#include "base/message.h"
#include "base/utf8.h"
#include "field_options.h"
#include "model_argument.h"
#include "program.h"
#include "table.h"

namespace rondo::program {
namespace {

struct PredictOptions {
  int top = 1;
  std::optional<double> threshold = {};

  static constexpr auto fields() {
    using O = PredictOptions;
    return std::tuple{
        field("top", &O::top, "labels per text, likeliest first", 1, 1'000'000),
        field("threshold", &O::threshold,
              "for models of two classes: the second is chosen from this probability on, else the "
              "first; the order is by name (numbers by value), as 'rondo inspect' shows it",
              0, 1)};
  }
};
static_assert(all_fields_listed<PredictOptions>);

struct Predict {
  FieldOptions typed;
  PredictOptions options;
  std::string model;
  std::vector<std::string> texts;
  bool json = false;

  int run();
  void check_threshold(const TextClassifier& classifier) const;
  std::string line(const TextClassifier& classifier, const std::string& text,
                   const Prediction& prediction) const;
  void answer(const TextClassifier& classifier, const std::vector<std::string>& batch) const;
  void answer_lines(const TextClassifier& classifier) const;
  std::vector<std::size_t> ranking(const Prediction& prediction) const;
};

/// With a threshold, of two classes the second stands first from that probability on.
std::vector<std::size_t> Predict::ranking(const Prediction& prediction) const {
  std::vector<std::size_t> order = prediction.ranking();
  if (options.threshold) {
    const std::size_t first = static_cast<double>(prediction.probabilities[1]) >= *options.threshold ? 1 : 0;
    order = {first, 1 - first};
  }
  order.resize(std::min(order.size(), static_cast<std::size_t>(options.top)));
  return order;
}

std::string Predict::line(const TextClassifier& classifier, const std::string& text,
                          const Prediction& prediction) const {
  const std::vector<std::string>& names = classifier.class_names();
  const std::vector<std::size_t> order = ranking(prediction);
  if (json) {
    Json object = {{"text", text},
                   {"label", names[order.front()]},
                   {"probability", shortest_double(prediction.probabilities[order.front()])},
                   {"probabilities", Json::object()}};
    for (const std::size_t i : options.top > 1 ? order : prediction.ranking())
      object["probabilities"][names[i]] = shortest_double(prediction.probabilities[i]);
    return dump_json(object) + "\n";
  }
  std::string out;
  for (const std::size_t i : order)
    out += fmt::format("{}\t{:.4f}\t", names[i], prediction.probabilities[i]);
  return out + one_line(text) + "\n";
}

void Predict::answer(const TextClassifier& classifier, const std::vector<std::string>& batch) const {
  const std::vector<Prediction> predictions = classifier.predict(batch);
  std::string out;
  for (std::size_t i = 0; i < batch.size(); ++i)
    out += line(classifier, batch[i], predictions[i]);
  print(out);
}

/// From a pipe, lines are answered by the hundred; from a terminal, one by one.
void Predict::answer_lines(const TextClassifier& classifier) const {
  const bool by_hand = isatty(STDIN_FILENO) != 0;
  const std::size_t at_once = by_hand ? 1 : 256;
  if (by_hand) note("type texts, one a line; Ctrl-D ends");
  std::vector<std::string> batch;
  std::uint64_t number = 0, blank = 0;
  for (std::string text; std::getline(std::cin, text);) {
    ++number;
    if (text.ends_with('\r')) text.pop_back();
    require_utf8(text, "standard input", number);
    if (text.find_first_not_of(" \t") == text.npos && blank == 0) blank = number;
    batch.push_back(std::move(text));
    if (batch.size() == at_once || std::cin.rdbuf()->in_avail() == 0) {
      answer(classifier, batch);
      batch.clear();
    }
  }
  if (!batch.empty()) answer(classifier, batch);
  if (blank > 0)
    note(fmt::format("line {} has no text: such lines have a row, but its label says nothing", blank));
}

void Predict::check_threshold(const TextClassifier& classifier) const {
  const std::vector<std::string>& names = classifier.class_names();
  if (names.size() != 2)
    fail(ErrorKind::option,
         fmt::format("--threshold is for models of two classes; '{}' has {}", model, names.size()));
  note(fmt::format("threshold: {} from a probability of {} on, else {}", quote(names[1]), *options.threshold,
                   quote(names[0])));
}

int Predict::run() {
  CommonOptions common;
  typed.apply(options, common);
  const ThreadsInForce threads(common);
  const TextClassifier classifier = loaded("predict", model, texts, TextClassifier::load);
  if (options.threshold) check_threshold(classifier);
  for (const std::string& text : texts)
    if (std::error_code error; std::filesystem::is_regular_file(text, error))
      note(fmt::format("{} is taken as a text; to classify its lines: rondo predict {} < {}", quote(text),
                       model, text));
  if (texts.empty())
    answer_lines(classifier);
  else
    answer(classifier, texts);
  return 0;
}

}  // namespace

void add_predict(CLI::App& app, Action& action) {
  const auto predict = std::make_shared<Predict>();
  CLI::App* command =
      app.add_subcommand("predict", "classify texts: prints label, probability and text, with tabs between");
  command->add_option("MODEL", predict->model, "model file")->required();
  command->add_option("TEXT", predict->texts, "texts to classify; none: the lines of standard input");
  predict->typed.add_to(*command, field_table<PredictOptions>());
  predict->typed.add_to(*command, field_table<CommonOptions>());
  command->add_flag("--json", predict->json, "print one JSON object a text");
  command->footer(
      "Examples:\n"
      "  rondo predict sentiment.rondo \"What a lovely film.\"\n"
      "  rondo predict sentiment.rondo < lines.txt > labels.tsv");
  command->callback([&action, predict] { action = [predict] { return predict->run(); }; });
}

}  // namespace rondo::program
