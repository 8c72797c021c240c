# Puts text files into the program: an array of EmbeddedFile {name, text} in a generated header, in the order given.
# A name is the path below BASE without its ending.
function(waxseal_embed_files header array_name)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "BASE" "FILES")
  set(entries "")
  foreach(file IN LISTS arg_FILES)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${arg_BASE}/${file})
    file(READ ${arg_BASE}/${file} text)
    string(REGEX REPLACE "\\.[a-z]+$" "" name ${file})
    string(APPEND entries "    EmbeddedFile{\"${name}\", R\"embedded(${text})embedded\"},\n")
  endforeach()
  list(LENGTH arg_FILES count)
  file(CONFIGURE OUTPUT ${header} @ONLY CONTENT [[
#pragma once
// Made by cmake/embed_files.cmake.
#include <array>

#include "embedded_file.hpp"

namespace waxseal::server {
inline constexpr std::array<EmbeddedFile, @count@> @array_name@ = {
@entries@};
}  // namespace waxseal::server
]])
endfunction()
