#include "autograd/forms.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include <rondo/error.h>

#include "base/message.h"

namespace rondo {
namespace {

thread_local Forms* inference_forms = nullptr;
thread_local RecordingForms* recording_forms = nullptr;

/// Counts all changes of parameters in the process.
std::atomic<std::uint64_t> changes = 0;

/// A form and the parameters that it was made of.
struct Kept {
  std::array<std::shared_ptr<Leaf>, 4> leaves;
  std::mutex making;
  std::shared_ptr<const void> form;
};

Forms::Key key_of(const std::type_info& type, std::span<const Var> parameters, const void* kernels) {
  Forms::Key key{type, kernels, {}};
  if (parameters.size() > key.leaves.size()) throw Bug("a form of more parameters than its key has places");
  std::ranges::transform(parameters, key.leaves.begin(), [](const Var& x) { return x.leaf().get(); });
  return key;
}

std::unique_ptr<Kept> keep(std::span<const Var> parameters) {
  auto kept = std::make_unique<Kept>();
  std::ranges::transform(parameters, kept->leaves.begin(), [](const Var& x) { return x.leaf(); });
  return kept;
}

/// The forms that the InferenceModes of the process currently keep. Owns none of them.
class SharedForms {
 public:
  /// The entry of that key if it is newer than the last change of parameters, else a new entry without a
  /// form.
  std::shared_ptr<Kept> join(const Forms::Key& key, std::span<const Var> parameters) {
    const Place place{changes, key};
    const std::lock_guard lock(mutex_);
    const auto found = forms_.find(place);
    if (found != forms_.end())
      if (auto living = found->second.lock()) return living;
    const std::shared_ptr<Kept> kept(keep(parameters).release(), [this, place](Kept* gone) {
      leave(place);
      delete gone;  // after that, because its key stays unique while its leaves are alive
    });
    forms_.insert_or_assign(place, kept);
    return kept;
  }

 private:
  using Place = std::pair<std::uint64_t, Forms::Key>;

  void leave(const Place& place) {
    const std::lock_guard lock(mutex_);
    const auto found = forms_.find(place);
    if (found != forms_.end() && found->second.expired()) forms_.erase(found);
  }

  std::mutex mutex_;
  std::map<Place, std::weak_ptr<Kept>> forms_;
};

/// Never destroyed: an InferenceMode in a static object may end after everything else.
SharedForms& shared_forms() {
  static auto* const made = new SharedForms;
  return *made;
}

}  // namespace

std::shared_ptr<const void> Forms::get(const std::type_info& type, std::span<const Var> parameters,
                                       const void* kernels, Make make) {
  const Key key = key_of(type, parameters, kernels);
  if (const auto found = kept_.find(key); found != kept_.end()) return found->second;
  const std::shared_ptr<Kept> kept =
      shared_ ? shared_forms().join(key, parameters) : std::shared_ptr<Kept>(keep(parameters));
  {
    const std::lock_guard lock(kept->making);
    if (kept->form == nullptr) kept->form = make();
  }
  const std::shared_ptr<const void> form(kept, kept->form.get());  // keeps all of it
  kept_.emplace(key, form);
  return form;
}

RecordingForms::RecordingForms() noexcept : outer_(std::exchange(recording_forms, this)) {}
RecordingForms::~RecordingForms() {
  recording_forms = outer_;
}
void RecordingForms::close() noexcept {
  open_ = false;
  forms_.forget();
}

InferenceMode::InferenceMode() {
  if (inference_forms != nullptr) return;
  forms_ = std::make_unique<Forms>(true);
  inference_forms = forms_.get();
}
InferenceMode::~InferenceMode() {
  if (forms_ != nullptr) inference_forms = nullptr;
}

Forms* keeper_of_forms(std::int64_t rows) noexcept {
  constexpr std::int64_t few_rows = 512;
  if (inference_forms != nullptr) return inference_forms;
  const bool keeps = recording_forms != nullptr && recording_forms->open_ && rows <= few_rows;
  return keeps ? &recording_forms->forms_ : nullptr;
}

void refuse_in_inference_mode(const std::string& what) {
  if (inference_forms != nullptr)
    fail(ErrorKind::usage, what + ": parameters must not change while an InferenceMode lives; end it first");
  ++changes;
  for (RecordingForms* live = recording_forms; live != nullptr; live = live->outer_)
    live->forms_.forget();
}

}  // namespace rondo
