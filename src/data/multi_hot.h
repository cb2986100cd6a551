/// Sets of labels as rows of zeros and ones.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <rondo/tensor.h>

namespace rondo::data {

/// A row of `classes` numbers for each set of labels. Error(data) where they would be more than a machine
/// should hold.
std::vector<Tensor> multi_hot(std::span<const std::vector<std::int32_t>> labels, std::size_t classes);

}  // namespace rondo::data
