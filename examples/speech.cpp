// Learns two made-up words from a few sounds, then hears them in a stream, piece by piece.
// Prints: 2 words
#include <cmath>
#include <cstdint>
#include <iostream>
#include <numbers>

#include <rondo/sound.h>
#include <rondo/tasks/speech.h>

namespace {

/// A word as a tone of its own; each time a little higher or lower.
rondo::Sound say(double hertz, int times) {
  rondo::Sound sound{.samples = {}, .rate = 8000};
  for (int i = 0; i < 3200; ++i)
    sound.samples.push_back(
        static_cast<float>(0.4 * std::sin(2 * std::numbers::pi * (hertz + 5 * times) * i / 8000)));
  return sound;
}

}  // namespace

int main() {
  std::vector<rondo::SpeechClip> clips;
  for (int i = 0; i < 8; ++i) {
    clips.push_back({.name = "low" + std::to_string(i), .text = "low", .sound = say(400, i)});
    clips.push_back({.name = "high" + std::to_string(i), .text = "high", .sound = say(1500, i)});
  }
  rondo::SpeechOptions options;
  options.network.streaming = true;
  options.network.units = 16;
  options.training.epochs = 6;
  options.training.learning_rate = 0.01F;
  const auto recognizer =
      rondo::SpeechRecognizer::train(rondo::speech::dataset_of(std::move(clips)), {}, options);
  std::cout << recognizer.recognize(say(1500, 9)).text << '\n';

  rondo::SpeechListener listener(recognizer, {.pause = 0.2F});
  int words = 0;
  for (const double hertz : {400.0, 1500.0}) {
    rondo::Sound sound = say(hertz, 3);
    sound.samples.insert(sound.samples.end(), 4000, 0.0F);         // half a second of silence behind it
    for (std::size_t at = 0; at < sound.samples.size(); at += 80)  // 10 ms at a time
      for (const rondo::Heard& heard : listener.push(std::span(sound.samples).subspan(at, 80))) {
        std::cout << heard.begin << " s: " << heard.text << '\n';
        ++words;
      }
  }
  std::cout << words << " words\n";
}
