/// The values of one store's parameters as those of another.
#pragma once
#include <rondo/parameters.h>

namespace rondo {

/// Copies of the values that the parameters have when they are asked for. It shares the parameters, so it may
/// outlive the store. A parameter that the store lacks is a Bug.
ParameterStore::Source values_of(const ParameterStore& store);

}  // namespace rondo
