/// A reference to a callable for the time of a call, without the copy and allocation of std::function.
#pragma once
#include <concepts>
#include <memory>
#include <type_traits>

namespace rondo {

template <class Signature>
class FunctionRef;

template <class Result, class... Arguments>
class FunctionRef<Result(Arguments...)> {
 public:
  template <class Callable>
  requires(!std::same_as<Callable, FunctionRef> &&
           std::is_invocable_r_v<Result, const Callable&, Arguments...>) FunctionRef(const Callable& callable)
  noexcept
      : callable_(std::addressof(callable)), call_([](const void* self, Arguments... arguments) -> Result {
          return (*static_cast<const Callable*>(self))(arguments...);
        }) {}

  Result operator()(Arguments... arguments) const { return call_(callable_, arguments...); }

 private:
  const void* callable_;
  Result (*call_)(const void*, Arguments...);
};

}  // namespace rondo
