// The smallest program that uses an installed rondo: it reports an error of its own in rondo's way.
// Prints: data: no texts
#include <iostream>

#include <rondo/error.h>

int main() {
  try {
    throw rondo::Error(rondo::ErrorKind::data, "data: no texts");
  } catch (const rondo::Error& error) {
    std::cout << error.what() << " (" << name_of(error.kind()) << ")\n";
  }
}
