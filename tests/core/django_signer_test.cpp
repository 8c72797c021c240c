#include <waxseal/django_signer.hpp>

#include "support/catch.hpp"
#include "support/vectors.hpp"

using waxseal::DjangoSigner;
using waxseal::Link;
using waxseal::test::read_vectors;

namespace {

Link link_of(const nlohmann::json& row) { return {row["user_id"], row["email"], row["timestamp"], row["signature"]}; }

DjangoSigner signer_of(std::string_view secret) {
  auto signer = DjangoSigner::create(secret);
  REQUIRE(signer);
  return std::move(*signer);
}

DjangoSigner signer_of_row(const nlohmann::json& row) { return signer_of(row["secret"].get_ref<const std::string&>()); }

}  // namespace

TEST_CASE("threat 1: the django scheme signs what Django REST Registration signed") {
  for (const auto& row : read_vectors("signatures.jsonl")) {
    INFO(row.dump());
    const DjangoSigner signer = signer_of_row(row);
    const Link link = link_of(row);
    CHECK(signer.sign(link) == link.signature);
    CHECK(signer.verifies(link));
  }
}

TEST_CASE("A default link is written and read as Django REST Registration writes it") {
  for (const auto& row : read_vectors("signatures.jsonl")) {
    INFO(row.dump());
    const Link link = link_of(row);
    CHECK(waxseal::write_link("https://frontend-host/verify-email/", link) == row["url"].get<std::string>());
    const auto read = waxseal::read_link(row["url"].get_ref<const std::string&>());
    REQUIRE(read);
    CHECK(*read == link);
  }
}

TEST_CASE("An empty Django secret is refused") {
  const auto signer = DjangoSigner::create("");
  REQUIRE_FALSE(signer);
  CHECK(signer.error().code == waxseal::ErrorCode::internal);
}

TEST_CASE("Another Django secret gives another signature and confirms nothing") {
  for (const auto& row : read_vectors("signatures.jsonl")) {
    INFO(row.dump());
    const DjangoSigner other = signer_of(row["secret"].get<std::string>() + "x");
    CHECK(other.sign(link_of(row)) != row["signature"].get<std::string>());
    CHECK_FALSE(other.verifies(link_of(row)));
  }
}

// CVE-2019-13177: a signer that takes the salt for the key signs the same under every secret.
TEST_CASE("threat 1: the salt of the django scheme is not its key") {
  const Link link{"1", "a@b.co", "5", ""};
  CHECK(signer_of("k").sign(link) != signer_of("register-email").sign(link));
  CHECK(signer_of("k").sign(link) != signer_of("l").sign(link));
}

TEST_CASE("A django link with any value altered is refused") {
  for (const auto& row : read_vectors("signatures.jsonl")) {
    INFO(row.dump());
    const DjangoSigner signer = signer_of_row(row);
    for (std::string Link::*value : {&Link::user_id, &Link::email, &Link::timestamp, &Link::signature}) {
      Link altered = link_of(row);
      altered.*value += "0";
      CHECK_FALSE(signer.verifies(altered));
      altered = link_of(row);
      (altered.*value).pop_back();
      CHECK_FALSE(signer.verifies(altered));
    }
  }
}

TEST_CASE("A django signature in any but its one spelling is refused") {
  const auto row = read_vectors("signatures.jsonl").front();
  const DjangoSigner signer = signer_of_row(row);
  const Link genuine = link_of(row);
  REQUIRE(signer.verifies(genuine));
  for (const std::string& text :
       {std::string{}, genuine.signature + "=", " " + genuine.signature, genuine.signature + std::string(1, '\0')}) {
    Link other = genuine;
    other.signature = text;
    CHECK_FALSE(signer.verifies(other));
  }
}

TEST_CASE("A character moved from one value of a django link to its neighbour is refused") {
  const DjangoSigner signer = signer_of("k");
  CHECK(signer.sign({"42", "a@b.co", "15", ""}) != signer.sign({"2", "a@b.co", "154", ""}));
  CHECK(signer.sign({"1", "a@b.co", "25", ""}) != signer.sign({"1", "a@b.co2", "5", ""}));
}

TEST_CASE("Signing with the django scheme does not read the signature of the link") {
  const DjangoSigner signer = signer_of("k");
  CHECK(signer.sign({"1", "a@b.co", "5", "x"}) == signer.sign({"1", "a@b.co", "5", ""}));
}
