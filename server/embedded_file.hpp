#pragma once
/// @file embedded_file.hpp
/// A text file that the build put into the program. See cmake/embed_files.cmake.

#include <string_view>

namespace waxseal::server {

struct EmbeddedFile {
  std::string_view name;  ///< Path without ending, e.g. "en/verify_email.subject".
  std::string_view text;
};

}  // namespace waxseal::server
