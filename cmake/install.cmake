# `find_package(waxseal)`: targets waxseal::core and waxseal::server, from the build tree or where it is installed.
# `cmake --install`: the program with its manual page and example configuration (component `waxseal`), and what C++
# programs link (component `libwaxseal-dev`).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(rooms GLOBAL PROPERTY waxseal_rooms)
set(exported waxseal_core waxseal_flags ${rooms})  # the flags are link-only: no compile option reaches others
set_target_properties(waxseal_core PROPERTIES EXPORT_NAME core)
if(WAXSEAL_BUILD_SERVER)
  set_target_properties(waxseal_server PROPERTIES EXPORT_NAME server)
  list(APPEND exported waxseal_server_includes)
endif()
export(TARGETS ${exported} NAMESPACE waxseal:: FILE ${PROJECT_BINARY_DIR}/waxseal-targets.cmake)

configure_file(cmake/waxseal-config.cmake.in ${PROJECT_BINARY_DIR}/waxseal-config.cmake @ONLY)
file(COPY cmake/native_libraries.cmake cmake/native_server_libraries.cmake DESTINATION ${PROJECT_BINARY_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/waxseal-config-version.cmake COMPATIBILITY SameMinorVersion)

# ---- What C++ programs link

set(cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/waxseal)
install(TARGETS ${exported} EXPORT waxseal-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT libwaxseal-dev)
install(EXPORT waxseal-targets NAMESPACE waxseal:: DESTINATION ${cmake_folder} COMPONENT libwaxseal-dev)
install(FILES ${PROJECT_BINARY_DIR}/waxseal-config.cmake ${PROJECT_BINARY_DIR}/waxseal-config-version.cmake
  cmake/native_libraries.cmake cmake/native_server_libraries.cmake
  DESTINATION ${cmake_folder} COMPONENT libwaxseal-dev)
install(DIRECTORY core/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT libwaxseal-dev)

# The core for builds without CMake. The server is some twenty archives: CMake alone keeps their order.
file(RELATIVE_PATH WAXSEAL_PC_UP /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)  # the prefix can be moved
configure_file(cmake/waxseal-core.pc.in ${PROJECT_BINARY_DIR}/waxseal-core.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/waxseal-core.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT libwaxseal-dev)

if(NOT WAXSEAL_BUILD_SERVER)
  return()
endif()
install(DIRECTORY server/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT libwaxseal-dev)

# ---- The program

install(TARGETS waxseal RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT waxseal)
install(FILES ${PROJECT_BINARY_DIR}/waxseal.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT waxseal)
install(FILES packaging/waxseal.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/waxseal COMPONENT waxseal)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT waxseal)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT waxseal FILES_MATCHING PATTERN "*.md" PATTERN "alerts.yml")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright COMPONENT waxseal)

include(cmake/debian_package.cmake)
