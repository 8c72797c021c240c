#include "demo/bad_links.hpp"

namespace waxseal::server {
namespace {

constexpr std::size_t address_token_bytes = 3;
constexpr const char* language = "en";

}  // namespace

Result<BadLink> BadLinks::make(const std::string& account_id, std::string_view kind) {
  const auto account = ports_.accounts.find_account(account_id);
  if (!account) return tl::make_unexpected(account.error());
  if (!*account) return fail(ErrorCode::user_not_found, "no account " + account_id);
  const std::chrono::seconds age =
      kind == "expired" ? policy_.period + std::chrono::hours{48} : std::chrono::seconds{0};
  const auto issued = request_link(**account, kind, age);
  if (!issued) return tl::make_unexpected(issued.error());

  if (kind == "expired") return BadLink{issued->url, "This link was signed longer ago than links hold."};
  if (kind == "truncated") {
    return BadLink{issued->url.substr(0, issued->url.find("timestamp=")),
                   "A mail program cut this link in the middle."};
  }
  if (kind == "altered") return altered(*issued);
  if (kind == "forged") return forged(*issued);
  if (kind == "used") return used(**account, *issued);
  if (kind == "older") return older(**account, *issued);
  if (kind == "changed") return changed(**account, *issued);
  if (kind == "cancelled") return cancelled(**account, *issued);
  if (kind == "undone") return undone(**account, *issued);
  return fail(ErrorCode::invalid_fields, "no such kind of link");
}

std::string BadLinks::fresh_address(std::string_view kind) {
  return std::string{kind} + "-" + ports_.random.hex(address_token_bytes) + "@example.net";
}

Result<IssuedLink> BadLinks::request_link(const Account& account, std::string_view kind, std::chrono::seconds age) {
  ChangeRequest request;
  request.account_id = account.id;
  request.new_email = fresh_address(kind);
  request.email_key = rules_.uniqueness_key(request.new_email);
  request.now = ports_.clock.now();
  const auto version = ports_.accounts.request_change(request);
  if (!version) return tl::make_unexpected(version.error());
  return issuer_.issue(account, request.new_email, *version, request.now - age);
}

/// Changes the address without a link, as an administrator would.
Result<void> BadLinks::move_address(const std::string& account_id, const std::string& to) {
  const auto account = ports_.accounts.find_account(account_id);
  if (!account) return tl::make_unexpected(account.error());
  if (!*account) return fail(ErrorCode::user_not_found, "no account " + account_id);
  ChangeToApply change;
  change.account_id = account_id;
  change.current_email = (*account)->email;
  change.credential = (*account)->credential;
  change.new_email = to;
  change.email_key = rules_.uniqueness_key(to);
  change.now = ports_.clock.now();
  const auto applied = ports_.accounts.apply(change);
  if (!applied) return tl::make_unexpected(applied.error());
  if (*applied != ApplyResult::applied) return fail(ErrorCode::unavailable, "the account changed at the same time");
  return {};
}

Result<BadLink> BadLinks::altered(IssuedLink issued) {
  issued.link.email = "x" + issued.link.email;
  const auto respelled = issuer_.spell(issued.link);
  if (!respelled) return tl::make_unexpected(respelled.error());
  return BadLink{respelled->url, "Somebody put another address into this link."};
}

Result<BadLink> BadLinks::forged(const IssuedLink& issued) {
  ByteArray<32> seed{};
  ports_.random.fill(seed.data(), seed.size());
  const SigningKey key = SigningKey::from_seed(seed);
  const auto claims = claims_of(issued.link);
  if (!claims) return tl::make_unexpected(claims.error());
  Link link = issued.link;
  link.signature = encode_signature(key.sign(Purpose::register_email, *claims, 1, StateDigest{}));
  const auto respelled = issuer_.spell(std::move(link));
  if (!respelled) return tl::make_unexpected(respelled.error());
  return BadLink{respelled->url, "This link is well made, but with a key that is not this site's."};
}

Result<BadLink> BadLinks::used(const Account& account, const IssuedLink& issued) {
  const auto pressed = ports_.verify_email.verify(issued.link);
  if (!pressed) return tl::make_unexpected(pressed.error());
  if (const auto back = move_address(account.id, account.email); !back) return tl::make_unexpected(back.error());
  return BadLink{issued.url, "This link was pressed once, and the address was changed again since."};
}

Result<BadLink> BadLinks::older(const Account& account, const IssuedLink& issued) {
  const auto newer = request_link(account, "newer", std::chrono::seconds{0});
  if (!newer) return tl::make_unexpected(newer.error());
  return BadLink{issued.url, "A newer request for another address came after this link."};
}

Result<BadLink> BadLinks::changed(const Account& account, const IssuedLink& issued) {
  if (const auto away = move_address(account.id, fresh_address("moved")); !away)
    return tl::make_unexpected(away.error());
  if (const auto back = move_address(account.id, account.email); !back) return tl::make_unexpected(back.error());
  return BadLink{issued.url, "The account's address was changed by another road after this link was sent."};
}

Result<BadLink> BadLinks::cancelled(const Account& account, const IssuedLink& issued) {
  if (const auto done = undo(undo_link(account)); !done) return tl::make_unexpected(done.error());
  return BadLink{issued.url, "The owner of the old address called this change off before the link was pressed."};
}

Result<BadLink> BadLinks::undone(const Account& account, const IssuedLink& issued) {
  const auto notice = undo_link(account);
  const auto pressed = ports_.verify_email.verify(issued.link);
  if (!pressed) return tl::make_unexpected(pressed.error());
  if (const auto done = undo(notice); !done) return tl::make_unexpected(done.error());
  return BadLink{issued.url, "This link was pressed, and then the owner of the old address took the change back."};
}

/// The link that a notice of the account's newest request would hold.
Result<Link> BadLinks::undo_link(const Account& account) {
  const auto state = ports_.accounts.link_state(account.id);
  if (!state) return tl::make_unexpected(state.error());
  const auto issued = issuer_.issue_undo(account.id, account.email, state->version, ports_.clock.now());
  if (!issued) return tl::make_unexpected(issued.error());
  if (!*issued) return fail(ErrorCode::internal, "this link needs register_email.undo_url");
  return (*issued)->link;
}

Result<void> BadLinks::undo(const Result<Link>& link) {
  return link ? ports_.undo_email.undo(*link, language) : tl::make_unexpected(link.error());
}

}  // namespace waxseal::server
