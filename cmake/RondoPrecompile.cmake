# Half the time of a compilation without optimisation is spent on reading headers that nearly every file includes.
# `rondo_precompile(TARGET [HEADER...])` reads the standard library's, and the further ones named, once for the target.
#
# A precompiled header hides an #include that is missing, so the release preset builds without.
set(RONDO_STANDARD_HEADERS
  <algorithm> <array> <atomic> <charconv> <cmath> <cstdint> <cstring> <filesystem> <fstream> <functional> <limits> <map>
  <memory> <mutex> <numeric> <optional> <random> <set> <span> <sstream> <string> <string_view> <thread> <tuple>
  <unordered_map> <utility> <variant> <vector>)

function(rondo_precompile target)
  if(RONDO_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${RONDO_STANDARD_HEADERS} ${ARGN})
  endif()
endfunction()
