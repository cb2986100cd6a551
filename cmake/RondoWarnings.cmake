# The warnings every target of rondo is built with.
add_library(rondo_warnings INTERFACE)
target_compile_options(rondo_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wno-missing-field-initializers # designated braces name only what differs from the defaults
  # clang's also counts a parameter beside a static member of its class.
  $<$<CXX_COMPILER_ID:GNU>:-Wshadow>
  # At -O3, g++ 12 sees overlapping copies in std::string operator+ where there are none (GCC bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict>
  $<$<BOOL:${RONDO_WERROR}>:-Werror>)
