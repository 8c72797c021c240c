#pragma once
/// @file account_admin.hpp
/// What the command line and the demo do to accounts of our own table. Adopted tables refuse all of it.

#include <string>
#include <string_view>
#include <vector>

#include "ports/account_store.hpp"

namespace waxseal::server {

struct NewAccount {
  std::string id;
  std::string email;
  std::optional<std::string> email_key;
  bool active = true;
  std::optional<TokenHash> token = {};  ///< Lets it sign in at once.
  UnixTime now{};
};

class AccountAdmin {
 public:
  virtual ~AccountAdmin() = default;

  /// All or nothing.
  /// Fails with:  ErrorCode::invalid_fields            an account has this id
  ///              ErrorCode::email_already_registered  an account has this address
  ///              ErrorCode::invalid_token             the token is another account's
  virtual Result<void> add_account(const NewAccount& account) = 0;

  /// Lets this token sign in as the account, beside the tokens it has.
  /// Fails with:  ErrorCode::user_not_found, ErrorCode::invalid_token (the token is another account's)
  virtual Result<void> add_token(std::string_view account_id, const TokenHash& token, UnixTime now) = 0;
};

}  // namespace waxseal::server
