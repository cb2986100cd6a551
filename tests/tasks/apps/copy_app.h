/// A miniature application on Model<Net>: copies lists of tokens, one token after another.
#pragma once
#include <rondo/network.h>

#include "tasks/application.h"
#include "tasks/apps/lines.h"
#include "train/metrics.h"

namespace rondo::test {

using Numbers = std::vector<std::int32_t>;  // letters from 2 on; 1 begins and ends a list
using Pair = std::pair<Numbers, Numbers>;   // what is read, what is to be written
struct Pairs {
  struct Batch {
    std::shared_ptr<const Layout> layout;
    Ids source, before;           ///< before: the targets behind their border
    Tensor labels;                ///< the targets and their border
    std::vector<Numbers> wanted;  ///< the targets
    std::vector<std::size_t> examples;
  };
  static Batch pack(const Dataset& from, std::span<const std::size_t> examples) {
    std::vector<Numbers> source, wanted, before, after;
    for (const std::size_t i : examples) {
      source.push_back(from.example<Pair>(i).first);
      for (std::vector<Numbers>* list : {&wanted, &before, &after})
        list->push_back(from.example<Pair>(i).second);
      before.back().insert(before.back().begin(), 1);
      after.back().push_back(1);
    }
    const Ids targets = Ids::pack(before);
    return {targets.layout(), Ids::pack(source),
            targets,          Ids::pack(after).tokens(),
            wanted,           {examples.begin(), examples.end()}};
  }
  auto batches(const Dataset& data, data::BatchOptions options, std::uint64_t seed) const {
    return data::PackedBatches(data, options, seed, pack);
  }
  std::string to_json() const { return "{}"; }
  static Pairs from_json(std::string_view) { return {}; }
};

struct CopyNet {
  using Input = Pairs;
  struct Options {
    TrainingOptions training = {};
    static constexpr auto fields() { return std::tuple{group(&Options::training, "Training")}; }
  };
  nn::Embedding embed;
  nn::LSTM encode, decode;
  nn::Dense next;

  CopyNet(const Scope& in, const Pairs&, const Options&)
      : embed(in / "embed", {.dim = 12, .vocab = 28, .init_scale = 0.3F}),
        encode(in / "encode", 12, {.units = 24}),
        decode(in / "decode", 12, {.units = 24}),
        next(in / "next", 24, {.units = 28}) {}

  /// A little of a batch's first state is carried on to the next one.
  BatchLoss loss(const Pairs::Batch& batch, State& carried) const {
    State state = start(batch);
    const Var first = state[0][0];
    if (carried.size() > 0) state = {state[0] + Var(0.1F) * carried[0], state[1]};
    carried = {first};
    const Var said = decode.run(embed(batch.before), state).outputs.rows();
    return {.loss = next.cross_entropy(said, batch.labels), .weight = static_cast<double>(said.rows())};
  }
  State start(const Pairs::Batch& batch) const { return encode.run(embed(batch.source)).state; }
  StepResult step(const Numbers& last, const State& state) const {
    const Ids ids(Tensor::of({std::ssize(last)}, last), Layout::uniform(std::ssize(last), 1));
    const auto [said, after] = decode.step(embed(ids).rows(), state);
    return {next(said), after};
  }
  std::vector<Numbers> predict(const Pairs::Batch& batch) const {
    std::vector<Numbers> said(batch.examples.size());
    const State read = start(batch);
    for (std::size_t k = 0; k < said.size(); ++k) {
      State state = read.select(Numbers{static_cast<std::int32_t>(k)});
      for (std::int32_t last = 1; said[k].size() < 20; said[k].push_back(last)) {
        StepResult result = step({last}, state);
        last = predicted_classes(result.output.value())[0];
        if (last == 1) break;
        state = std::move(result.state);
      }
    }
    return said;
  }
};

struct Copy {
  static constexpr std::string_view name = "copy", about = "learn to copy lists of tokens", data = "lists",
                                    files = "one a line, blanks between tokens", next = "\"a b c\"";
  using Options = CopyNet::Options;
  using Reading = NoOptions;
  using Answering = NoOptions;
  using Typed = Trained<Model<CopyNet>>;
  static Words counted() { return {"lists", "列表"}; }
  static std::vector<Verb> verbs() { return {{"repeat", "say lists again", {}}}; }
  static Dataset pairs_of(std::span<const std::string> lines) {
    std::vector<Pair> pairs;
    for (const std::string& line : lines) {
      Numbers numbers;
      for (const char c : line)
        if (c != ' ') numbers.push_back(c - 'a' + 2);
      pairs.emplace_back(numbers, numbers);
    }
    return data::examples_of(std::move(pairs), {.content = [](const Pair& p) { return data::content_of(p); },
                                                .length = [](const Pair& p) { return std::ssize(p.first); }});
  }
  static Parts read(const std::vector<std::filesystem::path>& files, const Reading&, const Typed*) {
    return {.train = pairs_of(lines_of(files))};
  }
  static std::vector<std::string> plan(Options& options, const Parts&, const PlaceOf& place) {
    check_monitor(options.training, {"exact", "loss"}, place);
    return plan_training(options.training, {.epochs = 8, .monitor = "val_exact", .learning_rate = 0.02F});
  }
  static std::vector<double> exact(const BatchView<CopyNet>& seen) {
    const std::vector<Numbers> said = seen.net().predict(seen.batch());
    double right = 0;
    for (std::size_t k = 0; k < said.size(); ++k)
      right += said[k] == seen.batch().wanted[k] ? 1 : 0;
    return {right, static_cast<double>(said.size())};
  }
  static Typed compiled(Model<CopyNet> model, const Options& options) {
    const Model<CopyNet>::Metric metric{.name = std::string("exact"), .sums = exact};
    model.compile({.optimizer = optimizer_of(options.training), .metrics = {metric}});
    return {std::move(model)};
  }
  static Typed train(const Options& options, const Parts& parts, TrainingRun run) {
    return trained<Copy>(compiled(Model<CopyNet>({}, options, options.training.seed), options), options,
                         parts, std::move(run));
  }
  static Typed load(const std::filesystem::path& file) { return compiled(Model<CopyNet>::load(file), {}); }
  static Evaluation evaluate(const Typed& copier, const Dataset& examples, int) {
    return evaluation_of(copier.network.evaluate(examples), examples, counted(),
                         {{.name = "exact", .form = Form::share, .headline = true}});
  }
  static std::vector<Answer> answer(const Typed& copier, std::span<const std::string> lines,
                                    const Answering&) {
    std::vector<Answer> answers;
    for (const Numbers& said : copier.network.predict(pairs_of(lines))) {
      answers.emplace_back();
      for (const std::int32_t number : said)
        answers.back().text += static_cast<char>('a' + number - 2);
    }
    return answers;
  }
};

}  // namespace rondo::test
