/// What an application's object for C++ users consists of.
#pragma once
#include <filesystem>

#include <rondo/train.h>

namespace rondo {

/// The object of a small application for C++ users: a Sequential or a Model<Net>, and its training history.
template <class M>
struct Trained {
  M network;
  History past = {};

  const M& model() const noexcept { return network; }
  M& model() noexcept { return network; }
  const History& history() const noexcept { return past; }
  void save(const std::filesystem::path& file) const { network.save(file); }
};

namespace detail {

/// What has weights, a summary and a record: the network in an application's object, or the object itself if
/// a network is not all that it has.
template <class Typed>
auto& model_in(Typed& typed) {
  if constexpr (requires { typed.weights(); })
    return typed;
  else
    return typed.model();
}

}  // namespace detail

}  // namespace rondo
