// User ids and timestamps as strangers send them, signed or not, to a site on adopted tables: the answers that Django REST
// Registration gives, and nothing written.

#include "adopted_storage.hpp"
#include "http_fixture.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

const std::string hex_id = "0f0e0d0c0b0a09080706050403020100";
const std::string uuid = "0f0e0d0c-0b0a-0908-0706-050403020100";

/// A site that issues and accepts Django's links, with one account.
template <typename Storage>
struct DjangoSite {
  explicit DjangoSite(const std::string& id) {
    keys.in_force = link_keys({}, {"a-secret-key-that-only-the-site-knows"});
    add_account(storage, id, "ada@site.example");
  }

  static Configuration configuration() {
    Configuration configuration = site_configuration();
    configuration.settings.signing.issue = "django";
    configuration.settings.signing.accept = {"django"};
    return configuration;
  }
  /// The answer to a link that holds what it says and is signed with the site's secret.
  RawAnswer press_signed(const std::string& user_id, std::string timestamp = "") {
    if (timestamp.empty()) timestamp = to_text(clock.now());
    Link link{user_id, "new@site.example", timestamp, {}};
    link.signature = keys.current()->django.front().sign(link);
    return press(nlohmann::json(user_id).dump(), nlohmann::json(timestamp).dump(), link.signature);
  }
  /// @param user_id, timestamp  As JSON.
  RawAnswer press(const std::string& user_id, const std::string& timestamp, const std::string& signature) {
    return post_json(server.port(), verify_path,
                     R"({"email":"new@site.example","user_id":)" + user_id + R"(,"timestamp":)" + timestamp +
                         R"(,"signature":")" + signature + "\"}");
  }

  Storage storage;
  FixedLinkKeys keys;
  FixedClock clock;
  RecordingLog log;
  ApiUnderTest api{configuration(), {storage.store, keys, clock}};
  RunningServer server{api.router(), log};
};

std::string first_field_error(const RawAnswer& answer, const char* field) {
  return json_body(answer).value(field, nlohmann::json::array({""})).at(0).get<std::string>();
}

const std::string ten_thousand(10'000, '1');

}  // namespace

TEST_CASE("a signed id that does not fit an integer column is no user's, and nothing is written", "[adopted]") {
  DjangoSite<IntegerStorage> site{"1"};
  const std::string before = dump_sqlite(site.storage.file());
  for (const std::string& id :
       {std::string{"abc"}, std::string{"999"}, "1" + std::string(30, '0'), std::string{"9223372036854775808"},
        std::string{"-1"}, std::string{"01"}, std::string{"+1"}, std::string{"1.0"}, std::string{"1e0"},
        std::string{"0x1"}, std::string{"1_0"}, std::string{"\xd9\xa1"}, uuid, std::string{"' OR 1 --"},
        std::string{"1;"}, ten_thousand}) {
    INFO(id.substr(0, 40));
    check_refused(site.press_signed(id), 400, "user-not-found");
  }
  CHECK(dump_sqlite(site.storage.file()) == before);
  CHECK(site.press_signed("1").status == 200);
}

TEST_CASE("a signed id that does not fit a UUID column is no user's, and nothing is written", "[adopted]") {
  DjangoSite<UuidStorage> site{hex_id};
  const std::string before = dump_sqlite(site.storage.file());
  std::string upper = uuid;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  for (const std::string& id : {hex_id, upper, "{" + uuid + "}", "urn:uuid:" + uuid, std::string{"1"}, uuid + "0",
                                uuid.substr(1), ten_thousand}) {
    INFO(id.substr(0, 50));
    check_refused(site.press_signed(id), 400, "user-not-found");
  }
  CHECK(dump_sqlite(site.storage.file()) == before);
  CHECK(site.press_signed(uuid).status == 200);
}

TEST_CASE("a signed id that a text column does not hold letter by letter is no user's", "[adopted]") {
  DjangoSite<TextStorage> site{"Ada"};
  const std::string before = dump_sqlite(site.storage.file());
  for (const std::string& id : {std::string{"ada"}, std::string{"Ada%"}, std::string{"Ad\xc3\xa4"}, ten_thousand}) {
    INFO(id.substr(0, 40));
    check_refused(site.press_signed(id), 400, "user-not-found");
  }
  CHECK(dump_sqlite(site.storage.file()) == before);
  CHECK(site.press_signed("Ada").status == 200);
}

TEST_CASE("an id is trimmed as Django REST Framework trims it; an empty one and one with NUL are field errors",
          "[adopted]") {
  DjangoSite<IntegerStorage> site{"1"};
  const std::string before = dump_sqlite(site.storage.file());
  const std::string now = to_text(site.clock.now());
  for (const char* id : {R"("")", R"("  ")"}) {
    CHECK(first_field_error(site.press(id, now, "x"), "user_id") == "This field may not be blank.");
  }
  CHECK(first_field_error(site.press(R"("1\u0000")", now, "x"), "user_id") == "Null characters are not allowed.");
  CHECK(dump_sqlite(site.storage.file()) == before);
  Link link{"1", "new@site.example", now, {}};
  link.signature = site.keys.current()->django.front().sign(link);
  CHECK(site.press(R"(" 1 ")", now, link.signature).status == 200);
}

TEST_CASE("a timestamp that is no instant is a field error or expired, and nothing is written", "[adopted]") {
  DjangoSite<IntegerStorage> site{"1"};
  const std::string before = dump_sqlite(site.storage.file());
  const auto field_error = [&](const std::string& timestamp) {
    const RawAnswer answer = site.press(R"("1")", timestamp, "x");
    CHECK(answer.status == 400);
    return first_field_error(answer, "timestamp");
  };
  CHECK(field_error('"' + std::string(1001, '9') + '"') == "String value too large.");
  for (const char* text :
       {R"("")", R"("17x")", R"("1 7")", R"("\u0661\u0667")", R"("1e9")", R"("0x1")", "1.5", "true"}) {
    INFO(text);
    CHECK(field_error(text) == "A valid integer is required.");
  }
  check_refused(site.press_signed("1", "-5"), 400, "signature-expired");
  check_refused(site.press(R"("1")", '"' + std::string(1000, '9') + '"', "x"), 400, "signature-invalid");
  CHECK(site.press(R"("1")", std::string(1000, '9'), "x").status == 400);
  CHECK(dump_sqlite(site.storage.file()) == before);
}

TEST_CASE("a timestamp that no link of ours or of Django's has is refused, even if it is signed", "[adopted]") {
  DjangoSite<IntegerStorage> site{"1"};
  const std::string before = dump_sqlite(site.storage.file());
  for (const std::string& timestamp : {std::string(1000, '9'), "-" + std::string(999, '9'), std::string(19, '9')}) {
    check_refused(site.press_signed("1", timestamp), 400, "signature-invalid");
  }
  CHECK(dump_sqlite(site.storage.file()) == before);
}

TEST_CASE("Every type of id that Django has goes the whole way", "[adopted]") {
  DjangoSite<AdoptedStorage<BigIntegerIds>> numbers{"9223372036854775807"};
  CHECK(numbers.press_signed("9223372036854775807").status == 200);
  CHECK(numbers.storage.store.find_account("9223372036854775807").value().value().email == "new@site.example");
}
