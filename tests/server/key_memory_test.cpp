#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "adapters/key_files/key_directory.hpp"
#include "support/catch.hpp"
#include "support/must.hpp"
#include "support/temp_folder.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

/// Read anew each time, so that the compiler cannot put the seed together at any other place than where it is asked for.
volatile std::size_t first_byte = 113;

/// Byte `i` of the seed below, computed when it is needed, so that the test itself holds no copy that it would find.
std::uint8_t seed_byte(std::size_t i) { return static_cast<std::uint8_t>(i * i * 7 + i * 31 + first_byte); }

/// Character `i` of the seed's base64url, computed likewise.
std::uint8_t base64_character(std::size_t i) {
  const std::size_t bit = i * 6;
  const auto byte = [](std::size_t index) -> unsigned { return index < 32 ? seed_byte(index) : 0U; };
  const unsigned two_bytes = byte(bit / 8) << 8 | byte(bit / 8 + 1);
  const unsigned sextet = two_bytes >> (10 - bit % 8) & 63U;
  return static_cast<std::uint8_t>("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[sextet]);
}

class KnownSeed final : public RandomSource {
 public:
  void fill(std::uint8_t* out, std::size_t size) override {
    for (std::size_t i = 0; i < size; ++i) out[i] = seed_byte(i);
  }
};

struct Place {
  std::string permissions;  ///< As /proc says it, e.g. "r--p".
  std::string flags;        ///< VmFlags, e.g. "rd mr mw me lo dd".
};

/// One mapping of this process.
struct Mapping {
  std::uintptr_t begin, end;
  Place place;
};

std::vector<Mapping> mappings() {
  std::vector<Mapping> found;
  std::ifstream smaps{"/proc/self/smaps"};
  for (std::string line; std::getline(smaps, line);) {
    unsigned long begin = 0, end = 0;
    char permissions[8] = "";
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, permissions) == 3) {
      found.push_back({begin, end, {permissions, ""}});
    } else if (line.rfind("VmFlags: ", 0) == 0) {
      found.back().place.flags = line.substr(9);
    }
  }
  return found;
}

/// A part of the memory is copied here to be searched. Shared, which none of the product's memory is, so that it is told apart.
class Window {
 public:
  static constexpr std::size_t size = 1 << 20;
  Window() : bytes_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (bytes_ == MAP_FAILED) throw std::runtime_error{"no memory"};
  }
  ~Window() { munmap(bytes_, size); }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;
  std::uint8_t* bytes() { return static_cast<std::uint8_t*>(bytes_); }

 private:
  void* bytes_;
};

/// Where in this process's memory `length` bytes stand of which byte `i` is `expected(i)`. Sanitizers' own memory, which is
/// terabytes that nothing was written to, is passed over.
template <typename Expected>
std::vector<Place> places_of(Expected&& expected, std::size_t length) {
  constexpr std::uintptr_t largest_mapping = std::uintptr_t{1} << 30;
  std::vector<Place> places;
  Window window;
  const int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  REQUIRE(memory >= 0);
  for (const Mapping& mapping : mappings()) {
    const std::string& permissions = mapping.place.permissions;
    if (permissions[0] != 'r' || permissions[3] == 's' || mapping.end - mapping.begin > largest_mapping) continue;
    for (std::uintptr_t begin = mapping.begin; begin < mapping.end; begin += Window::size - length + 1) {
      const ssize_t count =
          pread(memory, window.bytes(), std::min(Window::size, mapping.end - begin), static_cast<off_t>(begin));
      for (std::size_t at = 0; count > 0 && at + length <= static_cast<std::size_t>(count); ++at) {
        std::size_t same = 0;
        while (same < length && window.bytes()[at + same] == expected(same)) ++same;
        if (same == length) places.push_back(mapping.place);
      }
    }
  }
  close(memory);
  return places;
}

struct KeyOnDisk {
  KeyOnDisk() {
    KnownSeed seed;
    must(directory.create_key(seed, from_unix_s(1700000000)));
  }
  TempFolder folder;
  KeyDirectory directory{folder / "keys"};
};

}  // namespace

TEST_CASE("The search of the memory finds a secret that lies open") {
  std::vector<std::uint8_t> careless(32);
  for (std::size_t i = 0; i < careless.size(); ++i) careless[i] = seed_byte(i);
  const auto places = places_of(seed_byte, 32);
  REQUIRE(places.size() == 1);
  CHECK(places[0].permissions == "rw-p");
  wipe(careless.data(), careless.size());
}

TEST_CASE("The secret of a key lies in one read-only page that no core dump holds, and is gone with the key") {
  {
    KeyOnDisk keys;
    CHECK(places_of(seed_byte, 32).empty());  // made, written, and no copy left behind
    const KeyRing ring = must(keys.directory.load());
    REQUIRE(ring.newest() != nullptr);
    const auto places = places_of(seed_byte, 32);
    REQUIRE(places.size() == 1);
    CHECK(places[0].permissions == "r--p");
    CHECK(places[0].flags.find("dd") != std::string::npos);
  }
  CHECK(places_of(seed_byte, 32).empty());
}

TEST_CASE("Nothing of a key's file stays in memory after it was written, read, listed or retired") {
  KeyOnDisk keys;
  CHECK(places_of(base64_character, 43).empty());
  const std::string kid = must(keys.directory.load()).newest()->public_key().kid();
  CHECK(places_of(base64_character, 43).empty());
  must(keys.directory.list());
  CHECK(places_of(base64_character, 43).empty());
  must(keys.directory.retire_key(kid, from_unix_s(1700000001)));
  CHECK(places_of(base64_character, 43).empty());
  CHECK(places_of(seed_byte, 32).empty());
}
