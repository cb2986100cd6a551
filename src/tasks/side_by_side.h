/// Pieces of work that do not depend on one another: the networks of an ensemble, the folds of a cross
/// validation, batches of a search.
#pragma once
#include <cstddef>
#include <functional>

#include "runtime/function_ref.h"

namespace rondo {

/// Calls body(0) to body(count - 1), as many at a time as there are threads and each on one of them. A few
/// that are left over run one after another on all threads. No result may depend on the number of threads.
void run_side_by_side(std::size_t count, FunctionRef<void(std::size_t number)> body);

/// `ask`, which may be empty, from any thread at a time, and true for good once it was.
std::function<bool()> once_for_all(std::function<bool()> ask);

}  // namespace rondo
