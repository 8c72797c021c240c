# `find_package(waxseal)`: targets waxseal::core and waxseal::server, from the build tree.
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
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/waxseal-config-version.cmake COMPATIBILITY SameMinorVersion)
