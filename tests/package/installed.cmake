# Installs BUILD to a prefix under SCRATCH, moves the prefix, and builds and runs EXAMPLE against it: by
# find_package, and by pkg-config.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}: ${status}\n${output}")
  endif()
  set(output ${output} PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${SCRATCH})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/first)
file(RENAME ${SCRATCH}/first ${SCRATCH}/prefix)

run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${EXAMPLE} -B ${SCRATCH}/build -D CMAKE_PREFIX_PATH=${SCRATCH}/prefix
  -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_CXX_FLAGS=${FLAGS})
run(${CMAKE_COMMAND} --build ${SCRATCH}/build)
run(${SCRATCH}/build/installed)
if(NOT output STREQUAL "on\n")
  message(FATAL_ERROR "the example printed: ${output}")
endif()

file(GLOB_RECURSE pc ${SCRATCH}/prefix/rondo.pc)
cmake_path(GET pc PARENT_PATH pc_folder)
cmake_path(GET pc_folder PARENT_PATH libraries)
set(ENV{PKG_CONFIG_PATH} ${pc_folder})
run(pkg-config --cflags --libs rondo)
separate_arguments(options UNIX_COMMAND "${FLAGS} ${output}")
run(${COMPILER} -std=c++20 ${EXAMPLE}/main.cpp -o ${SCRATCH}/by_pkg_config ${options} -Wl,-rpath,${libraries})
run(${SCRATCH}/by_pkg_config)
if(NOT output STREQUAL "on\n")
  message(FATAL_ERROR "built with pkg-config, the example printed: ${output}")
endif()

file(GLOB program ${SCRATCH}/prefix/bin/rondo)
if(program)
  run(${program} --version)
endif()
