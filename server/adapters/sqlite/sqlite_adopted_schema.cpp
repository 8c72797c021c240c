#include "adapters/sqlite/sqlite_adopted_schema.hpp"

#include <optional>
#include <utility>

#include <waxseal/email_address.hpp>

#include "adapters/sqlite/bind.hpp"

namespace waxseal::server {
namespace {

/// What a column is declared for.
enum class Holds { text, number, bytes, anything };

/// SQLite's own rules (https://www.sqlite.org/datatype3.html#determination_of_column_affinity), in their order, but for
/// the last: a type that it does not know, or none, keeps texts and numbers as they are.
Holds declared_for(const std::string& type) {
  constexpr std::pair<const char*, Holds> words[] = {
      {"int", Holds::number},  {"char", Holds::text},      {"clob", Holds::text},     {"text", Holds::text},
      {"blob", Holds::bytes},  {"real", Holds::number},    {"floa", Holds::number},   {"doub", Holds::number},
      {"bool", Holds::number}, {"numeric", Holds::number}, {"decimal", Holds::number}};
  const std::string name = ascii_lower(type);
  for (const auto& [word, holds] : words) {
    if (name.find(word) != std::string::npos) return holds;
  }
  return Holds::anything;
}

struct Column {
  std::string name;
  std::string type;  ///< As declared.
  Holds holds;
  bool generated;
};

template <typename... Values>
bool is_so(SqliteConnection& connection, const char* question, const Values&... values) {
  return bind_all(connection.prepare(question), values...).executeStep();
}

/// By a primary key or a unique index on the column alone, for all rows.
bool is_unique(SqliteConnection& connection, const std::string& table, const std::string& column) {
  return is_so(connection, R"(
    SELECT 1 FROM pragma_table_info(?1)
     WHERE pk = 1 AND name = ?2 COLLATE NOCASE AND (SELECT count(*) FROM pragma_table_info(?1) WHERE pk > 0) = 1
    UNION ALL
    SELECT 1 FROM pragma_index_list(?1) AS list
     WHERE list."unique" = 1 AND list.partial = 0
       AND (SELECT count(*) FROM pragma_index_info(list.name)) = 1
       AND (SELECT name FROM pragma_index_info(list.name)) = ?2 COLLATE NOCASE)",
               table, column);
}

class AdoptionCheck {
 public:
  AdoptionCheck(SqliteConnection& connection, const AccountTables& tables) : connection_(connection), tables_(tables) {}

  std::vector<AdoptionProblem> run() {
    const bool has_accounts = check_table("users.table", tables_.accounts);
    if (has_accounts) check_accounts();
    if (!tables_.tokens.empty() && check_table("auth.token_table", tables_.tokens)) check_tokens(has_accounts);
    return std::move(problems_);
  }

 private:
  void report(std::string key, std::string message) { problems_.push_back({std::move(key), std::move(message)}); }

  /// False, and reported, if there is no such table.
  bool check_table(const char* key, const std::string& table) {
    SQLite::Statement& kind = bind_all(
        connection_.prepare("SELECT type FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE"),
        table);
    if (!kind.executeStep()) {
      report(key, "the database has no table " + table);
      return false;
    }
    const std::string type = kind.getColumn(0).getString();
    if (type == "table") return true;
    report(key, table + " is a " + type + (type == "view" ? "" : " table") + ": it must be an ordinary table");
    return false;
  }

  /// Nothing, and reported, if there is no such column.
  std::optional<Column> find_column(const char* key, const std::string& table, const std::string& name) {
    SQLite::Statement& found = bind_all(
        connection_.prepare("SELECT name, type, hidden FROM pragma_table_xinfo(?1) WHERE name = ?2 COLLATE NOCASE"),
        table, name);
    if (!found.executeStep()) {
      report(key, "the table " + table + " has no column " + name);
      return std::nullopt;
    }
    const std::string type = found.getColumn(1).getString();
    return Column{found.getColumn(0).getString(), type, declared_for(type), found.getColumn(2).getInt() != 0};
  }

  void wrong_type(const char* key, const std::string& table, const Column& column, const std::string& wanted) {
    report(key, column.name + " of " + table + " is declared " + column.type + ": " + wanted);
  }

  void check_accounts() {
    const std::string& table = tables_.accounts;
    check_id(table);
    const auto email = find_column("users.email_column", table, tables_.email);
    if (email && email->holds != Holds::text && email->holds != Holds::anything) {
      wrong_type("users.email_column", table, *email, "an address is a text");
    }
    if (email && email->generated) {
      report("users.email_column",
             email->name + " of " + table + " is a generated column: no address can be written to it");
    }
    if (!tables_.active.empty()) {
      const auto active = find_column("users.active_column", table, tables_.active);
      if (active && (active->holds == Holds::text || active->holds == Holds::bytes)) {
        wrong_type("users.active_column", table, *active,
                   "it must be a bool or a number, for SQLite takes 'true' for 0");
      }
    }
    if (!tables_.credential.empty()) find_column("users.credential_column", table, tables_.credential);
  }

  void check_id(const std::string& table) {
    const auto id = find_column("users.id_column", table, tables_.id);
    if (!id) return;
    if (id->holds == Holds::bytes) {
      report("users.id_column", id->name + " of " + table + " holds bytes: an id must be a text or a number");
    }
    if (!is_unique(connection_, table, tables_.id)) {
      report("users.id_column",
             id->name + " is not unique in " + table + ": it must be the primary key or have a unique index");
    }
  }

  void check_tokens(bool has_accounts) {
    constexpr const char* setting = "auth.token_table";
    const std::string& table = tables_.tokens;
    if (const auto key = find_column(setting, table, "key")) {
      if (key->holds != Holds::text && key->holds != Holds::anything) {
        wrong_type(setting, table, *key, "a token is a text");
      }
      if (!is_unique(connection_, table, "key"))
        report(setting, "key is not unique in " + table + ": a token must be one account's");
    }
    const auto user = find_column(setting, table, "user_id");
    if (user && has_accounts) check_owner(*user);
  }

  /// Tokens must be those of the adopted accounts, and tell for sure of which.
  void check_owner(const Column& user) {
    constexpr const char* setting = "auth.token_table";
    const std::string subject = "user_id of " + tables_.tokens;
    SQLite::Statement& reference = bind_all(connection_.prepare(R"(
      SELECT "table" FROM pragma_foreign_key_list(?1)
       WHERE "from" = 'user_id' COLLATE NOCASE AND "table" <> ?2 COLLATE NOCASE)"),
                                            tables_.tokens, tables_.accounts);
    if (reference.executeStep()) {
      report(setting, subject + " refers to " + reference.getColumn(0).getString() + ", not to " + tables_.accounts +
                          " (users.table): its tokens are of other accounts");
      return;
    }
    const std::optional<std::string> target = token_target(connection_, tables_);
    if (!target) {
      report(setting, subject + " has no foreign key: it may hold the primary key of " + tables_.accounts + " or " +
                          tables_.id + " (users.id_column)");
      return;
    }
    const auto owner = find_column(setting, tables_.accounts, *target);
    if (!owner || owner->holds == user.holds || owner->holds == Holds::anything || user.holds == Holds::anything)
      return;
    wrong_type(setting, tables_.tokens, user,
               "it can never be " + owner->name + " of " + tables_.accounts + ", which is " + owner->type);
  }

  SqliteConnection& connection_;
  const AccountTables& tables_;
  std::vector<AdoptionProblem> problems_;
};

}  // namespace

std::optional<std::string> token_target(SqliteConnection& connection, const AccountTables& tables) {
  SQLite::Statement& primary_key = bind_all(connection.prepare(R"(
    SELECT name FROM pragma_table_info(?1) WHERE pk = 1 AND (SELECT max(pk) FROM pragma_table_info(?1)) = 1)"),
                                            tables.accounts);
  const std::string primary = primary_key.executeStep() ? primary_key.getColumn(0).getString() : std::string{};
  SQLite::Statement& reference = bind_all(connection.prepare(R"(
    SELECT coalesce("to", ?3) FROM pragma_foreign_key_list(?1)
     WHERE "from" = 'user_id' COLLATE NOCASE AND "table" = ?2 COLLATE NOCASE)"),
                                          tables.tokens, tables.accounts, primary);
  if (reference.executeStep()) return reference.getColumn(0).getString();
  const bool only_one_meaning = primary.empty() || ascii_lower(primary) == ascii_lower(tables.id);
  return only_one_meaning ? std::optional{tables.id} : std::nullopt;
}

std::vector<AdoptionProblem> find_adoption_problems(SqliteConnection& connection, const AccountTables& tables) {
  return tables.adopted() ? AdoptionCheck{connection, tables}.run() : std::vector<AdoptionProblem>{};
}

Result<void> check_adopted_tables(SqliteConnection& connection, const AccountTables& tables) {
  std::string all;
  for (const AdoptionProblem& problem : find_adoption_problems(connection, tables)) {
    all += (all.empty() ? "" : "; ") + problem.key + ": " + problem.message;
  }
  if (!all.empty()) return fail(ErrorCode::internal, all);
  return {};
}

}  // namespace waxseal::server
