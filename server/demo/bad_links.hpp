#pragma once
/// @file bad_links.hpp
/// Links that must not work, each made by really bringing about what spoils it. Only for the demo.

#include <string>
#include <string_view>

#include "flows/link_issuer.hpp"
#include "flows/undo_email.hpp"
#include "flows/verify_email.hpp"
#include "ports/clock.hpp"
#include "ports/random_source.hpp"

namespace waxseal::server {

struct BadLink {
  std::string url;
  std::string_view explanation;  ///< One sentence for the person at the demo.
};

class BadLinks {
 public:
  struct Ports {
    AccountStore& accounts;
    VerifyEmail& verify_email;
    UndoEmail& undo_email;
    const Clock& clock;
    RandomSource& random;
  };

  BadLinks(const LinkPolicy& policy, const EmailRules& rules, LinkIssuer issuer, Ports ports)
      : policy_(policy), rules_(rules), issuer_(issuer), ports_(ports) {}

  /// @param kind  "expired", "altered", "forged", "truncated", "used", "older", "changed", "cancelled" or "undone".
  /// Fails with:  ErrorCode::invalid_fields for another kind, ErrorCode::user_not_found, ErrorCode::internal without
  ///              `undo_url` where one is needed, and what the flows and stores fail with
  Result<BadLink> make(const std::string& account_id, std::string_view kind);

 private:
  Result<IssuedLink> request_link(const Account& account, std::string_view kind, std::chrono::seconds age);
  Result<void> move_address(const std::string& account_id, const std::string& to);
  Result<BadLink> altered(IssuedLink issued);
  Result<BadLink> forged(const IssuedLink& issued);
  Result<BadLink> used(const Account& account, const IssuedLink& issued);
  Result<BadLink> older(const Account& account, const IssuedLink& issued);
  Result<BadLink> changed(const Account& account, const IssuedLink& issued);
  Result<BadLink> cancelled(const Account& account, const IssuedLink& issued);
  Result<BadLink> undone(const Account& account, const IssuedLink& issued);
  Result<Link> undo_link(const Account& account);
  Result<void> undo(const Result<Link>& link);
  std::string fresh_address(std::string_view kind);

  const LinkPolicy& policy_;
  const EmailRules& rules_;
  LinkIssuer issuer_;
  Ports ports_;
};

}  // namespace waxseal::server
