# What a build may choose, and the compiler flags that follow.

option(WAXSEAL_BUILD_SERVER "Build the native backend, not only the core" ON)
option(WAXSEAL_BUILD_TESTS "Build the tests" ON)
option(WAXSEAL_EXCEPTIONS "Compile with exceptions; OFF builds the core as WebAssembly does" ON)
option(WAXSEAL_BUILD_FUZZERS "Build the libFuzzer targets; needs clang" OFF)
set(WAXSEAL_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, e.g. address,undefined or thread")

if(WAXSEAL_BUILD_SERVER AND NOT WAXSEAL_EXCEPTIONS AND NOT EMSCRIPTEN)
  message(FATAL_ERROR "The server needs exceptions: WAXSEAL_EXCEPTIONS=OFF goes with WAXSEAL_BUILD_SERVER=OFF")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT EMSCRIPTEN)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
endif()

find_program(WAXSEAL_CCACHE ccache)
if(WAXSEAL_CCACHE AND NOT EMSCRIPTEN)
  # Lets ccache keep what was compiled with a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${WAXSEAL_CCACHE})
endif()

# Every target of ours links this; it says nothing to those who use an installed Waxseal.
add_library(waxseal_flags INTERFACE)
target_compile_options(waxseal_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # All three are wrong about `"text" + string`: GCC bugs 105651 and 105329.
  target_compile_options(waxseal_flags INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()
if(NOT WAXSEAL_EXCEPTIONS OR EMSCRIPTEN)
  target_compile_options(waxseal_flags INTERFACE -fno-exceptions)
endif()
if(WAXSEAL_BUILD_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)  # coverage in every file of ours, for the fuzzer to follow
endif()
if(WAXSEAL_SANITIZE)
  add_compile_options(-fsanitize=${WAXSEAL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g)
  add_link_options(-fsanitize=${WAXSEAL_SANITIZE})
endif()
