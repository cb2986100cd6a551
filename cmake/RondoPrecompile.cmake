# Half the time of a compilation without optimisation is spent on reading headers that nearly every file includes.
# `rondo_precompile(TARGET [HEADER...])` reads the standard library's, and the further ones named, once for the target.
#
# A precompiled header hides an #include that is missing: `./dev tidy` compiles each file alone.
set(RONDO_STANDARD_HEADERS
  <algorithm> <array> <atomic> <charconv> <cmath> <cstdint> <cstring> <filesystem> <fstream> <functional> <limits> <map>
  <memory> <mutex> <numeric> <optional> <random> <set> <span> <sstream> <string> <string_view> <thread> <tuple>
  <unordered_map> <utility> <variant> <vector>)

function(rondo_precompile target)
  if(RONDO_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${RONDO_STANDARD_HEADERS} ${ARGN})
  endif()
endfunction()

# `rondo_together(TARGET SOURCE...)` compiles the sources of a folder a few at a time as one, for the same reason: a whole
# build takes half the time. Kernels, operations and callbacks stay alone: their helpers share names.
function(rondo_together target)
  if(NOT RONDO_PRECOMPILE)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # g++ takes what is included for a header, whose types should not hold what is the file's own.
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  foreach(source IN LISTS ARGN)
    cmake_path(GET source PARENT_PATH folder)
    cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} OUTPUT_VARIABLE folder)
    if(folder MATCHES "^(kernels|ops|train/callbacks)")
      continue()
    endif()
    string(MAKE_C_IDENTIFIER "${folder}" name)
    math(EXPR count_${name} "0${count_${name}} + 1")
    math(EXPR group "(${count_${name}} - 1) / 6")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP "${name}_${group}")
  endforeach()
endfunction()
