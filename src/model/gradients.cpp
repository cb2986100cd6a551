// Sequential: its gradients compared with finite differences.
#include "autograd/forms.h"
#include "base/message.h"
#include "model/gradient_check.h"
#include "model/objective.h"
#include "model/sequential_impl.h"

namespace rondo {

std::vector<GradientCheck> Sequential::check_gradients(const Dataset& data,
                                                       const GradientCheckOptions& options) const {
  const Impl& m = *impl_;
  const ParameterStore& weights = *m.live("check_gradients()").store();
  refuse_in_inference_mode("check_gradients()");
  const CompileOptions& compiled = m.learning("check_gradients()");
  check(options);
  const Dataset examples = m.fitting(data).take(most_checked_examples);
  check_targets(compiled, m.shapes.back(), examples);

  const auto store = twin_store(weights);
  const LayerStack network = m.build(m.layers, store);
  const data::Batch batch =
      m.batches(examples, {.batch_size = int{most_checked_examples}}, 1).in_order().batch(0);
  return compare_gradients(
      *store, [&] { return loss_of(compiled, network, batch).loss; }, options);
}

}  // namespace rondo
