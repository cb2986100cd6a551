#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include <sys/ioctl.h>
#include <unistd.h>

#include <rondo/callbacks.h>

#include "base/shown.h"

namespace rondo::callbacks {
namespace {

/// "1:02:03", "4:05"
std::string duration(double seconds) {
  const auto whole = static_cast<long>(std::clamp(std::round(seconds), 0.0, 1e8));
  const auto two_digits = [](long value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  const std::string seconds_part = two_digits(whole % 60);
  if (whole < 3600) return std::to_string(whole / 60) + ":" + seconds_part;
  return std::to_string(whole / 3600) + ":" + two_digits(whole / 60 % 60) + ":" + seconds_part;
}

/// "831", "12.3k", "1.20M"
std::string short_number(double value) {
  if (value >= 1e6) return fixed(value / 1e6, 2) + "M";
  if (value >= 1e4) return fixed(value / 1e3, 1) + "k";
  return fixed(value, 0);
}

std::string bar(std::size_t done, std::size_t all, std::size_t width) {
  const std::size_t full = all == 0 ? 0 : done * width / all;
  std::string text = "[" + std::string(full, '=');
  if (full < width) text += ">" + std::string(width - full - 1, ' ');
  return text + "]";
}

class Observer final : public Callback {
 public:
  explicit Observer(const ProgressBar& options)
      : live_(!options.always_plain && ::isatty(STDERR_FILENO) == 1), colour_(live_ && wants_colour()) {}
  ~Observer() override { clear(); }  // so that an error's message does not follow half a bar

  void on_step(const StepReport& report) override {
    if (!live_) return;
    const Clock::time_point now = Clock::now();
    const bool last = report.batch == report.batches;
    if (!last && now - drawn_ < std::chrono::milliseconds(100)) return;
    drawn_ = now;
    draw(step_line(report));
  }

  /// A validation at the end of an epoch is part of the epoch's line.
  void on_validation(const ValidationReport& report) override {
    if (report.epoch_done) return;
    clear();
    print("epoch " + std::to_string(report.epoch) + "/" + std::to_string(report.last_epoch) + ", step " +
          std::to_string(report.step) + listed(report.values) + "  " + duration(report.seconds) + "\n");
  }

  void on_epoch(const EpochReport& report) override {
    clear();
    print(paint("epoch " + std::to_string(report.epoch) + "/" + std::to_string(report.last_epoch)) +
          listed(report.values) + "  " + short_number(report.rows_per_second) + " tokens/s  " +
          duration(report.seconds) + "\n");
  }

  void on_message(const std::string& message) override {
    clear();
    print(message + "\n");
  }

  void on_end(const EndReport& report) override {
    clear();
    if (report.interrupted)
      print("interrupted in epoch " + std::to_string(report.epoch + 1) + "\n");
    else if (!report.reason.empty())
      print("ended after epoch " + std::to_string(report.epoch) + ": " + report.reason + "\n");
  }

 private:
  using Clock = std::chrono::steady_clock;

  static bool wants_colour() {
    const char* const forbidden = std::getenv("NO_COLOR");
    const char* const terminal = std::getenv("TERM");
    return (forbidden == nullptr || *forbidden == '\0') &&
           (terminal == nullptr || std::string(terminal) != "dumb");
  }

  static std::string step_line(const StepReport& report) {
    return "epoch " + std::to_string(report.epoch) + "/" + std::to_string(report.last_epoch) + " " +
           bar(report.batch, report.batches, 20) + " " + std::to_string(report.batch) + "/" +
           std::to_string(report.batches) + "  loss " + fixed(static_cast<double>(report.mean_loss), 4) +
           "  gradient " + fixed(static_cast<double>(report.gradient_norm), 2) + "  " +
           short_number(report.rows_per_second) + " tokens/s  " + duration(report.seconds_left) + " left";
  }

  /// "  loss 0.5231  val_loss 0.6012"
  static std::string listed(const std::map<std::string, float>& values) {
    std::string text;
    for (const auto& value : values)
      if (value.first != "learning_rate")
        text += "  " + value.first + " " + fixed(static_cast<double>(value.second), 4);
    return text;
  }

  std::string paint(const std::string& text) const { return colour_ ? "\033[1m" + text + "\033[0m" : text; }

  /// Cuts to the terminal's width, because a wrapped line could not be overwritten.
  void draw(std::string line) {
    ::winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
      line.resize(std::min(line.size(), static_cast<std::size_t>(size.ws_col - 1)));
    print("\r" + line + "\033[K");
    drawn_line_ = true;
  }

  void clear() {
    if (drawn_line_) print("\r\033[K");
    drawn_line_ = false;
  }

  /// Uses one write, so that other output does not come between. Failing to show progress is not an error.
  static void print(const std::string& text) {
    const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    static_cast<void>(written);
  }

  bool live_, colour_;
  bool drawn_line_ = false;
  Clock::time_point drawn_{};
};

}  // namespace

std::unique_ptr<Callback> ProgressBar::start() const {
  return std::make_unique<Observer>(*this);
}

}  // namespace rondo::callbacks
