#pragma once
/// @file account_tables.hpp
/// Whose accounts and tokens a store works on: our own, or a table that another program made and keeps.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <waxseal/error.hpp>

namespace waxseal::server {

/// Names as the configuration gives them, of any spelling. By default: our own tables, made by the migrations.
struct AccountTables {
  std::string accounts;   ///< The adopted table; empty: our own, and everything below is as it stands here.
  std::string id = "id";  ///< Unique, of a type that an adapter knows as text. Need not be the primary key.
  std::string email = "email";
  std::string active = "active";  ///< Empty: every account is active.
  std::string credential;         ///< Empty: none.
  /// Adopted tokens, with the columns `key`, in clear, and `user_id`, as Django REST Framework's `authtoken_token`.
  /// Empty: our own table, which keeps hashes.
  std::string tokens;

  bool adopted() const { return !accounts.empty(); }
};

/// `name` as an SQL identifier, whatever is in it.
inline std::string quoted_identifier(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

/// Something wrong with a table or a column that a key of the configuration names.
struct AdoptionProblem {
  std::string key;  ///< E.g. "users.id_column".
  std::string message;
};

/// The uniqueness key of an address, or nothing if addresses need not be unique.
using UniquenessKeyOf = std::function<std::optional<std::string>(std::string_view)>;

/// On an adopted table others write, too. A claim of an address whose holder has one of another key by now counts for
/// nothing, and an account that has the very address counts as its holder without a claim. What is not seen before the
/// next start: an address that others wrote and that is spelled otherwise.
enum class AccountWriters { we_alone, others_too };

/// Why an account or a token is not added.
inline Error adopted_refusal(const AccountTables& tables) {
  return {ErrorCode::internal, "accounts and tokens are kept in " + tables.accounts +
                                   " (users.table): add them with the program that owns it"};
}
inline Error another_accounts_token() { return {ErrorCode::invalid_token, "the token is another account's"}; }

/// Why claims cannot be made, each with what to do about it.
inline Error account_without_id() {
  return {ErrorCode::internal,
          "users.id_column: an account with an address has no id: give it one, or turn users.email_unique off"};
}
inline Error shared_address(const std::string& one_id, const std::string& other_id) {
  return {ErrorCode::email_already_registered,
          "users.email_unique: the accounts " + one_id + " and " + other_id +
              " have one address: give one of them another, or turn users.email_unique off"};
}

}  // namespace waxseal::server
