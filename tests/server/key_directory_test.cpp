#include "adapters/key_files/key_directory.hpp"

#include <sys/stat.h>

#include <set>
#include <thread>

#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/fixed_link_keys.hpp"
#include "support/temp_folder.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;
using nlohmann::json;

namespace {

constexpr UnixTime noon = from_unix_s(1700000000);

std::string kid_of(std::uint8_t number) { return numbered_key(number).public_key().kid(); }

/// A folder for keys that is not there yet.
struct Keys {
  KeyDescription create(UnixTime now = noon) { return must(directory.create_key(random, now)); }
  std::filesystem::path file(const std::string& kid) const { return path / (kid + ".jwk"); }
  json read(const std::string& kid) const { return json::parse(read_file(file(kid))); }

  /// Writes the key file anew with one member changed, or removed if `value` is null.
  void damage(const std::string& kid, const char* member, const json& value) const {
    json jwk = read(kid);
    if (value.is_null()) {
      jwk.erase(member);
    } else {
      jwk[member] = value;
    }
    write_file(file(kid), jwk.dump());
  }
  std::string refusal() const {
    const auto ring = directory.load();
    const auto list = directory.list();
    if (ring || list) return "";
    return ring.error().code == ErrorCode::internal ? ring.error().log_detail : "not internal";
  }

  TempFolder folder;
  std::filesystem::path path = folder / "new/keys";
  KeyDirectory directory{path};
  CountingRandom random;
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE_METHOD(Keys, "The first key makes the folder, and nobody else may look at either") {
  const KeyDescription key = create();
  CHECK(mode_of(path) == 0700);
  CHECK(mode_of(file(key.kid)) == 0600);
  CHECK(key.kid == kid_of(1));
  CHECK(key.created_at == noon);
  CHECK_FALSE(key.retired_at);
}

TEST_CASE_METHOD(Keys, "A key's file is closed to others whatever the umask allows") {
  const mode_t old = umask(0);
  const KeyDescription key = create();
  umask(old);
  CHECK(mode_of(path) == 0700);
  CHECK(mode_of(file(key.kid)) == 0600);
}

TEST_CASE_METHOD(Keys, "A key's file is a private JWK of RFC 8037") {
  const KeyDescription key = create();
  const json jwk = read(key.kid);
  CHECK(jwk["kty"] == "OKP");
  CHECK(jwk["crv"] == "Ed25519");
  CHECK(jwk["kid"] == key.kid);
  CHECK(jwk["x"] == key.public_key);
  CHECK(jwk["d"] == encode_base64url(Bytes(32, 1)));
  CHECK(jwk["created_unix_s"] == 1700000000);
}

TEST_CASE_METHOD(Keys, "A key that was made signs after it was read back") {
  const KeyDescription key = create();
  const KeyRing ring = must(directory.load());
  REQUIRE(ring.newest() != nullptr);
  CHECK(ring.newest()->public_key().kid() == key.kid);
  CHECK(ring.newest()->public_key().bytes() == numbered_key(1).public_key().bytes());
}

TEST_CASE_METHOD(Keys,
                 "The newest key is the one that was made last, even within one second or with a clock set back") {
  create();
  const KeyDescription second = create();
  CHECK(must(directory.load()).newest()->public_key().kid() == second.kid);
  const KeyDescription third = create(noon - std::chrono::hours{1});
  CHECK(must(directory.load()).newest()->public_key().kid() == third.kid);
  const auto list = must(directory.list());
  REQUIRE(list.size() == 3);
  CHECK(list[0].kid == kid_of(1));
  CHECK(list[1].kid == kid_of(2));
  CHECK(list[2].kid == kid_of(3));
  CHECK(list[0].created_at < list[1].created_at);
  CHECK(list[1].created_at < list[2].created_at);
}

TEST_CASE_METHOD(Keys, "An older key still verifies beside the newest") {
  create();
  create();
  const KeyRing ring = must(directory.load());
  CHECK(ring.find(numbered_key(1).public_key().id()) != nullptr);
  CHECK(ring.find(numbered_key(2).public_key().id()) != nullptr);
}

TEST_CASE_METHOD(Keys, "A key whose id is taken is drawn again") {
  create();
  random.begin_with({9, 1, 1, 7});  // after the first call: the same seed twice, then another
  const KeyDescription second = create();
  CHECK(second.kid == kid_of(7));
  CHECK(random.calls() == 4);
  CHECK(must(directory.list()).size() == 2);
}

TEST_CASE_METHOD(Keys, "The id of a retired key is not used again either") {
  create();
  must(directory.retire_key(kid_of(1), noon));
  random.begin_with({9, 1, 7});
  CHECK(create().kid == kid_of(7));
}

TEST_CASE_METHOD(Keys, "A retired key verifies nothing and its secret is gone from the disk") {
  const KeyDescription first = create();
  const KeyDescription second = create();
  const UnixTime later = noon + std::chrono::hours{1};
  const KeyDescription retired = must(directory.retire_key(first.kid, later));
  CHECK(retired.retired_at == later);
  const KeyRing ring = must(directory.load());
  CHECK(ring.find(numbered_key(1).public_key().id()) == nullptr);
  CHECK(ring.newest()->public_key().kid() == second.kid);
  CHECK_FALSE(read(first.kid).contains("d"));
  CHECK_FALSE(contains(read_file(file(first.kid)), encode_base64url(Bytes(32, 1))));
  CHECK(mode_of(file(first.kid)) == 0600);
  const auto list = must(directory.list());
  REQUIRE(list.size() == 2);
  CHECK(list[0].retired_at == later);
  CHECK_FALSE(list[1].retired_at);
}

TEST_CASE_METHOD(Keys, "A key that is not there or is retired already cannot be retired") {
  const KeyDescription key = create();
  for (const char* kid : {"00000000", "", "../keys"}) {
    const auto retired = directory.retire_key(kid, noon);
    REQUIRE_FALSE(retired);
    CHECK(retired.error().code == ErrorCode::not_found);
  }
  must(directory.retire_key(key.kid, noon));
  const auto again = directory.retire_key(key.kid, noon);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::not_found);
}

TEST_CASE_METHOD(Keys, "A folder without keys is an empty ring") {
  std::filesystem::create_directories(path);
  CHECK(must(directory.load()).newest() == nullptr);
  CHECK(must(directory.list()).empty());
}

TEST_CASE_METHOD(Keys, "A folder that is not there is unavailable") {
  const auto ring = directory.load();
  REQUIRE_FALSE(ring);
  CHECK(ring.error().code == ErrorCode::unavailable);
  CHECK(contains(ring.error().log_detail, path.string()));
}

TEST_CASE_METHOD(Keys, "Files that are no keys by their name are left alone, half-written ones too") {
  create();
  write_file(path / "README", "keys");
  write_file(path / ".12345678.jwk", "{\"kty\":");
  write_file(path / "key.jwk.bak", "old");
  CHECK(must(directory.list()).size() == 1);
}

TEST_CASE_METHOD(Keys, "A key that others may read is refused, and the refusal says how to mend it") {
  const KeyDescription key = create();
  for (const mode_t mode : {0640, 0604, 0660, 0644, 0601}) {
    REQUIRE(chmod(file(key.kid).c_str(), mode) == 0);
    CHECK(contains(refusal(), "others may read it: chmod 600"));
    CHECK(contains(refusal(), file(key.kid).string()));
  }
  REQUIRE(chmod(file(key.kid).c_str(), 0400) == 0);
  CHECK(refusal().empty());
}

TEST_CASE_METHOD(Keys, "A folder that others may write is refused, for they could put a key of their own there") {
  create();
  for (const mode_t mode : {0770, 0702, 01777, 0720}) {
    REQUIRE(chmod(path.c_str(), mode) == 0);
    CHECK(contains(refusal(), path.string() + ": others may write it: chmod 700"));
    CHECK_FALSE(directory.create_key(random, noon));
    CHECK_FALSE(directory.retire_key(kid_of(1), noon));
  }
  REQUIRE(chmod(path.c_str(), 0755) == 0);  // its names are public: the ids of keys
  CHECK(refusal().empty());
}

TEST_CASE_METHOD(Keys, "A pipe under the name of a key is refused and not waited for") {
  create();
  REQUIRE(mkfifo(file("00000000").c_str(), 0600) == 0);
  CHECK(contains(refusal(), file("00000000").string() + ": not a file"));
}

TEST_CASE_METHOD(Keys, "What a writer left that died is no key and in nobody's way") {
  write_file(path.parent_path() / "unrelated", "");
  std::filesystem::create_directories(path);
  write_file(path / ("." + kid_of(1) + ".jwk"), "half a ke");
  const KeyDescription key = create();
  CHECK(key.kid == kid_of(1));
  CHECK(read(key.kid)["x"] == key.public_key);
  CHECK(mode_of(file(key.kid)) == 0600);
  CHECK_FALSE(std::filesystem::exists(path / ("." + kid_of(1) + ".jwk")));
}

TEST_CASE_METHOD(Keys, "Keys made and retired at the same time are all there, each newer than another",
                 "[concurrent]") {
  create();
  constexpr int makers = 6, keys_each = 5;
  std::vector<std::thread> threads;
  for (int maker = 0; maker < makers; ++maker) {
    threads.emplace_back([this, maker] {
      CountingRandom seeds;
      const auto first = static_cast<std::uint8_t>(10 + maker * keys_each);
      seeds.begin_with({first, static_cast<std::uint8_t>(first + 1), static_cast<std::uint8_t>(first + 2),
                        static_cast<std::uint8_t>(first + 3), static_cast<std::uint8_t>(first + 4)});
      KeyDirectory own{path};
      for (int number = 0; number < keys_each; ++number) {
        const auto made = own.create_key(seeds, noon);
        if (made && number % 2 == 0) static_cast<void>(own.retire_key(made->kid, noon));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto list = must(directory.list());
  std::set<UnixTime> times;
  for (const KeyDescription& key : list) times.insert(key.created_at);
  CHECK(list.size() == 1 + makers * keys_each);
  CHECK(times.size() == list.size());
  CHECK(std::count_if(list.begin(), list.end(), [](const auto& key) { return key.retired_at.has_value(); }) ==
        makers * 3);
}

TEST_CASE_METHOD(Keys, "A folder that is being changed can be read at any moment", "[concurrent]") {
  create();
  std::thread changer{[this] {
    CountingRandom seeds;
    seeds.begin_with(
        {101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120});
    KeyDirectory own{path};
    for (int number = 0; number < 20; ++number) {
      const auto made = own.create_key(seeds, noon);
      if (made) static_cast<void>(own.retire_key(made->kid, noon));
      if (made) std::filesystem::remove(file(made->kid));
    }
  }};
  int read = 0, failed = 0;
  while (read < 200) {
    ++read;
    if (!directory.load()) ++failed;
  }
  changer.join();
  CHECK(failed == 0);
  CHECK(must(directory.list()).size() == 1);
}

TEST_CASE("A key last signed when a newer one was made, or when it was retired, or signs now") {
  const auto at = [](int minutes) { return noon + std::chrono::minutes{minutes}; };
  const std::vector<KeyDescription> keys{
      {"a", "", at(0), {}},  // signs again from 50 to 60, when b and c are retired
      {"b", "", at(10), at(50)}, {"c", "", at(20), at(30)}, {"d", "", at(60), at(70)}, {"e", "", at(65), {}},
  };
  const UnixTime now = at(100);
  CHECK(last_signed_at(keys, keys[0], now) == at(60));
  CHECK(last_signed_at(keys, keys[1], now) == at(50));
  CHECK(last_signed_at(keys, keys[2], now) == at(30));
  CHECK(last_signed_at(keys, keys[3], now) == at(65));
  CHECK(last_signed_at(keys, keys[4], now) == now);
}

TEST_CASE_METHOD(Keys, "A damaged key is refused, named and not quoted") {
  const KeyDescription key = create();
  const std::string good = read_file(file(key.kid));
  const std::pair<const char*, json> damages[] = {{"kty", "RSA"},
                                                  {"kty", nullptr},
                                                  {"crv", "X25519"},
                                                  {"crv", 5},
                                                  {"x", nullptr},
                                                  {"x", "short"},
                                                  {"x", 5},
                                                  {"x", key.public_key + "="},
                                                  {"x", encode_base64url(numbered_key(2).public_key().bytes())},
                                                  {"d", nullptr},
                                                  {"d", "short"},
                                                  {"d", encode_base64url(Bytes(32, 2))},
                                                  {"created_unix_s", nullptr},
                                                  {"created_unix_s", "now"},
                                                  {"created_unix_s", 1.5}};
  for (const auto& [member, value] : damages) {
    INFO(member << " " << value.dump());
    damage(key.kid, member, value);
    CHECK(contains(refusal(), file(key.kid).string()));
    CHECK_FALSE(contains(refusal(), encode_base64url(Bytes(32, 1))));
    write_file(file(key.kid), good);
  }
  for (const std::string& text : {std::string{}, std::string{"[]"}, std::string{"null"},
                                  good.substr(0, good.size() / 2), std::string(5000, ' ') + good, good + "x"}) {
    INFO(text.substr(0, 20));
    write_file(file(key.kid), text);
    CHECK(contains(refusal(), file(key.kid).string()));
  }
  write_file(file(key.kid), good);
  CHECK(refusal().empty());
}

TEST_CASE_METHOD(Keys, "A key under another key's name is refused") {
  const KeyDescription key = create();
  std::filesystem::rename(file(key.kid), file("00000000"));
  CHECK(contains(refusal(), "its name is not the id of its key"));
}

TEST_CASE_METHOD(Keys, "No key is added beside one that is damaged") {
  const KeyDescription key = create();
  write_file(file(key.kid), "damaged");
  CHECK_FALSE(directory.create_key(random, noon));
  CHECK_FALSE(directory.retire_key(key.kid, noon));
}

TEST_CASE_METHOD(Keys, "A folder that cannot be made is unavailable") {
  write_file(folder / "new", "a file where the folder should be");
  const auto key = directory.create_key(random, noon);
  REQUIRE_FALSE(key);
  CHECK(key.error().code == ErrorCode::unavailable);
}
