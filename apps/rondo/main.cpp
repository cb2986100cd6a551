// rondo: the command line over the applications of the library.
#include <csignal>
#include <string>
#include <vector>

#include "program.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return rondo::program::run(arguments, rondo::applications());
}
