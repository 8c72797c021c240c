#include "config/secret_file.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace waxseal::server {
namespace {

constexpr std::size_t max_secret_file_bytes = 4096;

tl::unexpected<Error> refused(const std::string& path, const std::string& why) {
  return fail(ErrorCode::internal, path + " " + why);
}

void cut_line_break(std::string& text) {
  if (!text.empty() && text.back() == '\n') {
    text.pop_back();
    if (!text.empty() && text.back() == '\r') text.pop_back();
  }
}

/// "0644"
std::string octal(mode_t mode) {
  std::string digits;
  for (const int shift : {9, 6, 3, 0}) digits += static_cast<char>('0' + (mode >> shift & 7U));
  return digits;
}

}  // namespace

Result<SecretFile> read_secret_file(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return refused(path, std::string{"cannot be read: "} + std::strerror(errno));
  if (S_ISDIR(status.st_mode)) return refused(path, "is a folder: the secret must be in a file");
  std::ifstream file{path, std::ios::binary};
  if (!file) return refused(path, std::string{"cannot be read: "} + std::strerror(errno));
  std::string text(max_secret_file_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return refused(path, "cannot be read to its end");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > max_secret_file_bytes) return refused(path, "is longer than 4096 bytes: that is no secret");
  if (text.find('\0') != std::string::npos) return refused(path, "holds a NUL byte: the secret must be a text");

  SecretFile read;
  cut_line_break(text);
  if (S_ISREG(status.st_mode) && (status.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    read.doubts.push_back(path + " has the mode " + octal(status.st_mode & 07777U) +
                          ", everybody on this machine may use it: chmod 600 " + path);
  }
  if (text.find_first_of("\r\n") != std::string::npos) {
    read.doubts.push_back(path + " has a line break besides the one at its end: it counts as part of the secret");
  }
  read.secret = std::move(text);
  return read;
}

}  // namespace waxseal::server
