#pragma once
/// @file secret_file.hpp
/// A secret as operators keep it: in a file of its own.

#include <string>
#include <vector>

#include <waxseal/error.hpp>

namespace waxseal::server {

struct SecretFile {
  std::string secret;               ///< May be empty: whether that will do is the caller's to say.
  std::vector<std::string> doubts;  ///< What deserves a warning, each naming the file. Never the secret.
};

/// Reads the file, at most 4096 bytes. One line break at its end, LF or CR LF, is taken off, and nothing else: a space is
/// part of the secret. Doubtful are a mode that lets everybody read or write it, and line breaks that stay.
/// Fails with:  ErrorCode::internal  not there, a folder, unreadable, longer, or with a NUL; log_detail names the file
Result<SecretFile> read_secret_file(const std::string& path);

}  // namespace waxseal::server
