#include "adapters/system/system_random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace waxseal::server {

void SystemRandom::fill(std::uint8_t* out, std::size_t size) {
  while (size > 0) {
    const ssize_t drawn = getrandom(out, size, 0);
    if (drawn < 0 && errno == EINTR) continue;
    if (drawn <= 0) {
      std::fputs("waxseal: the system gives no random bytes\n", stderr);
      std::abort();
    }
    out += drawn;
    size -= static_cast<std::size_t>(drawn);
  }
}

}  // namespace waxseal::server
