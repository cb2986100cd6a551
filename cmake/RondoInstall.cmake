# What `cmake --install` puts where, and how other projects find it: a CMake package and a pkg-config file.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/rondo)

install(DIRECTORY include/rondo DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(TARGETS rondo EXPORT rondo-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT rondo-targets NAMESPACE rondo:: DESTINATION ${package_folder})

configure_package_config_file(cmake/rondo-config.cmake.in rondo-config.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(rondo-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/rondo-config.cmake ${PROJECT_BINARY_DIR}/rondo-config-version.cmake
  DESTINATION ${package_folder})

# Relative, so that the prefix may be moved.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
  OUTPUT_VARIABLE prefix_from_pc)
# The users of a static library link what it uses. By name, not by Requires: pkg-config would hand on the compiler flags
# of those libraries too, even of private ones, and no public header needs any.
if(NOT BUILD_SHARED_LIBS)
  set(pc_static " -lz -llzma -lexpat -lutf8proc -lhwy -ldl")
endif()
configure_file(cmake/rondo.pc.in rondo.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/rondo.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
