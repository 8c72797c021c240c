# The only files that name third parties are this one and the two lists that it includes, which those who link Waxseal
# include, too. Each library is an interface target `waxseal_<room>_deps`-style name below, so that
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

include(cmake/native_libraries.cmake)
add_library(waxseal_expected ALIAS tl::expected)
add_library(waxseal_json ALIAS nlohmann_json::nlohmann_json)
add_library(waxseal_sodium ALIAS PkgConfig::sodium)
if(WAXSEAL_BUILD_SERVER)
  include(cmake/native_server_libraries.cmake)
  find_package(CLI11 REQUIRED)
endif()

if(WAXSEAL_BUILD_TESTS)
  find_package(Catch2 REQUIRED)
endif()
