// The checks of the options of optimisers, compile() and fit().
#include <cmath>
#include <variant>

#include <rondo/train.h>

#include "base/fields.h"
#include "base/message.h"

namespace rondo {

void check(const Optimizer& optimizer) {
  std::visit([](const auto& rule) { check(rule, FieldPlace{"optimizer"}); }, optimizer);
  const auto* const sgd = std::get_if<optim::SGD>(&optimizer);
  if (sgd != nullptr && sgd->nesterov && sgd->momentum == 0)
    fail(ErrorKind::option,
         "optimizer.nesterov needs a momentum above 0, got 0; set momentum, for example to 0.9");
}

void check(const CompileOptions& options) {
  check(options, FieldPlace{"compile"});
  check(options.optimizer);
  if (!options.loss.value().known() && !options.loss.value().function())
    fail(ErrorKind::option, "compile.loss is an empty function");
  const bool classes = options.loss.value().known() == Loss::binary_cross_entropy ||
                       options.loss.value().known() == Loss::categorical_cross_entropy;
  if (options.label_smoothing > 0 && !classes)
    fail(ErrorKind::option,
         "compile.label_smoothing is for binary_cross_entropy and categorical_cross_entropy, not " +
             quote(options.loss.value().name()));
  for (const AnyMetric& metric : options.metrics) {
    if (!metric.known() && !metric.function() && !metric.sum())
      fail(ErrorKind::option, "compile.metrics: " + quote(metric.name()) + " is an empty function");
    if (metric.name().empty() || metric.name().find_first_of(",\"\r\n") != std::string::npos)
      fail(ErrorKind::option, "compile.metrics: " + quote(metric.name()) +
                                  " cannot head a column of metrics.csv; use letters, digits and _");
  }
}

void check(const FitOptions& options) {
  check(options, FieldPlace{"fit"});
  if (options.balance_classes && !options.class_weights.empty())
    fail(ErrorKind::usage,
         "fit.balance_classes computes the weights that fit.class_weights gives; set one of them");
}

}  // namespace rondo
