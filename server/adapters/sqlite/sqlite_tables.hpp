#pragma once
/// @file sqlite_tables.hpp
/// Whose accounts and tokens a store works on: our own, or a table that another program made and keeps.

#include <string>

namespace waxseal::server {

/// Names as the configuration gives them, of any spelling. By default: our own tables, made by the migrations.
struct SqliteTables {
  std::string accounts;   ///< The adopted table; empty: our own, and everything below is as it stands here.
  std::string id = "id";  ///< Unique, of any type but BLOB. Need not be the primary key.
  std::string email = "email";
  std::string active = "active";  ///< Empty: every account is active.
  std::string credential;         ///< Empty: none.
  /// Adopted tokens, with the columns `key`, in clear, and `user_id`, as Django REST Framework's `authtoken_token`.
  /// Empty: our own table, which keeps hashes.
  std::string tokens;

  bool adopted() const { return !accounts.empty(); }
};

}  // namespace waxseal::server
