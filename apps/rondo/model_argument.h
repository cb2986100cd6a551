/// The argument MODEL of a command: when its file is no model, the words may stand in another order.
#pragma once
#include <string>
#include <vector>

#include <rondo/error.h>

namespace rondo::program {

/// Throws `error`, met in loading `model` for a command ("eval"), in the words of somebody at the keyboard:
/// `rest` are the arguments after MODEL, among which the model may be. To be called in a handler.
[[noreturn]] void refuse_model(const Error& error, const std::string& command, const std::string& model,
                               const std::vector<std::string>& rest);

/// load(model), with errors as above.
template <class Load>
auto loaded(const std::string& command, const std::string& model, const std::vector<std::string>& rest,
            Load&& load) {
  try {
    return load(model);
  } catch (const Error& error) {
    refuse_model(error, command, model, rest);
  }
}

}  // namespace rondo::program
