/// A miniature application on Sequential: is a text short or long? Its labels come from the texts themselves.
#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <rondo/model.h>

#include "base/message.h"
#include "tasks/application.h"
#include "tasks/apps/lines.h"
#include "tasks/reading_record.h"

namespace rondo::test {

struct Length {
  static constexpr std::string_view name = "length", about = "learn whether a text is short or long",
                                    data = "texts", files = "one a line", next = "\"how long is this\"";
  struct Options {
    int units = 8;
    TrainingOptions training = {};
    static constexpr auto fields() {
      return std::tuple{field("units", &Options::units, "size of the state", 1, 64),
                        group(&Options::training, "Training")};
    }
  };
  struct Reading {
    int words = 4;
    static constexpr auto fields() {
      return std::tuple{field("words", &Reading::words, "words of the longest short text", 1, 100)};
    }
  };
  struct Answering {
    bool sure = false;
    static constexpr auto fields() { return std::tuple{field("sure", &Answering::sure, "say how sure")}; }
  };
  using Typed = Trained<Sequential>;

  static Words counted() { return {"texts", "文本"}; }
  static std::vector<std::string> curves() { return {"loss", "accuracy"}; }
  static std::vector<std::string> examples() { return {"rondo train length texts.txt --out m.rondo"}; }
  static std::vector<Verb> verbs() { return {{"measure", "say of each text whether it is long", {}}}; }

  static void check(const Options& options, const Reading&, const PlaceOf& place) {
    check_monitor(options.training, {"accuracy", "loss"}, place);
  }
  /// What decides about labels is remembered, and holds for all later files.
  static Parts read(const std::vector<std::filesystem::path>& files, const Reading& reading,
                    const Typed* model) {
    const std::string remembered = model == nullptr ? "" : model->network.application().reading;
    const std::string words =
        remembered.empty() ? std::to_string(reading.words) : text_in(parse_reading(remembered), "words");
    const std::vector<std::string> texts = lines_of(files);
    std::vector<std::string> labels;
    for (const std::string& text : texts)
      labels.push_back(std::count(text.begin(), text.end(), ' ') < std::stoi(words) ? "short" : "long");
    Parts parts{.train = data::labelled_text(texts, labels)};
    parts.reading = dump_json(Json{{"words", words}});
    return parts;
  }
  static std::vector<std::string> plan(Options& options, const Parts& parts, const PlaceOf&) {
    if (parts.train.class_names().size() < 2)
      fail(ErrorKind::data,
           "length: all texts are of one kind; give short ones and long ones, or another --words");
    return plan_training(options.training, {.epochs = 6, .monitor = "val_accuracy", .learning_rate = 0.02F});
  }
  static Typed train(const Options& options, const Parts& parts, TrainingRun run) {
    Sequential model{layers::Tokens{}, layers::Embedding{.dim = 4}, layers::LSTM{.units = options.units},
                     layers::Dense{.units = 1, .activation = Activation::sigmoid}};
    model.compile({.optimizer = optimizer_of(options.training),
                   .loss = Loss::binary_cross_entropy,
                   .metrics = {Metric::accuracy}});
    model.prepare(parts.train, options.training.seed);
    return trained<Length>({std::move(model)}, options, parts, std::move(run));
  }
  static Typed load(const std::filesystem::path& file) { return {rondo::load(file), {}}; }

  static Evaluation evaluate(const Typed& model, const Dataset& examples, int) {
    return evaluation_of(model.network.evaluate(examples), examples, counted(),
                         {{.name = "accuracy", .form = Form::share, .headline = true}});
  }
  static std::vector<Answer> answer(const Typed& model, std::span<const std::string> lines,
                                    const Answering& answering) {
    std::vector<Answer> answers;
    for (const Prediction& p : model.network.predict(lines))
      answers.push_back({p.label + (answering.sure ? " " + std::to_string(p.probability) : "")});
    return answers;
  }
  static std::vector<report::Section> sections(const Typed&, const Parts&, const Evaluation& e) {
    return {{{"Lengths", "长度"}, {report::Note{{std::to_string(e.examples) + " texts were tried", {}}}}}};
  }
  static std::vector<Fact> facts(const Typed& model) {
    const std::string words = std::to_string(model.network.encoder().vocab().size());
    return {{"vocabulary", {"vocabulary", "词表"}, {words, {}}, words}};
  }
};
static_assert(all_fields_listed<Length::Options> && all_fields_listed<Length::Reading>);
static_assert(all_fields_listed<Length::Answering>);

}  // namespace rondo::test
