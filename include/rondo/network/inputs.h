/// Preprocessing for user-defined networks, for labelled texts and for features. A user-defined Input has the
/// same members (NetworkInput in hooks.h).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/data.h>
#include <rondo/layers.h>
#include <rondo/text.h>

namespace [[gnu::visibility("default")]] rondo {

namespace data {

/// Preprocessing of labelled texts. It is learned from the training data, makes the batches, and is part of
/// the model file.
struct Texts {
  using Batch = data::Batch;

  TextEncoder encoder;
  std::vector<std::string> classes;

  static Texts learn(const Dataset& train, const layers::Tokens& tokens = {}, std::uint64_t seed = 1);
  /// Error(data) for examples of a class that was not learned.
  Batches batches(const Dataset& examples, BatchOptions options, std::uint64_t seed) const;
  std::string to_json() const;
  static Texts from_json(std::string_view json);
};

/// Preprocessing of features [steps, D].
struct Features {
  using Batch = data::Batch;

  int features = 0;
  std::vector<std::string> classes;

  static Features learn(const Dataset& train);
  Batches batches(const Dataset& examples, BatchOptions options, std::uint64_t seed) const;
  std::string to_json() const;
  static Features from_json(std::string_view json);
};

}  // namespace data

}  // namespace rondo
