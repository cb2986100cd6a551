#include "autograd/forms.h"

#include <map>
#include <typeindex>
#include <vector>

#include "base/message.h"

namespace rondo {

class Forms {
 public:
  std::shared_ptr<const void>& place(const std::type_info& type, std::span<const Var> parameters,
                                     const void* kernels) {
    Key key{type, kernels, {}};
    for (const Var& parameter : parameters)
      key.leaves.push_back(parameter.leaf());
    return kept_[std::move(key)];
  }

 private:
  /// Holds the leaves, so that no other can come to lie at their addresses.
  struct Key {
    std::type_index type;
    const void* kernels;
    std::vector<std::shared_ptr<Leaf>> leaves;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, std::shared_ptr<const void>> kept_;
};

namespace {

thread_local Forms* kept_forms = nullptr;

}  // namespace

InferenceMode::InferenceMode() {
  if (kept_forms != nullptr) return;
  forms_ = std::make_unique<Forms>();
  kept_forms = forms_.get();
}
InferenceMode::~InferenceMode() {
  if (forms_ != nullptr) kept_forms = nullptr;
}

std::shared_ptr<const void>* place_of_form(const std::type_info& type, std::span<const Var> parameters,
                                           const void* kernels) {
  if (kept_forms == nullptr) return nullptr;
  for (const Var& parameter : parameters)
    if (parameter.defined() && parameter.leaf() == nullptr) return nullptr;
  return &kept_forms->place(type, parameters, kernels);
}

void refuse_in_inference_mode(const std::string& what) {
  if (kept_forms != nullptr)
    fail(ErrorKind::usage, what + ": parameters must not change while an InferenceMode lives; end it first");
}

}  // namespace rondo
