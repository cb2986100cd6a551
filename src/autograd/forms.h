/// What operations make of parameters before they can use them, kept while an InferenceMode lives.
#pragma once
#include <concepts>
#include <memory>
#include <span>
#include <string>
#include <typeinfo>

#include <rondo/autograd.h>

namespace rondo {

/// Where the form of these parameters that `type` is, made for these kernels, is kept on this thread: an
/// empty place to fill, or a full one. Null outside an InferenceMode, or when one of them is not a parameter.
std::shared_ptr<const void>* place_of_form(const std::type_info& type, std::span<const Var> parameters,
                                           const void* kernels);

/// make()'s result, a Form, or the one that it made earlier in this InferenceMode. Undefined Vars count as
/// parameters that are not there. `kernels`: the table whose layout it has.
template <class Form, class Make>
requires std::same_as<std::invoke_result_t<Make>, Form> std::shared_ptr<const Form> form_of(
    std::span<const Var> parameters, const void* kernels, const Make& make) {
  std::shared_ptr<const void>* const place = place_of_form(typeid(Form), parameters, kernels);
  if (place == nullptr) return std::make_shared<const Form>(make());
  if (*place == nullptr) *place = std::make_shared<const Form>(make());
  return std::static_pointer_cast<const Form>(*place);
}

/// Error(usage) inside an InferenceMode: for those who change parameters.
void refuse_in_inference_mode(const std::string& what);

}  // namespace rondo
