// SpeechRecognizer: training, answers and its file. What open options become is in plan.cpp.
#include "tasks/speech/model.h"

#include <algorithm>
#include <utility>

#include "tasks/options/training.h"
#include "tasks/own_model.h"
#include "tasks/speech/clips.h"
#include "tasks/speech/evaluation.h"

namespace rondo {
namespace {

constexpr std::string_view application_name = "speech";
using speech::SpeechModel;
using speech::SpeechNet;

/// Clips whose answer is right, of all: of CTC by the likeliest path, which costs little.
NetworkMetric<SpeechNet> accuracy_metric() {
  return {.name = std::string("accuracy"),
          .sums = typename NetworkMetric<SpeechNet>::Sums([](const BatchView<SpeechNet>& seen) {
            return speech::right_answers(seen.net(), seen.batch());
          })};
}

void compile(SpeechModel& network, const TrainingOptions& training) {
  network.compile({.optimizer = optimizer_of(training), .metrics = {accuracy_metric()}});
}

}  // namespace

SpeechRecognizer::SpeechRecognizer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SpeechRecognizer::SpeechRecognizer(SpeechRecognizer&&) noexcept = default;
SpeechRecognizer& SpeechRecognizer::operator=(SpeechRecognizer&&) noexcept = default;
SpeechRecognizer::~SpeechRecognizer() = default;

SpeechRecognizer SpeechRecognizer::train(const Dataset& train, const Dataset& valid, SpeechOptions options,
                                         TrainingRun run) {
  options = plan(train, valid, std::move(options));
  SpeechModel network(speech::SpeechInput::learn(train, options), options, options.training.seed);
  take_init(network, options.training, run);
  compile(network, options.training);
  network.set_application({std::string(application_name), OptionTable::of(options).to_json()});
  const FitOptions fit = fit_options(options.training, valid, std::move(run));
  History history = network.fit(train, fit);
  return SpeechRecognizer(std::make_unique<Impl>(Impl{std::move(network), std::move(history)}));
}

Heard SpeechRecognizer::recognize(const Sound& sound, const RecognizeOptions& options) const {
  return recognize(std::span(&sound, 1), options).front();
}

std::vector<Heard> SpeechRecognizer::recognize(std::span<const Sound> sounds,
                                               const RecognizeOptions& options) const {
  std::vector<std::vector<float>> frames;
  std::vector<const std::vector<float>*> pointers;
  for (const Sound& sound : sounds) {
    if (sound.samples.empty()) throw Error(ErrorKind::usage, "usage: recognize: a sound without samples");
    frames.push_back(impl_->network.input().features(sound));
  }
  for (const std::vector<float>& one : frames)
    pointers.push_back(&one);
  std::vector<Heard> heard = speech::recognized(impl_->network, pointers, options);
  for (std::size_t i = 0; i < sounds.size(); ++i) {
    const std::vector<float>& samples = sounds[i].samples;
    heard[i].end = sounds[i].seconds();
    heard[i].signal = std::any_of(samples.begin(), samples.end(), [](float x) { return x != 0; });
  }
  return heard;
}

SpeechEvaluation SpeechRecognizer::evaluate(const Dataset& test, int worst) const {
  return speech::evaluation_of(*this, test, worst);
}

int SpeechRecognizer::rate() const noexcept {
  return impl_->network.input().mel.rate;
}
const SpeechOptions& SpeechRecognizer::options() const noexcept {
  return impl_->network.options();
}
const History& SpeechRecognizer::history() const noexcept {
  return impl_->history;
}

void SpeechRecognizer::save(const std::filesystem::path& file) const {
  impl_->network.save(file);
}

SpeechRecognizer SpeechRecognizer::load(const std::filesystem::path& file) {
  SpeechModel network = load_own<SpeechNet>(file, application_name, "a recogniser of speech");
  compile(network, network.options().training);
  return SpeechRecognizer(std::make_unique<Impl>(Impl{std::move(network)}));
}

}  // namespace rondo
