/// Turns a run-time element type into a template argument.
#pragma once
#include <string>
#include <string_view>
#include <utility>

#include <rondo/error.h>
#include <rondo/tensor.h>

namespace rondo {

/// Calls f.template operator()<float>() or <double>(); Error(shape) naming `where` for i32.
template <class F>
decltype(auto) visit_float(DType type, std::string_view where, F&& f) {
  if (type == DType::f32) return std::forward<F>(f).template operator()<float>();
  if (type == DType::f64) return std::forward<F>(f).template operator()<double>();
  throw Error(ErrorKind::shape, "shape: " + std::string(where) + " takes f32 or f64, got i32");
}

}  // namespace rondo
