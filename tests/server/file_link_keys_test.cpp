#include "adapters/key_files/file_link_keys.hpp"

#include <atomic>
#include <thread>

#include "adapters/key_files/key_directory.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/must.hpp"
#include "support/recording_log.hpp"
#include "support/temp_folder.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

struct KeysOnDisk {
  std::string create() { return must(directory.create_key(random, from_unix_s(1700000000))).kid; }
  std::unique_ptr<FileLinkKeys> open(std::vector<std::string> secrets = {}) {
    return must(FileLinkKeys::open({folder.path() / "keys", std::move(secrets)}, log));
  }
  static std::string newest(const std::shared_ptr<const LinkKeySet>& keys) {
    const SigningKey* key = keys->ring.newest();
    return key != nullptr ? key->public_key().kid() : "";
  }

  TempFolder folder;
  KeyDirectory directory{folder.path() / "keys"};
  CountingRandom random;
  RecordingLog log;
};

}  // namespace

TEST_CASE_METHOD(KeysOnDisk, "The keys are those of the folder and the secrets in their order") {
  const std::string kid = create();
  const auto keys = open({"current", "older"})->current();
  CHECK(newest(keys) == kid);
  REQUIRE(keys->django.size() == 2);
  Link link{"1", "b@x.example", "5", ""};
  link.signature = DjangoSigner::create("current")->sign(link);
  CHECK(keys->django[0].verifies(link));
  CHECK_FALSE(keys->django[1].verifies(link));
}

TEST_CASE_METHOD(KeysOnDisk, "Without a folder there is no ed25519 key and nothing to fail") {
  const auto keys = must(FileLinkKeys::open({std::nullopt, {"secret"}}, log));
  CHECK(keys->current()->ring.newest() == nullptr);
  CHECK(keys->after_unknown_key()->django.size() == 1);
}

TEST_CASE_METHOD(KeysOnDisk, "Keys that cannot be read and empty secrets are refused at the start") {
  const auto no_folder = FileLinkKeys::open({folder.path() / "keys", {}}, log);
  REQUIRE_FALSE(no_folder);
  CHECK(no_folder.error().code == ErrorCode::unavailable);
  const auto empty_secret = FileLinkKeys::open({std::nullopt, {"secret", ""}}, log);
  REQUIRE_FALSE(empty_secret);
  CHECK(empty_secret.error().code == ErrorCode::internal);
}

TEST_CASE_METHOD(KeysOnDisk, "An unknown key makes the folder be read again") {
  const std::string first = create();
  const auto keys = open();
  const std::string second = create();
  CHECK(newest(keys->current()) == first);
  CHECK(newest(keys->after_unknown_key()) == second);
  CHECK(newest(keys->current()) == second);
}

TEST_CASE_METHOD(KeysOnDisk, "The folder is read again at most once in ten seconds") {
  create();
  const auto keys = open();
  const std::string second = create();
  CHECK(newest(keys->after_unknown_key()) == second);
  create();
  CHECK(newest(keys->after_unknown_key()) == second);
}

TEST_CASE_METHOD(KeysOnDisk, "Keys that cannot be read again leave the old ones in force and a line in the log") {
  const std::string kid = create();
  const auto keys = open();
  write_file(folder / "keys" / (kid + ".jwk"), "damaged");
  CHECK(newest(keys->after_unknown_key()) == kid);
  REQUIRE(log.lines().size() == 1);
  CHECK(log.all().find("keys not readable, the old ones stay reason=") == 0);
}

TEST_CASE_METHOD(KeysOnDisk, "Keys are read again at once when an operator asks for it, however often") {
  create();
  const auto keys = open();
  for (int round = 0; round < 3; ++round) {
    const std::string kid = create();
    keys->reload();
    CHECK(newest(keys->current()) == kid);
  }
}

TEST_CASE_METHOD(KeysOnDisk, "A key whose file is deleted is gone, as a retired one") {
  const std::string first = create();
  const std::string second = create();
  const auto keys = open();
  std::filesystem::remove(folder / "keys" / (second + ".jwk"));
  keys->reload();
  CHECK(newest(keys->current()) == first);
  std::filesystem::remove(folder / "keys" / (first + ".jwk"));
  keys->reload();
  CHECK(newest(keys->current()).empty());
}

TEST_CASE_METHOD(KeysOnDisk, "A folder that is gone leaves the keys in force, and comes back with its keys") {
  const std::string first = create();
  const auto keys = open();
  std::filesystem::rename(folder / "keys", folder / "elsewhere");
  keys->reload();
  CHECK(newest(keys->current()) == first);
  std::filesystem::rename(folder / "elsewhere", folder / "keys");
  const std::string second = create();
  keys->reload();
  CHECK(newest(keys->current()) == second);
}

TEST_CASE_METHOD(KeysOnDisk, "A key file that is being copied is in force once it is whole") {
  const std::string first = create();
  const auto keys = open();
  const std::string second = create();
  const auto file = folder / "keys" / (second + ".jwk");
  const std::string whole = read_file(file);
  write_file(file, whole.substr(0, whole.size() / 2));
  keys->reload();
  CHECK(newest(keys->current()) == first);
  write_file(file, whole);
  keys->reload();
  CHECK(newest(keys->current()) == second);
}

TEST_CASE_METHOD(KeysOnDisk, "A set in hand stays whole while another one comes into force") {
  const std::string first = create();
  const auto keys = open();
  const auto in_hand = keys->current();
  create();
  keys->after_unknown_key();
  CHECK(newest(in_hand) == first);
  CHECK(keys->current() != in_hand);
}

TEST_CASE_METHOD(KeysOnDisk, "Many threads may read the keys while they are read again", "[concurrent]") {
  create();
  const auto keys = open();
  const std::string second = create();
  std::atomic<int> without_key{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&, number] {
      for (int round = 0; round < 100; ++round) {
        const auto set = number == 0 ? keys->after_unknown_key() : keys->current();
        if (newest(set).empty()) ++without_key;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(without_key == 0);
  CHECK(newest(keys->current()) == second);
}
