/// Golden data: the f64 tensors of a safetensors file under tests/golden, by name.
#pragma once
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include <rondo/tensor.h>

namespace rondo::testing_support {

using Golden = std::map<std::string, Tensor>;

/// Reads files that our own scripts wrote; no defence against hostile ones (that is base/safetensors.h).
inline Golden read_golden(const std::string& name) {
  std::ifstream file(std::string(RONDO_TEST_DATA) + "/golden/" + name, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (bytes.size() < 8) throw std::runtime_error("no golden data: " + name);
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), 8);
  const auto header = nlohmann::json::parse(bytes.substr(8, header_size));
  Golden tensors;
  for (const auto& [key, entry] : header.items()) {
    const std::uint64_t begin = entry["data_offsets"][0], end = entry["data_offsets"][1];
    std::vector<double> values((end - begin) / sizeof(double));
    std::memcpy(values.data(), bytes.data() + 8 + header_size + begin, end - begin);
    tensors[key] = Tensor::of(entry["shape"].get<Shape>(), values);
  }
  return tensors;
}

}  // namespace rondo::testing_support
