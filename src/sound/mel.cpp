// Log-mel features, frame by frame.
#include <algorithm>
#include <cmath>
#include <complex>
#include <kissfft/kissfft.hh>
#include <numbers>

#include <rondo/sound.h>

#include "base/fields.h"
#include "base/message.h"
#include "base/shown.h"

namespace rondo {
namespace {

// Slaney's scale: 200/3 Hz a mel up to 1 kHz, then a factor of 6.4 every 27 mels.
constexpr double slaney_step = 200.0 / 3, slaney_bend = 1000;
const double slaney_log = std::log(6.4) / 27;

double mel_of(MelScale scale, double hertz) {
  if (scale == MelScale::htk) return 2595 * std::log10(1 + hertz / 700);
  if (hertz < slaney_bend) return hertz / slaney_step;
  return slaney_bend / slaney_step + std::log(hertz / slaney_bend) / slaney_log;
}
double hertz_of(MelScale scale, double mel) {
  if (scale == MelScale::htk) return 700 * (std::pow(10, mel / 2595) - 1);
  if (mel < slaney_bend / slaney_step) return mel * slaney_step;
  return slaney_bend * std::exp(slaney_log * (mel - slaney_bend / slaney_step));
}

/// The part of the spectrum that a triangle sees.
struct Filter {
  std::size_t begin = 0;
  std::vector<double> weights = {};
};

std::vector<Filter> filters_of(const MelOptions& o, std::size_t fft_size) {
  const double high = o.high > 0 ? static_cast<double>(o.high) : o.rate / 2.0,
               low = static_cast<double>(o.low);
  if (!(low < high) || high > o.rate / 2.0)
    fail(ErrorKind::option, "mel: wanted low < high <= half the rate (" + plain(o.rate / 2.0) +
                                " Hz), got low " + plain(low) + " and high " + plain(high));
  std::vector<double> edges;
  const double first = mel_of(o.scale, low), last = mel_of(o.scale, high);
  for (int m = 0; m < o.mels + 2; ++m)
    edges.push_back(hertz_of(o.scale, first + (last - first) * m / (o.mels + 1)));
  std::vector<Filter> filters;
  for (std::size_t m = 0; m + 2 < edges.size(); ++m) {
    Filter filter;
    const double left = edges[m], centre = edges[m + 1], right = edges[m + 2];
    const double height = o.scale == MelScale::slaney ? 2 / (right - left) : 1;
    for (std::size_t bin = 0; bin <= fft_size / 2; ++bin) {
      const double hertz = static_cast<double>(bin) * o.rate / static_cast<double>(fft_size);
      const double weight = std::min((hertz - left) / (centre - left), (right - hertz) / (right - centre));
      if (weight <= 0) continue;
      if (filter.weights.empty()) filter.begin = bin;
      filter.weights.push_back(height * weight);
    }
    if (filter.weights.empty())
      fail(ErrorKind::option, "mel: filter " + std::to_string(m + 1) + " of " + std::to_string(o.mels) +
                                  " (" + fixed(left, 0) + " to " + fixed(right, 0) +
                                  " Hz) sees no bin of the spectrum; take fewer mels or a longer window");
    filters.push_back(std::move(filter));
  }
  return filters;
}

int samples_in(float milliseconds, int rate) {
  return std::max(1, static_cast<int>(std::lround(static_cast<double>(milliseconds) * rate / 1000)));
}

std::size_t power_of_two(int at_least) {
  std::size_t size = 2;
  while (size < static_cast<std::size_t>(at_least))
    size *= 2;
  return size;
}

}  // namespace

struct LogMel::Impl {
  explicit Impl(const MelOptions& o)
      : options(o),
        window(samples_in(o.window, o.rate)),
        hop(samples_in(o.hop, o.rate)),
        fft_size(power_of_two(window)),
        fft(fft_size / 2, false),
        filters(filters_of(o, fft_size)),
        framed(fft_size),
        spectrum(fft_size / 2 + 1) {
    for (int n = 0; n < window; ++n)
      weights.push_back(0.5 - 0.5 * std::cos(2 * std::numbers::pi * n / window));
  }

  void frame(const float* samples, int count, std::vector<float>& to) {
    std::fill(framed.begin(), framed.end(), 0.0);
    for (int n = 0; n < count; ++n)
      framed[static_cast<std::size_t>(n)] =
          weights[static_cast<std::size_t>(n)] * static_cast<double>(samples[n]);
    fft.transform_real(framed.data(), spectrum.data());
    // The library packs the last bin, which is real like the first, beside it.
    power.resize(fft_size / 2 + 1);
    power.front() = spectrum[0].real() * spectrum[0].real();
    power.back() = spectrum[0].imag() * spectrum[0].imag();
    for (std::size_t k = 1; k < fft_size / 2; ++k)
      power[k] = spectrum[k].real() * spectrum[k].real() + spectrum[k].imag() * spectrum[k].imag();
    for (const Filter& filter : filters) {
      double sum = 0;
      for (std::size_t k = 0; k < filter.weights.size(); ++k)
        sum += filter.weights[k] * power[filter.begin + k];
      to.push_back(static_cast<float>(std::log(std::max(sum, static_cast<double>(options.floor)))));
    }
  }

  MelOptions options;
  int window, hop;
  std::size_t fft_size;
  kissfft<double> fft;
  std::vector<Filter> filters;
  std::vector<double> weights, framed, power;
  std::vector<std::complex<double>> spectrum;
  std::vector<float> waiting;  // from the first sample of the next frame on
  std::size_t skip = 0;        // samples before that, where hops are longer than windows
  bool begun = false;          // a frame was given
  float before = 0;            // the last sample as it came, for pre-emphasis
};

LogMel::LogMel(const MelOptions& options) {
  check(options, {"mel"});
  if (options.rate < 1000)
    fail(ErrorKind::option, "mel: rate: wanted 1 000 or more, got " + std::to_string(options.rate));
  impl_ = std::make_unique<Impl>(options);
}
LogMel::LogMel(LogMel&&) noexcept = default;
LogMel& LogMel::operator=(LogMel&&) noexcept = default;
LogMel::~LogMel() = default;

void LogMel::push(std::span<const float> samples, std::vector<float>& to) {
  Impl& i = *impl_;
  for (const float x : samples) {
    const float lifted = i.options.preemphasis > 0 ? x - i.options.preemphasis * i.before : x;
    i.before = x;
    if (i.skip > 0)
      --i.skip;
    else
      i.waiting.push_back(lifted);
  }
  const auto window = static_cast<std::size_t>(i.window), hop = static_cast<std::size_t>(i.hop);
  std::size_t at = 0;
  for (; at + window <= i.waiting.size(); at += hop) {
    i.frame(i.waiting.data() + at, i.window, to);
    i.begun = true;
  }
  const std::size_t gone = std::min(at, i.waiting.size());
  i.skip += at - gone;
  i.waiting.erase(i.waiting.begin(), i.waiting.begin() + static_cast<std::ptrdiff_t>(gone));
}

void LogMel::finish(std::vector<float>& to) {
  Impl& i = *impl_;
  if (!i.begun && !i.waiting.empty()) i.frame(i.waiting.data(), static_cast<int>(i.waiting.size()), to);
  i.waiting.clear();
  i.skip = 0;
  i.begun = false;
  i.before = 0;
}

int LogMel::window() const noexcept {
  return impl_->window;
}
int LogMel::hop() const noexcept {
  return impl_->hop;
}
int LogMel::mels() const noexcept {
  return impl_->options.mels;
}

Tensor log_mel(const Sound& sound, const MelOptions& options) {
  if (sound.rate != options.rate)
    fail(ErrorKind::usage, "log_mel: the sound has " + std::to_string(sound.rate) +
                               " Hz, the features are for " + std::to_string(options.rate));
  if (sound.samples.empty()) fail(ErrorKind::usage, "log_mel: a sound without samples");
  LogMel mel(options);
  std::vector<float> frames;
  mel.push(sound.samples, frames);
  mel.finish(frames);
  return Tensor::of({static_cast<std::int64_t>(frames.size()) / options.mels, options.mels}, frames);
}

}  // namespace rondo
