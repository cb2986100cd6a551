/// Errors: what the library throws, and how a program tells the user's fault from ours.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace [[gnu::visibility("default")]] rondo {

/// Whose fault it is and what it concerns. Exit status and HTTP status are functions of it.
enum class ErrorKind {
  usage,        ///< a call that makes no sense here, e.g. predict before fit
  option,       ///< an option outside its range or unknown
  shape,        ///< sizes that do not fit together
  data,         ///< something in the user's data: names the file and the line
  format,       ///< a model or checkpoint file that is not what it should be
  io,           ///< reading or writing failed: names the path
  numeric,      ///< a value that is not finite: names the step and the parameter
  distributed,  ///< communication between processes
};

/// "usage", "option", ...: stable names for logs and JSON.
std::string_view name_of(ErrorKind kind) noexcept;

/// The user's fault, or the world's. what(): the kind's name, where, wanted, got and the cure, in one line.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

/// Our fault: an invariant of the library does not hold. Please report it.
class Bug : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace rondo
