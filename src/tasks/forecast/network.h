/// The network of a forecaster: SegRNN (Lin et al. 2023), an encoder and a decoder of single steps, DeepAR
/// (Salinas et al. 2020), or time delays.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include <rondo/network.h>
#include <rondo/tdnn.h>

#include "tasks/forecast/heads.h"
#include "tasks/forecast/input.h"

namespace rondo::forecast {

/// Central intervals, in percent, that a conformal correction is kept for.
inline constexpr std::array<double, 4> conformal_levels = {50, 80, 90, 95};

struct ForecastNet {
  using Input = ForecastInput;
  using Options = ForecasterOptions;

  ForecastNet(const Scope& in, const ForecastInput& input, const ForecasterOptions& options);

  /// The head's loss, a mean over the targets that are there.
  BatchLoss loss(const WindowBatch& batch) const;
  /// What the head reads: [future segments · rows, segment · parameters]. Of deepar each step is told the
  /// true value of the one before, so this is for its loss; its forecasts are drawn.
  Var numbers(const WindowBatch& batch) const;
  const HeadKind& head() const noexcept { return head_; }
  /// Whether forecasts are drawn: deepar.
  bool draws() const noexcept { return options_.network == Network::deepar; }
  /// How many paths are behind a quantile.
  int samples() const noexcept { return options_.samples; }
  /// Paths of values, each step's drawn from the distribution that follows from the one drawn before: [rows,
  /// paths, horizon], in the units of WindowBatch::targets, of counts as they are. `scales` are those of the
  /// rows' series. A path depends on the seed, its number and its window alone.
  std::vector<double> draw(const WindowBatch& batch, std::span<const Scale> scales, int paths) const;
  std::int64_t segment() const noexcept { return segment_; }
  /// What a conformal correction adds to both sides of each interval of conformal_levels, in the units of
  /// WindowBatch::targets (of counts, as they are); undefined without one.
  const Var& conformal() const noexcept { return conformal_; }

 private:
  State encode(const WindowBatch& batch) const;
  Var queries(const WindowBatch& batch, Copies* copies) const;
  Var channels(const WindowBatch& batch) const;
  Var decode_at_once(const WindowBatch& batch, const State& state) const;
  Var decode_one_by_one(const WindowBatch& batch, State state) const;
  Var decode_taught(const WindowBatch& batch, const State& state) const;
  Var see_delays(const WindowBatch& batch) const;
  Var last_values(const WindowBatch& batch) const;
  Var read_out(const Var& rows) const;
  const nn::RecurrentLayers& decoder() const { return decoder_ ? *decoder_ : *encoder_; }

  NetworkOptions options_;
  HeadKind head_;
  std::int64_t segment_, segments_, future_segments_, features_;
  std::optional<nn::Dense> project_, future_, constants_, feedback_, join_, predict_;
  std::optional<nn::RecurrentLayers> encoder_, decoder_;
  std::vector<nn::TDNN> delays_;
  Var position_, channel_, conformal_;
  std::uint64_t key_, seed_;
};

using ForecastModel = Model<ForecastNet>;

}  // namespace rondo::forecast
