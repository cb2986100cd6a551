/// Errors: what the library throws, and how a program tells the user's mistakes from the library's.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace [[gnu::visibility("default")]] rondo {

/// The category of an error. A program can derive an exit status or an HTTP status from it.
enum class ErrorKind {
  usage,        ///< a call that makes no sense here, for example predict() before fit()
  option,       ///< an option that is unknown or out of range
  shape,        ///< sizes that do not fit together
  data,         ///< a fault in the user's data; the message names the file and the line
  format,       ///< a damaged or unsuitable model or checkpoint file
  io,           ///< reading or writing failed; the message names the path
  numeric,      ///< a value that is not finite; the message names the step and the parameter
  distributed,  ///< communication between processes
};

/// "usage", "option", ...: names for logs and JSON. They do not change.
std::string_view name_of(ErrorKind kind) noexcept;

/// A mistake of the user, or a failure of the environment. what() is one line: the kind's name, where, what
/// was wanted, what was found, and the cure.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

/// A mistake in the library itself: an invariant does not hold. Please report it.
class Bug : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace rondo
