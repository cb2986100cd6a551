// rondo predict: classes of texts from the command line or, line by line, from standard input.
#include <algorithm>
#include <iostream>

#include <fmt/format.h>
#include <unistd.h>

#include <rondo/tasks.h>

#include "base/json.h"
#include "base/message.h"
#include "base/utf8.h"
#include "program.h"

namespace rondo::program {
namespace {

struct Predict {
  std::shared_ptr<Common> common = std::make_shared<Common>();
  std::string model;
  std::vector<std::string> texts;
  int top = 1;
  double threshold = -1;

  int run() const;
  std::string line(const TextClassifier& classifier, const std::string& text,
                   const Prediction& prediction) const;
  void answer(const TextClassifier& classifier, const std::vector<std::string>& batch) const;
  void answer_lines(const TextClassifier& classifier) const;
  std::vector<std::size_t> ranking(const Prediction& prediction) const;
};

/// Tabs and line ends as spaces: a text is one field of a TSV line.
std::string one_field(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

/// With a threshold, of two classes the second stands first from that probability on.
std::vector<std::size_t> Predict::ranking(const Prediction& prediction) const {
  std::vector<std::size_t> order = prediction.ranking();
  if (threshold >= 0) {
    const std::size_t first = static_cast<double>(prediction.probabilities[1]) >= threshold ? 1 : 0;
    order = {first, 1 - first};
  }
  order.resize(std::min(order.size(), static_cast<std::size_t>(top)));
  return order;
}

std::string Predict::line(const TextClassifier& classifier, const std::string& text,
                          const Prediction& prediction) const {
  const std::vector<std::string>& names = classifier.class_names();
  const std::vector<std::size_t> order = ranking(prediction);
  if (common->json) {
    Json json = {{"text", text},
                 {"label", names[order.front()]},
                 {"probability", shortest_double(prediction.probabilities[order.front()])},
                 {"probabilities", Json::object()}};
    for (const std::size_t i : top > 1 ? order : prediction.ranking())
      json["probabilities"][names[i]] = shortest_double(prediction.probabilities[i]);
    return dump_json(json) + "\n";
  }
  std::string out;
  for (const std::size_t i : order)
    out += fmt::format("{}\t{:.4f}\t", names[i], prediction.probabilities[i]);
  return out + one_field(text) + "\n";
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
  const std::size_t at_once = isatty(STDIN_FILENO) != 0 ? 1 : 256;
  std::vector<std::string> batch;
  std::uint64_t number = 0;
  for (std::string text; std::getline(std::cin, text);) {
    ++number;
    if (text.ends_with('\r')) text.pop_back();
    require_utf8(text, "standard input", number);
    batch.push_back(std::move(text));
    if (batch.size() == at_once || std::cin.rdbuf()->in_avail() == 0) {
      answer(classifier, batch);
      batch.clear();
    }
  }
  if (!batch.empty()) answer(classifier, batch);
}

int Predict::run() const {
  const Common::InForce threads(common->threads);
  const TextClassifier classifier = TextClassifier::load(model);
  if (threshold >= 0 && classifier.class_names().size() != 2)
    fail(ErrorKind::option, fmt::format("--threshold is for models of two classes; '{}' has {}", model,
                                        classifier.class_names().size()));
  if (texts.empty())
    answer_lines(classifier);
  else
    answer(classifier, texts);
  return 0;
}

}  // namespace

void add_predict(CLI::App& app, Action& action) {
  const auto predict = std::make_shared<Predict>();
  CLI::App* command = app.add_subcommand("predict", "classify texts: label, probability, text");
  command->add_option("MODEL", predict->model, "model file")->required();
  command->add_option("TEXT", predict->texts, "texts; none: the lines of standard input");
  command->add_option("--top", predict->top, "labels per text, likeliest first [1]")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("K");
  command
      ->add_option("--threshold", predict->threshold,
                   "of two classes, the second is chosen from this probability on [0.5]")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("P");
  add_common(*command, predict->common);
  command->callback([&action, predict] { action = [predict] { return predict->run(); }; });
}

}  // namespace rondo::program
