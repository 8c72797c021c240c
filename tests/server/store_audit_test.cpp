// What every store keeps for the audit: each step of a change, in the transaction of that step.

#include "every_storage.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

ChangeOrigin from(const char* client, const char* key_id = "") { return {IpAddress::parse(client), key_id}; }

/// "applied 1 a@x.example>b@x.example by 0a1b2c3d from 192.0.2.1", a line each.
template <typename Storage>
std::string audit_of(Storage& storage, const AuditSelection& selection = {}, std::size_t most = 100) {
  std::string lines;
  for (const AuditEntry& entry : must(storage.audit().list(selection, most))) {
    lines += std::string{name_of(entry.event)} + " " + entry.account_id + " " + entry.old_email + ">" + entry.new_email;
    if (!entry.origin.key_id.empty()) lines += " by " + entry.origin.key_id;
    if (entry.origin.client) lines += " from " + entry.origin.client->text();
    lines += "\n";
  }
  return lines;
}

template <typename Storage>
LinkVersion ask(Storage& storage, const std::string& email, UnixTime now = noon, const std::string& id = "1") {
  ChangeRequest request = request_for(id, email);
  request.origin = from("192.0.2.1");
  request.now = now;
  return storage.accounts().request_change(request).value();
}

template <typename Storage>
ApplyResult press(Storage& storage, LinkVersion version, const std::string& old_email, const std::string& email) {
  ChangeToApply change = change_to("1", old_email, email, version);
  change.origin = from("2001:db8::7", "0a1b2c3d");
  return must(storage.accounts().apply(change));
}

template <typename Storage>
UndoResult disown(Storage& storage, LinkVersion version, const std::string& old_email) {
  ChangeToUndo undo = undo_of("1", version, old_email);
  undo.origin = from("198.51.100.9", "99999999");
  return must(storage.accounts().undo(undo)).result;
}

}  // namespace

STORE_TEST_CASE("The audit tells who asked for, made and took back a change, by which key and from where", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = ask(storage, "b@x.example");
  ask(storage, "b@x.example");
  REQUIRE(press(storage, version, "a@x.example", "b@x.example") == ApplyResult::applied);
  REQUIRE(disown(storage, version, "a@x.example") == UndoResult::undone);
  CHECK(audit_of(storage) ==
        "requested 1 a@x.example>b@x.example from 192.0.2.1\n"
        "requested 1 a@x.example>b@x.example from 192.0.2.1\n"
        "applied 1 a@x.example>b@x.example by 0a1b2c3d from 2001:db8::7\n"
        "undone 1 b@x.example>a@x.example by 99999999 from 198.51.100.9\n");
  const AuditEntry applied = must(storage.audit().list({}, 100)).at(2);
  CHECK(applied.version == version);
  CHECK(applied.at == noon);
}

STORE_TEST_CASE("A change that is stopped before its press is cancelled in the audit", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = ask(storage, "b@x.example");
  REQUIRE(disown(storage, version, "a@x.example") == UndoResult::undone);
  CHECK(audit_of(storage) ==
        "requested 1 a@x.example>b@x.example from 192.0.2.1\n"
        "cancelled 1 a@x.example>b@x.example by 99999999 from 198.51.100.9\n");
}

STORE_TEST_CASE("What is refused leaves nothing in the audit", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "two@x.example");
  const LinkVersion version = ask(storage, "two@x.example");
  const std::string before = audit_of(storage);
  CHECK(press(storage, version, "a@x.example", "two@x.example") == ApplyResult::email_taken);
  CHECK(press(storage, version + 1, "a@x.example", "b@x.example") == ApplyResult::stale);
  CHECK(disown(storage, version + 1, "a@x.example") == UndoResult::no_record);
  ChangeRequest limited = request_for("1", "b@x.example");
  limited.limits = {{"per_user", {}, {1, std::chrono::hours{1}}}};
  must(storage.accounts().charge(limited.limits, noon));
  CHECK_FALSE(storage.accounts().request_change(limited));
  CHECK(audit_of(storage) == before);
}

STORE_TEST_CASE("A command leaves its entry without a client", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  must(storage.accounts().apply(change_to("1", "a@x.example", "b@x.example")));
  CHECK(audit_of(storage) == "applied 1 a@x.example>b@x.example\n");
}

STORE_TEST_CASE("The audit is asked by account, by address in any letter case, and by time", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "two@x.example");
  const std::chrono::hours hour{1};
  ask(storage, "b@x.example");
  ask(storage, "c@x.example", noon + hour);
  ask(storage, "B@x.example", noon + 2 * hour, "2");
  const std::string b = "requested 1 a@x.example>b@x.example from 192.0.2.1\n";
  const std::string c = "requested 1 a@x.example>c@x.example from 192.0.2.1\n";
  const std::string two = "requested 2 two@x.example>B@x.example from 192.0.2.1\n";
  CHECK(audit_of(storage) == b + c + two);
  CHECK(audit_of(storage, {"1"}) == b + c);
  CHECK(audit_of(storage, {"3"}).empty());
  CHECK(audit_of(storage, {{}, "b@X.example"}) == b + two);
  CHECK(audit_of(storage, {{}, "TWO@x.example"}) == two);
  CHECK(audit_of(storage, {{}, {}, noon + hour}) == c + two);
  CHECK(audit_of(storage, {{}, {}, noon, noon + hour}) == b);
  CHECK(audit_of(storage, {"1", "b@x.example", {}, noon + hour}) == b);
  CHECK(audit_of(storage, {}, 2) == c + two);
}
