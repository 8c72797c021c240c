// What SQLite alone can do here: the statements of one valid press, on one connection, prepared once, so many presses a commit,
// with synchronous=FULL. No HTTP, no signature, no thread, no savepoint. It is the measure of what Waxseal adds to its database.
//
//   waxseal_sqlite_floor --folder F --batch N      presses all links of F/verify.txt, prints one JSON object
//
// The statements are those of server/adapters/sqlite, in the order of server/ports/change_steps.cpp, with the webhook and the
// notice on.

#include <chrono>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace {

struct Press {
  std::string id, old_email, new_email;
  std::int64_t version = 0;
};

std::vector<Press> read_presses(const std::string& folder) {
  std::ifstream file{folder + "/verify.txt"};
  std::vector<Press> presses;
  for (std::string line; std::getline(file, line);) {
    const auto link = nlohmann::json::parse(line.substr(line.rfind('\t') + 1));
    const std::string id = link["user_id"];
    presses.push_back(
        {id, "person" + id + "@site.example", link["email"], std::stoll(link["timestamp"].get<std::string>())});
  }
  if (presses.empty()) throw std::runtime_error{folder + "/verify.txt holds no links"};
  return presses;
}

class Floor {
 public:
  explicit Floor(const std::string& folder) : database_(folder + "/waxseal.db", SQLite::OPEN_READWRITE) {
    database_.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
  }
  void begin() { run(begin_); }
  void commit() { run(commit_); }

  void press(const Press& press) {
    const std::int64_t now = press.version;
    read(find_account_, press.id);
    read(find_change_, press.id, press.version);
    read(find_state_, press.id);
    must_change(set_email_, press.id, press.old_email, press.new_email, 1, "");
    read(find_state_, press.id);
    must_change(close_change_, press.id, press.version, press.old_email, press.new_email, now);
    run(release_claim_, press.id);
    read(find_holder_, press.new_email, press.id);
    must_change(take_claim_, press.new_email, press.id);
    run(supersede_, press.id, now);
    must_change(raise_version_, press.id);
    run(queue_notice_, "change_notice", press.id, press.old_email, press.version, "en", "m" + press.id, now,
        now - 86400);
    must_change(queue_event_, press.id, press.new_email, "verified", press.old_email, "e" + press.id, now);
  }

 private:
  template <typename... Values>
  int run(SQLite::Statement& statement, const Values&... values) {
    if constexpr (sizeof...(values) > 0) SQLite::bind(statement, values...);
    const int rows = statement.exec();
    statement.reset();
    return rows;
  }
  template <typename... Values>
  void must_change(SQLite::Statement& statement, const Values&... values) {
    if (run(statement, values...) != 1) throw std::runtime_error{"a press changed nothing: " + statement.getQuery()};
  }
  template <typename... Values>
  void read(SQLite::Statement& statement, const Values&... values) {
    SQLite::bind(statement, values...);
    while (statement.executeStep()) {
      for (int column = 0; column < statement.getColumnCount(); ++column) (void)statement.getColumn(column).getString();
    }
    statement.reset();
  }

  SQLite::Database database_;
  SQLite::Statement prepare(const char* sql) { return {database_, sql}; }
  SQLite::Statement begin_ = prepare("BEGIN IMMEDIATE");
  SQLite::Statement commit_ = prepare("COMMIT");
  SQLite::Statement find_account_ = prepare(
      R"(SELECT CAST(account."id" AS TEXT), coalesce(CAST(account."email" AS TEXT), ''), (account."active" IS TRUE), ''
      FROM "waxseal_account" AS account
      WHERE account."id" IN (?1, CAST(?1 AS INTEGER)) AND (CAST(account."id" AS TEXT)) = ?1 COLLATE BINARY)");
  SQLite::Statement find_change_ =
      prepare("SELECT old_email, new_email, outcome FROM waxseal_change WHERE account_id = ?1 AND link_version = ?2");
  SQLite::Statement find_state_ = prepare(R"(
    SELECT state.link_version, change.new_email FROM waxseal_link_state AS state
      LEFT JOIN waxseal_change AS change
        ON change.account_id = state.account_id AND change.link_version = state.link_version AND change.outcome = 'pending'
     WHERE state.account_id = ?1)");
  SQLite::Statement set_email_ = prepare(R"(
    UPDATE "waxseal_account" AS account SET "email" = ?3
     WHERE account."id" IN (?1, CAST(?1 AS INTEGER)) AND (CAST(account."id" AS TEXT)) = ?1 COLLATE BINARY
       AND coalesce(CAST(account."email" AS TEXT), '') = ?2 COLLATE BINARY AND ((account."active" IS TRUE) OR NOT ?4)
       AND (?5 IS NULL OR '' = ?5 COLLATE BINARY))");
  SQLite::Statement close_change_ = prepare(R"(
    UPDATE waxseal_change SET outcome = 'applied', settled_at = ?5
     WHERE account_id = ?1 AND link_version = ?2 AND old_email = ?3 AND new_email = ?4 AND outcome = 'pending')");
  SQLite::Statement release_claim_ = prepare("DELETE FROM waxseal_email_claim WHERE account_id = ?1");
  SQLite::Statement find_holder_ =
      prepare("SELECT account_id FROM waxseal_email_claim WHERE email_key = ?1 AND account_id <> ?2");
  SQLite::Statement take_claim_ =
      prepare("INSERT OR REPLACE INTO waxseal_email_claim (email_key, account_id) VALUES (?1, ?2)");
  SQLite::Statement supersede_ = prepare(
      "UPDATE waxseal_change SET outcome = 'superseded', settled_at = ?2 WHERE account_id = ?1 AND outcome = "
      "'pending'");
  SQLite::Statement raise_version_ =
      prepare("UPDATE waxseal_link_state SET link_version = link_version + 1 WHERE account_id = ?1");
  SQLite::Statement queue_notice_ = prepare(R"(
    INSERT INTO waxseal_outbox (kind, account_id, address, link_version, language, message_token, created_at, due_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
    ON CONFLICT (account_id, link_version) WHERE kind = 'change_notice' DO UPDATE
      SET message_token = excluded.message_token, language = excluded.language, created_at = excluded.created_at,
          due_at = excluded.due_at, attempts = 0, state = 'queued', reason = NULL, settled_at = NULL,
          held_until = NULL, retried_at = NULL
      WHERE created_at <= ?8)");
  SQLite::Statement queue_event_ = prepare(R"(
    INSERT INTO waxseal_outbox
      (kind, account_id, address, link_version, language, payload, message_token, created_at, due_at)
    VALUES ('email_changed', ?1, ?2, 0, '', json_object('reason', ?3, 'old_email', ?4, 'new_email', ?2), ?5, ?6, ?6))");
};

}  // namespace

int main(int argc, char** argv) {
  std::string folder;
  std::size_t batch = 32;
  CLI::App app{"Presses links without a server"};
  app.add_option("--folder", folder)->required();
  app.add_option("--batch", batch);
  CLI11_PARSE(app, argc, argv);
  try {
    const std::vector<Press> presses = read_presses(folder);
    Floor floor{folder};
    const auto begun = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < presses.size(); ++i) {
      if (i % batch == 0) floor.begin();
      floor.press(presses[i]);
      if ((i + 1) % batch == 0 || i + 1 == presses.size()) floor.commit();
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    std::cout << nlohmann::ordered_json{{"presses", presses.size()},
                                        {"batch", batch},
                                        {"seconds", seconds},
                                        {"rate", static_cast<double>(presses.size()) / seconds}}
              << "\n";
  } catch (const std::exception& error) {
    std::cerr << "waxseal_sqlite_floor: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
