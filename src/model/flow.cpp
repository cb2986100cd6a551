#include "model/flow.h"

#include <rondo/error.h>

namespace rondo {

std::string Signature::shape() const {
  switch (kind) {
    case Kind::nothing:
      return "";
    case Kind::ids:
      return "[T]";
    case Kind::steps:
      return "[T, " + std::to_string(width) + "]";
    case Kind::rows:
      return "[" + std::to_string(width) + "]";
  }
  throw Bug("a kind of signature that does not exist");
}

std::string Signature::in_words() const {
  switch (kind) {
    case Kind::nothing:
      return "nothing: it is the first layer";
    case Kind::ids:
      return "token numbers from " + giver;
    case Kind::steps:
      return "a sequence of rows of " + std::to_string(width) + " from " + giver;
    case Kind::rows:
      return "one row of " + std::to_string(width) + " per sequence from " + giver;
  }
  throw Bug("a kind of signature that does not exist");
}

}  // namespace rondo
