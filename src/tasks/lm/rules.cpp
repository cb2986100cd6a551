#include "tasks/lm/rules.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/message.h"
#include "base/utf8.h"

namespace rondo::lm {
namespace {

constexpr float never = -std::numeric_limits<float>::infinity();

/// Where a stop begins that is complete in `text`: of several the one that ends first.
std::size_t find_stop(std::string_view text, const std::vector<std::string>& stops) {
  std::size_t found = std::string_view::npos, ends = std::string_view::npos;
  for (const std::string& stop : stops) {
    const std::size_t at = text.find(stop);
    if (at != std::string_view::npos && (at + stop.size() < ends || ends == std::string_view::npos)) {
      found = at;
      ends = at + stop.size();
    }
  }
  return found;
}

/// How much of the end of `text` could be the beginning of a stop.
std::size_t held_back(std::string_view text, const std::vector<std::string>& stops) {
  std::size_t most = 0;
  for (const std::string& stop : stops)
    for (std::size_t length = std::min(stop.size() - 1, text.size()); length > most; --length)
      if (text.ends_with(std::string_view(stop).substr(0, length))) most = length;
  return most;
}

}  // namespace

Rules::Rules(const TextUnits& units, const GenerateOptions& options, bool ends, bool streams)
    : units_(units), options_(options), ends_(ends) {
  for (const std::string& stop : options.stop)
    if (stop.empty()) fail(ErrorKind::option, "stop must not be empty");
  check_form();
  check_ends(streams);
}

void Rules::check_ends(bool streams) const {
  const bool endless = length() == 0 && options_.stop.empty() && !ends_ && !form_;
  if (endless && (!streams || options_.beam > 0))
    fail(ErrorKind::option,
         "length must be above 0 for a model whose texts have no end, unless there is a stop");
}

void Rules::check_form() {
  if (options_.form.empty()) {
    if (!options_.first_line.empty() || !options_.acrostic.empty() || options_.distinct)
      fail(ErrorKind::option, "first_line, acrostic and distinct need a form, such as 5x4");
    return;
  }
  // Words could fill a line only if their lengths happened to fit.
  const TextUnit unit = units_.options().tokenizer;
  if (unit != TextUnit::characters && unit != TextUnit::subwords)
    fail(ErrorKind::option,
         "form: is for models of characters or subwords, this one has " + std::string(name_of(unit)));
  auto form = std::make_shared<decode::Form>();
  form->lines = decode::parse_form(options_.form);
  form->distinct = options_.distinct;
  if (!options_.first_line.empty()) decode::give_first_line(*form, options_.first_line);
  if (!options_.acrostic.empty()) decode::give_acrostic(*form, options_.acrostic);
  std::string given;
  for (const std::u32string& line : form->lines)
    for (const char32_t c : line)
      if (c != decode::Form::any) append_utf8(given, c);
  const std::vector<std::string> unknown = units_.unknown_in(given);
  if (!unknown.empty())
    fail(ErrorKind::option, "form: the model has not seen " + quote(unknown.front()) + " in training");
  form_ = std::move(form);
  for (std::int32_t token = 0; token < units_.vocab().size(); ++token) {
    at_begin_.push_back(units_.decode(std::span(&token, 1), TextUnits::border));
    inside_.push_back(units_.decode(std::span(&token, 1), TextUnits::unknown));
  }
}

Writing Rules::start(std::span<const std::int32_t> prompt) const {
  Writing text;
  if (form_) text.form.emplace(form_);
  if (!prompt.empty()) text.last = prompt.back();
  return text;
}

const std::string& Rules::spelled(std::int32_t token, std::int32_t after) const {
  const bool begins = after == TextUnits::border || at_begin_[static_cast<std::size_t>(after)] == "\n";
  return (begins ? at_begin_ : inside_)[static_cast<std::size_t>(token)];
}

void Rules::restrict(std::span<float> scores, const Writing& text) const {
  scores[TextUnits::unknown] = never;
  const bool may_end = ends_ && (!text.form || text.form->complete());
  if (!may_end) scores[TextUnits::border] = never;
  if (!text.form) return;
  bool any = may_end;
  for (std::int32_t token = TextUnits::border + 1; token < std::ssize(scores); ++token) {
    const std::string& spelling = spelled(token, text.last);
    if (spelling.empty() || !text.form->takes(spelling))
      scores[static_cast<std::size_t>(token)] = never;
    else
      any = true;
  }
  if (!any) fail(ErrorKind::option, "form: no token of the model fits at " + text.form->place());
}

std::size_t Rules::take(Writing& text, std::int32_t token) const {
  if (token == TextUnits::border) {
    text.ended = true;
    return text.held.size();
  }
  const std::string spelling = units_.decode(std::span(&token, 1), text.last);
  text.held += spelling;
  text.last = token;
  const std::size_t stop = find_stop(text.held, options_.stop);
  if (stop != std::string_view::npos) {
    text.held.resize(stop);
    text.ended = true;
    return stop;
  }
  if (text.form) {
    text.form->take(spelling);
    text.ended = text.form->finished();
  }
  return text.ended ? text.held.size() : text.held.size() - held_back(text.held, options_.stop);
}

}  // namespace rondo::lm
