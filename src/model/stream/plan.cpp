#include "model/stream/plan.h"

#include <algorithm>

#include "model/stream/builder.h"
#include "runtime/parallel.h"

namespace rondo::streaming {

std::shared_ptr<const Plan> plan_of(const Sequential::Impl& model) {
  const Setting setting{model.weight_type, &kernels<float>(), parallelism()};
  Builder builder(setting, *model.live("stream()").store(), model.encoder ? &*model.encoder : nullptr);
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    builder.begin(model.names[i], i == 0 ? 0 : model.shapes[i - 1].width);
    add_steps(model.layers[i], builder);
  }
  const auto plan = std::make_shared<Plan>();
  plan->steps = builder.take_steps();
  if (plan->steps.empty())
    plan->steps.push_back(activation_step(setting, model.shapes.back().width, Activation::linear));
  plan->giver = model.shapes.front().giver;
  plan->takes_ids = model.takes_text();
  if (plan->takes_ids) {
    plan->vocab = model.encoder->vocab();
    plan->max_length = model.encoder->options().max_length;
    plan->ids = builder.ids();
  } else {
    plan->inputs = model.shapes.front().width;
  }
  for (const auto& step : plan->steps) {
    plan->state += step->state();
    plan->widest = std::max(plan->widest, step->width());
  }
  return plan;
}

}  // namespace rondo::streaming
