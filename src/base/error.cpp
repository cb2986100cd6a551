#include <rondo/error.h>

namespace rondo {

std::string_view name_of(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::option:
      return "option";
    case ErrorKind::shape:
      return "shape";
    case ErrorKind::data:
      return "data";
    case ErrorKind::format:
      return "format";
    case ErrorKind::io:
      return "io";
    case ErrorKind::numeric:
      return "numeric";
    case ErrorKind::distributed:
      return "distributed";
  }
  return "unknown";
}

}  // namespace rondo
