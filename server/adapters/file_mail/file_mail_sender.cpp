#include "adapters/file_mail/file_mail_sender.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <tuple>
#include <utility>

namespace waxseal::server {
namespace {

namespace fs = std::filesystem;

std::string name_of_mail(UnixTime second, unsigned long number) {
  char name[64];
  std::snprintf(name, sizeof name, "%012lld-%06lu.eml", static_cast<long long>(to_unix_s(second)), number);
  return name;
}

/// The second and the number of the last name in the folder, so that names go on from there after a restart.
std::pair<UnixTime, unsigned long> last_name_in(const fs::path& directory) {
  std::pair<UnixTime, unsigned long> last{};
  std::error_code error;
  for (fs::directory_iterator place{directory, error}; !error && place != fs::directory_iterator{};
       place.increment(error)) {
    long long second = 0;
    unsigned long number = 0;
    const std::string name = place->path().filename().string();
    if (std::sscanf(name.c_str(), "%12lld-%6lu.eml", &second, &number) != 2) continue;
    if (name == name_of_mail(from_unix_s(second), number)) last = std::max(last, {from_unix_s(second), number});
  }
  return last;
}

/// Mode 0600: a mail holds a link. Returns 0 or errno.
int write_private_file(const fs::path& path, const std::string& bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return errno;
  int error = 0;
  for (std::size_t written = 0; written < bytes.size() && error == 0;) {
    const ssize_t count = write(file, bytes.data() + written, bytes.size() - written);
    if (count >= 0) {
      written += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (error == 0 && fsync(file) != 0) error = errno;
  if (close(file) != 0 && error == 0) error = errno;
  return error;
}

}  // namespace

tl::expected<void, SendFailure> FileMailSender::send(const Message& message) {
  const auto failed = [&](const std::string& why) {
    return tl::make_unexpected(SendFailure{SendFailure::Kind::temporary, directory_.string() + ": " + why});
  };
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error) return failed(error.message());

  if (last_second_ == UnixTime{}) std::tie(last_second_, last_number_) = last_name_in(directory_);
  const UnixTime second = std::max(clock_.now(), last_second_);  // a clock set back must not break the order
  last_number_ = second == last_second_ ? last_number_ + 1 : 0;
  last_second_ = second;
  while (fs::exists(directory_ / name_of_mail(second, last_number_), error)) ++last_number_;
  const std::string name = name_of_mail(second, last_number_);

  const fs::path hidden = directory_ / ("." + name);
  if (const int problem = write_private_file(hidden, message.bytes); problem != 0)
    return failed(std::strerror(problem));
  fs::rename(hidden, directory_ / name, error);
  if (error) return failed(error.message());
  return {};
}

}  // namespace waxseal::server
