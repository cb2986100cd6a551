/// What operations make of parameters before they can use them (weights packed for the kernels), kept from
/// one operation to the next: all of it while an InferenceMode lives, and what operations with few rows make
/// while a Recording does.
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

  /// shared: with the InferenceModes of all threads, as long as no parameter changes in between. Whoever
  /// needs a form first makes it, and the others wait.
  explicit Forms(bool shared) noexcept : shared_(shared) {}
  /// The form of these parameters that `type` is, made for these kernels.
  std::shared_ptr<const void> get(const std::type_info& type, std::span<const Var> parameters,
                                  const void* kernels, Make make);
  void forget() noexcept { kept_.clear(); }

  /// What a form is known by. Who keeps it keeps the leaves, so that no other comes to lie at their
  /// addresses.
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

/// The forms that a Recording keeps until backward() or its end: while it lives, and no InferenceMode does,
/// the operations of its thread use them.
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

/// Who keeps, on this thread, the forms for an operation on so many rows; null: nobody. Of a Recording, only
/// few rows are worth the memory: packing costs as much as a few dozen of them.
Forms* keeper_of_forms(std::int64_t rows) noexcept;

/// make()'s result, a Form, or the one that it made earlier for an operation of the same InferenceMode or
/// Recording. Undefined Vars count as parameters that are not there; with one that is no parameter, nothing
/// is kept. `kernels`: the table whose layout it has. `rows`: how many the operation has.
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

/// For those who change parameters, before they do: Error(usage) inside an InferenceMode; what the Recordings
/// of this thread have kept is forgotten.
void refuse_in_inference_mode(const std::string& what);

}  // namespace rondo
