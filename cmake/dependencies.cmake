# The only file that names third parties. Each is an interface target `waxseal_<room>_deps`-style name below, so that
# the folders link what they need and nothing else. System packages first; no network at configure time but where a
# line says so.

# Header folders alone, linked into the build tree: Emscripten must never see /usr/include itself, for the x86
# headers of the C library there would shadow its own.
function(waxseal_header_only target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "FOLDERS")
  add_library(${target} INTERFACE)
  set(include_folder ${CMAKE_BINARY_DIR}/include-${target})
  file(MAKE_DIRECTORY ${include_folder})
  foreach(folder IN LISTS arg_FOLDERS)
    if(NOT EXISTS /usr/include/${folder})
      message(FATAL_ERROR "/usr/include/${folder} is missing: run script/bootstrap")
    endif()
    file(CREATE_LINK /usr/include/${folder} ${include_folder}/${folder} SYMBOLIC)
  endforeach()
  target_include_directories(${target} SYSTEM INTERFACE ${include_folder})
endfunction()

if(EMSCRIPTEN)
  waxseal_header_only(waxseal_expected FOLDERS tl)
  waxseal_header_only(waxseal_json FOLDERS nlohmann)
  include(cmake/libsodium_wasm.cmake)
  add_library(waxseal_sodium ALIAS waxseal_libsodium)
  return()
endif()

find_package(tl-expected REQUIRED)
add_library(waxseal_expected ALIAS tl::expected)
find_package(nlohmann_json REQUIRED)
add_library(waxseal_json ALIAS nlohmann_json::nlohmann_json)

find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET GLOBAL libsodium>=1.0.18)
add_library(waxseal_sodium ALIAS PkgConfig::sodium)

if(WAXSEAL_BUILD_SERVER)
  find_package(Threads REQUIRED)
  pkg_check_modules(httplib REQUIRED IMPORTED_TARGET GLOBAL cpp-httplib)
  pkg_check_modules(gmime REQUIRED IMPORTED_TARGET GLOBAL gmime-3.0)
  pkg_check_modules(curl REQUIRED IMPORTED_TARGET GLOBAL libcurl)
  pkg_check_modules(idn2 REQUIRED IMPORTED_TARGET GLOBAL libidn2)
  pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET GLOBAL tomlplusplus)
  find_package(SQLiteCpp REQUIRED)
  find_package(spdlog REQUIRED)
  find_package(CLI11 REQUIRED)
endif()

if(WAXSEAL_BUILD_TESTS)
  find_package(Catch2 REQUIRED)
endif()
