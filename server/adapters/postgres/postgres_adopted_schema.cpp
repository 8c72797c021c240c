#include "adapters/postgres/postgres_adopted_schema.hpp"

#include <utility>

#include "adapters/postgres/postgres_account_sql.hpp"

namespace waxseal::server {
namespace {

struct Column {
  std::string name;
  std::string type;  ///< As declared.
  ColumnHolds holds;
  bool generated;
};

ColumnHolds holds_of(const std::string& type_name, const std::string& category) {
  if (type_name == "int2" || type_name == "int4" || type_name == "int8") return ColumnHolds::number;
  if (type_name == "uuid") return ColumnHolds::uuid;
  if (category == "B") return ColumnHolds::boolean;
  return category == "S" ? ColumnHolds::text : ColumnHolds::other;
}

/// A domain is what it is made from.
std::optional<Column> read_column(PostgresTransaction& transaction, const std::string& quoted_table,
                                  const std::string& name) {
  const pqxx::result found = transaction.run(R"(
    SELECT part.attname, format_type(part.atttypid, part.atttypmod), coalesce(base.typname, type.typname),
           type.typcategory::text, part.attgenerated <> '' OR part.attidentity = 'a'
      FROM pg_attribute AS part
      JOIN pg_type AS type ON type.oid = part.atttypid
      LEFT JOIN pg_type AS base ON base.oid = type.typbasetype
     WHERE part.attrelid = to_regclass($1) AND part.attname = $2 AND part.attnum > 0 AND NOT part.attisdropped)",
                                             quoted_table, name);
  if (found.empty()) return std::nullopt;
  const pqxx::row row = found[0];
  return Column{row[0].c_str(), row[1].c_str(), holds_of(row[2].c_str(), row[3].c_str()), row[4].as<bool>()};
}

/// By a primary key or a unique index on the column alone, for all rows.
bool is_unique(PostgresTransaction& transaction, const std::string& table, const std::string& column) {
  return transaction.is_any(R"(
    SELECT 1 FROM pg_index AS list
      JOIN pg_attribute AS part ON part.attrelid = list.indrelid AND part.attnum = list.indkey[0]
     WHERE list.indrelid = to_regclass($1) AND part.attname = $2
       AND list.indisunique AND list.indisvalid AND list.indnkeyatts = 1 AND list.indpred IS NULL)",
                            quoted_identifier(table), column);
}

class AdoptionCheck {
 public:
  AdoptionCheck(PostgresTransaction& transaction, const AccountTables& tables)
      : transaction_(transaction), tables_(tables) {}

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
    const pqxx::result kind =
        transaction_.run("SELECT relkind::text FROM pg_class WHERE oid = to_regclass($1)", quoted_identifier(table));
    if (kind.empty()) {
      report(key, "the database has no table " + table);
      return false;
    }
    const std::string letter = kind[0][0].c_str();
    if (letter == "r" || letter == "p") return true;
    report(key, table + " is a " + (letter == "v" || letter == "m" ? "view" : "foreign table") +
                    ": it must be an ordinary table");
    return false;
  }

  /// Nothing, and reported, if there is no such column.
  std::optional<Column> find_column(const char* key, const std::string& table, const std::string& name) {
    auto found = read_column(transaction_, quoted_identifier(table), name);
    if (!found) report(key, "the table " + table + " has no column " + name);
    return found;
  }

  void wrong_type(const char* key, const std::string& table, const Column& column, const std::string& wanted) {
    report(key, column.name + " of " + table + " is declared " + column.type + ": " + wanted);
  }

  void check_accounts() {
    const std::string& table = tables_.accounts;
    check_id(table);
    const auto email = find_column("users.email_column", table, tables_.email);
    if (email && email->holds != ColumnHolds::text) {
      wrong_type("users.email_column", table, *email, "an address is a text");
    }
    if (email && email->generated) {
      report("users.email_column",
             email->name + " of " + table + " is a generated column: no address can be written to it");
    }
    if (!tables_.active.empty()) {
      const auto active = find_column("users.active_column", table, tables_.active);
      if (active && active->holds != ColumnHolds::boolean && active->holds != ColumnHolds::number) {
        wrong_type("users.active_column", table, *active, "it must be a boolean or a whole number");
      }
    }
    if (!tables_.credential.empty()) find_column("users.credential_column", table, tables_.credential);
  }

  void check_id(const std::string& table) {
    const auto id = find_column("users.id_column", table, tables_.id);
    if (!id) return;
    if (id->holds == ColumnHolds::other || id->holds == ColumnHolds::boolean) {
      wrong_type("users.id_column", table, *id, "an id must be a whole number, a text or a uuid");
    }
    if (!is_unique(transaction_, table, tables_.id)) {
      report("users.id_column",
             id->name + " is not unique in " + table + ": it must be the primary key or have a unique index");
    }
  }

  void check_tokens(bool has_accounts) {
    constexpr const char* setting = "auth.token_table";
    const std::string& table = tables_.tokens;
    if (const auto key = find_column(setting, table, "key")) {
      if (key->holds != ColumnHolds::text) wrong_type(setting, table, *key, "a token is a text");
      if (!is_unique(transaction_, table, "key"))
        report(setting, "key is not unique in " + table + ": a token must be one account's");
    }
    const auto user = find_column(setting, table, "user_id");
    if (user && has_accounts) check_owner(*user);
  }

  /// Tokens must be those of the adopted accounts, and tell for sure of which.
  void check_owner(const Column& user) {
    constexpr const char* setting = "auth.token_table";
    const std::string subject = "user_id of " + tables_.tokens;
    const pqxx::result reference =
        transaction_.run(R"(
      SELECT owner.confrelid::regclass::text FROM pg_constraint AS owner
        JOIN pg_attribute AS part ON part.attrelid = owner.conrelid AND part.attnum = owner.conkey[1]
       WHERE owner.contype = 'f' AND owner.conrelid = to_regclass($1) AND part.attname = 'user_id'
         AND owner.confrelid <> to_regclass($2))",
                         quoted_identifier(tables_.tokens), quoted_identifier(tables_.accounts));
    if (!reference.empty()) {
      report(setting, subject + " refers to " + reference[0][0].c_str() + ", not to " + tables_.accounts +
                          " (users.table): its tokens are of other accounts");
      return;
    }
    const std::optional<std::string> target = token_target(transaction_, tables_);
    if (!target) {
      report(setting, subject + " has no foreign key: it may hold the primary key of " + tables_.accounts + " or " +
                          tables_.id + " (users.id_column)");
      return;
    }
    const auto owner = find_column(setting, tables_.accounts, *target);
    if (!owner || owner->holds == user.holds) return;
    wrong_type(setting, tables_.tokens, user,
               "it can never be " + owner->name + " of " + tables_.accounts + ", which is " + owner->type);
  }

  PostgresTransaction& transaction_;
  const AccountTables& tables_;
  std::vector<AdoptionProblem> problems_;
};

}  // namespace

ColumnHolds column_holds(PostgresTransaction& transaction, const std::string& table, const std::string& column) {
  const auto found = read_column(transaction, table, column);
  return found ? found->holds : ColumnHolds::other;
}

std::optional<std::string> token_target(PostgresTransaction& transaction, const AccountTables& tables) {
  const std::string accounts = quoted_identifier(tables.accounts);
  const pqxx::result reference = transaction.run(R"(
    SELECT target.attname FROM pg_constraint AS owner
      JOIN pg_attribute AS part ON part.attrelid = owner.conrelid AND part.attnum = owner.conkey[1]
      JOIN pg_attribute AS target ON target.attrelid = owner.confrelid AND target.attnum = owner.confkey[1]
     WHERE owner.contype = 'f' AND owner.conrelid = to_regclass($1) AND part.attname = 'user_id'
       AND owner.confrelid = to_regclass($2) AND cardinality(owner.conkey) = 1)",
                                                 quoted_identifier(tables.tokens), accounts);
  if (!reference.empty()) return std::string{reference[0][0].c_str()};
  const pqxx::result primary = transaction.run(R"(
    SELECT part.attname FROM pg_index AS list
      JOIN pg_attribute AS part ON part.attrelid = list.indrelid AND part.attnum = list.indkey[0]
     WHERE list.indrelid = to_regclass($1) AND list.indisprimary AND list.indnkeyatts = 1)",
                                               accounts);
  const bool only_one_meaning = primary.empty() || primary[0][0].c_str() == tables.id;
  return only_one_meaning ? std::optional{tables.id} : std::nullopt;
}

std::vector<AdoptionProblem> find_adoption_problems(PostgresTransaction& transaction, const AccountTables& tables) {
  return tables.adopted() ? AdoptionCheck{transaction, tables}.run() : std::vector<AdoptionProblem>{};
}

Result<void> check_adopted_tables(PostgresTransaction& transaction, const AccountTables& tables) {
  std::string all;
  for (const AdoptionProblem& problem : find_adoption_problems(transaction, tables)) {
    all += (all.empty() ? "" : "; ") + problem.key + ": " + problem.message;
  }
  if (!all.empty()) return fail(ErrorCode::internal, all);
  return {};
}

}  // namespace waxseal::server
