/// Forms: what operations make of parameters before they can use them, such as weights packed for the
/// kernels. Forms are kept from one operation to the next: all of them while an InferenceMode is alive, and
/// those of operations with few rows while a Recording is.
#pragma once
#include <array>
#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <typeindex>
#include <typeinfo>

#include <rondo/autograd.h>

#include "runtime/function_ref.h"

namespace rondo {

/// The forms that one InferenceMode or Recording keeps. An object belongs to one thread; a form may be
/// shared.
class Forms {
 public:
  using Make = FunctionRef<std::shared_ptr<const void>()>;

  /// shared: with the InferenceModes of all threads, as long as no parameter changes in between. The first
  /// thread that needs a form makes it, and the others wait.
  explicit Forms(bool shared) noexcept : shared_(shared) {}
  /// The form of these parameters that `type` is, made for these kernels.
  std::shared_ptr<const void> get(const std::type_info& type, std::span<const Var> parameters,
                                  const void* kernels, Make make);
  void forget() noexcept { kept_.clear(); }

  /// The key of a form. It keeps the leaves alive, so that no other leaf can get their addresses.
  struct Key {
    std::type_index type;
    const void* kernels;
    std::array<const Leaf*, 4> leaves;
    auto operator<=>(const Key&) const = default;
  };

 private:
  bool shared_;
  std::map<Key, std::shared_ptr<const void>> kept_;
};

/// The forms that a Recording keeps until backward() or its end. The operations of its thread use them,
/// unless an InferenceMode is alive.
class RecordingForms {
 public:
  RecordingForms() noexcept;
  ~RecordingForms();
  RecordingForms(const RecordingForms&) = delete;
  RecordingForms& operator=(const RecordingForms&) = delete;
  /// Forgets them and keeps no more.
  void close() noexcept;

 private:
  friend Forms* keeper_of_forms(std::int64_t rows) noexcept;
  friend void refuse_in_inference_mode(const std::string& what);
  RecordingForms* outer_;
  bool open_ = true;
  Forms forms_{false};
};

/// The keeper of forms on this thread for an operation on so many rows; null if there is none. A Recording
/// keeps forms only for few rows, because packing costs as much as computing a few dozen rows.
Forms* keeper_of_forms(std::int64_t rows) noexcept;

/// The Form that make() returns, or an earlier one from the same InferenceMode or Recording. Undefined Vars
/// count as absent parameters. If a Var is not a parameter, nothing is kept. `kernels`: the table whose
/// layout the form has. `rows`: the number of rows of the operation.
template <class Form, class Make>
requires std::same_as<std::invoke_result_t<Make>, Form> std::shared_ptr<const Form> form_of(
    std::span<const Var> parameters, const void* kernels, std::int64_t rows, const Make& make) {
  Forms* const keeper = keeper_of_forms(rows);
  bool kept = keeper != nullptr;
  for (const Var& parameter : parameters)
    kept = kept && (!parameter.defined() || parameter.leaf() != nullptr);
  if (!kept) return std::make_shared<const Form>(make());
  return std::static_pointer_cast<const Form>(
      keeper->get(typeid(Form), parameters, kernels,
                  [&]() -> std::shared_ptr<const void> { return std::make_shared<const Form>(make()); }));
}

/// Call this before parameters change. Error(usage) inside an InferenceMode. Discards the forms that the
/// Recordings of this thread keep.
void refuse_in_inference_mode(const std::string& what);

}  // namespace rondo
