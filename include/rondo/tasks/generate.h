/// How a language model writes text, and what it wrote.
#pragma once
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {

/// See docs/language-models.md.
struct GenerateOptions {
  int length = 200;
  float temperature = 1;
  int top_k = 0;
  float top_p = 1;
  float min_p = 0;
  float repetition_penalty = 1;
  std::vector<std::string> stop = {};
  std::uint64_t seed = 1;
  int samples = 1;
  int beam = 0;
  std::string form = {};
  std::string first_line = {};
  std::string acrostic = {};
  bool distinct = false;
  std::string label = {};
  float guidance = 0;

  static constexpr auto fields() {
    using O = GenerateOptions;
    return std::tuple{
        field("length", &O::length, "tokens to write, at most; 0: until a document's end or a stop", 0,
              1 << 30),
        field("temperature", &O::temperature,
              "below 1: surer; above 1: more varied; 0: always the likeliest token", 0, 1e6),
        field("top_k", &O::top_k, "choose among so many likeliest tokens; 0: all", 0, 1 << 24),
        field("top_p", &O::top_p, "choose among the likeliest tokens that make up this share", 0, 1),
        field("min_p", &O::min_p, "leave out tokens below this share of the likeliest one's probability", 0,
              1),
        field("repetition_penalty", &O::repetition_penalty,
              "divides the score of tokens that the prompt or the text has (Keskar et al. 2019); 1: none",
              1e-6, 1e6),
        field("stop", &O::stop, "end before this text"),
        field("seed", &O::seed, "what the choices are drawn by"),
        field("samples", &O::samples, "texts to write, side by side", 1, 1 << 16),
        field("beam", &O::beam,
              "search the likeliest texts, keeping so many at each step, instead of drawing; 0: draw", 0,
              1 << 12),
        field("form", &O::form,
              "keep to lines of so many characters: 5x4, or 7,5,7, or with given ones: 春????,夏????"),
        field("first_line", &O::first_line, "with a form: the characters of its first line"),
        field("acrostic", &O::acrostic, "with a form: the characters that its lines begin with"),
        field("distinct", &O::distinct, "with a form: no character twice"),
        field("label", &O::label, "write for this label, of a model that was trained with labels"),
        field("guidance", &O::guidance,
              "with a label: how far to lead away from what other labels would write (Liu et al. 2021); 0: "
              "not at all",
              0, 100)};
  }
};
static_assert(all_fields_listed<GenerateOptions>);

/// What was written. A form ends by itself, whatever the length. A beam gives the likeliest texts that it
/// found, the likeliest first.
struct Generated {
  std::string text;  ///< without the prompt
  std::vector<std::int32_t> tokens;
  std::vector<float> log_probabilities;  ///< of each token, guided, before temperature and choices
  bool ended = false;                    ///< by the end of a document, a stop, or the end of the form
};

}  // namespace rondo
