// POST undo-email/ over a real socket.

#include "http_fixture.hpp"

using namespace waxseal;
using namespace waxseal::test;

TEST_CASE("undo-email brings the old address back and says so once") {
  HttpFixture site;
  const Link to_new = site.link_for_ada("new@site.example");
  const std::string undo = json_of(site.undo_link_for_ada());
  REQUIRE(post_json(site.port(), verify_path, json_of(to_new)).status == 200);
  const RawAnswer first = post_json(site.port(), undo_path, undo);
  CHECK(first.status == 200);
  CHECK(json_body(first) == nlohmann::json{{"detail", "Email change undone"}});
  check_common_headers(first);
  CHECK(site.email_of("1") == "ada@site.example");
  check_refused(post_json(site.port(), undo_path, undo), 400, "change-undone");
  check_refused(post_json(site.port(), verify_path, json_of(to_new)), 400, "change-undone");
}

TEST_CASE("undo-email calls off a change that waits") {
  HttpFixture site;
  const Link to_new = site.link_for_ada("new@site.example");
  const std::string undo = json_of(site.undo_link_for_ada());
  CHECK(post_json(site.port(), undo_path, undo).status == 200);
  check_refused(post_json(site.port(), verify_path, json_of(to_new)), 400, "link-cancelled");
  check_refused(post_json(site.port(), undo_path, undo), 400, "link-cancelled");
}

TEST_CASE("threat 17: GET and HEAD of undo-email with a whole link change nothing") {
  HttpFixture site;
  const Link to_new = site.link_for_ada("new@site.example");
  const Link undo = site.undo_link_for_ada();
  const std::string before = site.state();
  const std::string query = write_link(undo_path, undo);
  check_refused(exchange(site.port(), "GET", query), 405, "method-not-allowed");
  CHECK(exchange(site.port(), "HEAD", query).status == 405);
  CHECK(site.state() == before);
  CHECK(post_json(site.port(), verify_path, json_of(to_new)).header("waxseal-code") == "verified");
}

TEST_CASE("threat 4: every purpose is refused at the other's route") {
  HttpFixture site;
  const Link to_new = site.link_for_ada("new@site.example");
  const Link undo = site.undo_link_for_ada();
  const std::string before = site.state();
  check_refused(post_json(site.port(), undo_path, json_of(to_new)), 400, "signature-invalid");
  check_refused(post_json(site.port(), verify_path, json_of(undo)), 400, "signature-invalid");
  CHECK(site.state() == before);
  CHECK(post_json(site.port(), undo_path, json_of(undo)).status == 200);
}

TEST_CASE("undo-email never reads Authorization and names every field that is wrong") {
  HttpFixture site;
  site.link_for_ada("new@site.example");
  const std::string undo = json_of(site.undo_link_for_ada());
  const RawAnswer empty = post_json(site.port(), undo_path, "{}", "Authorization: Token nope\r\n");
  check_refused(empty, 400, "invalid-fields");
  for (const char* field : {"user_id", "email", "timestamp", "signature"}) {
    CHECK(json_body(empty).at(field).at(0) == "This field is required.");
  }
  CHECK(post_json(site.port(), undo_path, undo, "Authorization: Token nope\r\n").status == 200);
}

TEST_CASE("an undo for an address that today's rules would refuse is judged by its signature") {
  HttpFixture site;
  site.store().set_email("1", "ada@localhost");
  site.link_for_ada("new@site.example");
  CHECK(post_json(site.port(), undo_path, json_of(site.undo_link_for_ada())).status == 200);
}

TEST_CASE("an undo link that is too old is told so") {
  HttpFixture site;
  site.link_for_ada("new@site.example");
  const std::string undo = json_of(site.undo_link_for_ada());
  site.clock().advance(std::chrono::hours{7 * 24} + std::chrono::seconds{1});
  check_refused(post_json(site.port(), undo_path, undo), 400, "signature-expired");
}
