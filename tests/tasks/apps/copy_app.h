/// A miniature application on Model<Net>: copies lists of tokens, one token after another.
#pragma once
#include <algorithm>
#include <numeric>
#include <sstream>

#include <rondo/rondo.h>

#include "tasks/application.h"
#include "tasks/apps/lines.h"
#include "tasks/options/training.h"

namespace rondo::test {

using Numbers = std::vector<std::int32_t>;
struct Pair {
  std::vector<std::string> source, target;
};

/// Packs pairs; keeps the vocabulary, whose number 1 begins and ends a target.
struct Pairs {
  struct Batch {
    std::shared_ptr<const Layout> layout;
    Ids source, before;           ///< before: the targets behind their border
    Tensor labels;                ///< the targets and their border
    std::vector<Numbers> wanted;  ///< the targets
    std::vector<std::size_t> examples;
  };
  Vocab vocab;

  static Pairs learn(const Dataset& train) {
    Vocab::Counts counts;
    for (std::size_t i = 0; i < train.size(); ++i)
      for (const std::string& token : train.example<Pair>(i).source)
        ++counts[token];
    return {Vocab::from_counts(counts, 1, 0, std::vector<std::string>{"|"})};
  }
  auto batches(const Dataset& data, data::BatchOptions options, std::uint64_t seed) const {
    return data::PackedBatches(data, options, seed,
                               [v = vocab](const Dataset& from, std::span<const std::size_t> examples) {
                                 std::vector<Numbers> source, wanted, before, after;
                                 for (const std::size_t i : examples) {
                                   source.push_back(v.encode(from.example<Pair>(i).source));
                                   wanted.push_back(v.encode(from.example<Pair>(i).target));
                                   before.push_back(wanted.back());
                                   before.back().insert(before.back().begin(), 1);
                                   after.push_back(wanted.back());
                                   after.back().push_back(1);
                                 }
                                 const Ids targets = Ids::pack(before);
                                 return Batch{targets.layout(), Ids::pack(source),
                                              targets,          Ids::pack(after).tokens(),
                                              wanted,           {examples.begin(), examples.end()}};
                               });
  }
  std::string to_json() const { return vocab.to_json(); }
  static Pairs from_json(std::string_view json) { return {Vocab::from_json(json)}; }
};

struct CopyNet {
  using Input = Pairs;
  struct Options {
    int units = 24;
    TrainingOptions training = {};
    static constexpr auto fields() {
      return std::tuple{field("units", &Options::units, "size of the state", 1, 256),
                        group(&Options::training, "Training")};
    }
  };
  nn::Embedding embed;
  nn::LSTM encode, decode;
  nn::Dense next;
  Var gain;  ///< how much of the batch before is remembered

  CopyNet(const Scope& in, const Pairs& pairs, const Options& o)
      : embed(in / "embed", {.dim = 12, .vocab = pairs.vocab.size(), .init_scale = 0.3F}),
        encode(in / "encode", 12, {.units = o.units}),
        decode(in / "decode", 12, {.units = o.units}),
        next(in / "next", o.units, {.units = pairs.vocab.size()}),
        gain(in.parameter("gain", {o.units}, {.kind = Initializer::zeros})) {}

  /// The first state of a batch is carried on to the next one.
  BatchLoss loss(const Pairs::Batch& batch, State& carried) const {
    State state = start(batch);
    const Var first = state[0][0];
    if (carried.size() > 0) state = {state[0] + gain * carried[0], state[1]};
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
  /// The likeliest token after another; lists that have ended leave the batch.
  std::vector<Numbers> predict(const Pairs::Batch& batch) const {
    std::vector<Numbers> said(batch.examples.size());
    std::vector<std::size_t> alive(said.size());
    std::iota(alive.begin(), alive.end(), std::size_t{0});
    Numbers last(said.size(), 1);
    State state = start(batch);
    for (int t = 0; t < 20 && !alive.empty(); ++t) {
      const StepResult result = step(std::exchange(last, {}), state);
      const auto width = static_cast<std::size_t>(result.outputs.columns());
      Numbers rows;
      for (std::size_t row = 0; row < alive.size(); ++row) {
        const auto scores = result.outputs.values().subspan(row * width, width);
        const auto best = static_cast<std::int32_t>(std::ranges::max_element(scores) - scores.begin());
        if (best == 1) continue;
        said[alive[row]].push_back(best);
        alive[rows.size()] = alive[row];
        rows.push_back(static_cast<std::int32_t>(row));
        last.push_back(best);
      }
      alive.resize(rows.size());
      state = result.state.select(rows);
    }
    return said;
  }
};

struct Copy {
  static constexpr std::string_view name = "copy", about = "learn to copy lists of tokens", data = "lists",
                                    files = "one a line, blanks between tokens", next = "\"a b c\"";
  using Options = CopyNet::Options;
  struct Reading {
    static constexpr auto fields() { return std::tuple<>(); }
  };
  using Answering = Reading;
  using Typed = Trained<Model<CopyNet>>;
  static Words counted() { return {"lists", "列表"}; }
  static std::vector<Verb> verbs() { return {{"repeat", "say lists again", {}}}; }

  static Dataset pairs_of(std::span<const std::string> lines) {
    std::vector<Pair> pairs;
    for (const std::string& line : lines) {
      std::istringstream words(line);
      const std::vector<std::string> tokens(std::istream_iterator<std::string>(words), {});
      pairs.push_back({tokens, tokens});
    }
    return data::examples_of(std::move(pairs),
                             {.content = [](const Pair& p) { return data::content_of(p.source, p.target); },
                              .length = [](const Pair& p) { return std::ssize(p.source); }});
  }
  static Parts read(const std::vector<std::filesystem::path>& files, const Reading&, const Typed*) {
    return {.train = pairs_of(lines_of(files))};
  }
  static std::vector<std::string> plan(Options& options, const Parts&, const PlaceOf& place) {
    check_monitor(options.training, {"exact", "loss"}, place);
    return plan_training(options.training, {.epochs = 8, .monitor = "val_exact", .learning_rate = 0.02F});
  }
  /// Lists that were copied without a fault, of all.
  static std::vector<double> exact(const BatchView<CopyNet>& seen) {
    const std::vector<Numbers> said = seen.net().predict(seen.batch());
    double right = 0;
    for (std::size_t k = 0; k < said.size(); ++k)
      right += said[k] == seen.batch().wanted[k] ? 1 : 0;
    return {right, static_cast<double>(said.size())};
  }
  static Typed compiled(Model<CopyNet> model, const Optimizer& optimizer) {
    const Model<CopyNet>::Metric metric{.name = std::string("exact"), .sums = exact};
    model.compile({.optimizer = optimizer, .metrics = {metric}});
    return {std::move(model)};
  }
  static Typed train(const Options& options, const Parts& parts, TrainingRun run) {
    Typed copier = compiled(Model<CopyNet>(Pairs::learn(parts.train), options, options.training.seed),
                            optimizer_of(options.training));
    copier.network.set_application({std::string(name), OptionTable::of(options).to_json()});
    copier.past = copier.network.fit(parts.train, fit_options(options.training, parts.valid, std::move(run)));
    return copier;
  }
  static Typed load(const std::filesystem::path& file) { return compiled(Model<CopyNet>::load(file), {}); }

  static Evaluation evaluate(const Typed& copier, const Dataset& examples, int) {
    const Score score{.name = "exact",
                      .value = static_cast<double>(copier.network.evaluate(examples).at("exact")),
                      .form = Form::share,
                      .headline = true};
    return {.examples = static_cast<std::int64_t>(examples.size()), .counted = counted(), .scores = {score}};
  }
  static std::vector<Answer> answer(const Typed& copier, std::span<const std::string> lines,
                                    const Answering&) {
    std::vector<Answer> answers;
    for (const Numbers& said : copier.network.predict(pairs_of(lines)))
      answers.push_back({copier.network.input().vocab.decode(said)});
    return answers;
  }
};

}  // namespace rondo::test
