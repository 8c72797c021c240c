#include <waxseal/error.hpp>

#include <set>
#include <string>

#include "support/catch.hpp"

using waxseal::all_error_codes;
using waxseal::ErrorCode;

namespace {

struct PinnedName {
  ErrorCode code;
  std::string_view wire_name;
};

/// What clients were promised. A line is never changed and never taken out; a new code adds one.
constexpr PinnedName pinned_names[] = {
    {ErrorCode::signature_invalid, "signature-invalid"},
    {ErrorCode::signature_expired, "signature-expired"},
    {ErrorCode::user_not_found, "user-not-found"},
    {ErrorCode::email_already_registered, "email-already-registered"},
    {ErrorCode::already_verified, "already-verified"},
    {ErrorCode::link_superseded, "link-superseded"},
    {ErrorCode::link_used, "link-used"},
    {ErrorCode::link_cancelled, "link-cancelled"},
    {ErrorCode::change_undone, "change-undone"},
    {ErrorCode::invalid_fields, "invalid-fields"},
    {ErrorCode::parse_error, "parse-error"},
    {ErrorCode::not_authenticated, "not-authenticated"},
    {ErrorCode::invalid_token, "invalid-token"},
    {ErrorCode::user_inactive, "user-inactive"},
    {ErrorCode::rate_limited, "rate-limited"},
    {ErrorCode::payload_too_large, "payload-too-large"},
    {ErrorCode::unsupported_media_type, "unsupported-media-type"},
    {ErrorCode::method_not_allowed, "method-not-allowed"},
    {ErrorCode::not_found, "not-found"},
    {ErrorCode::unavailable, "unavailable"},
    {ErrorCode::internal, "internal"},
    {ErrorCode::link_malformed, "link-malformed"},
    {ErrorCode::link_expired, "link-expired"},
    {ErrorCode::link_altered, "link-altered"},
    {ErrorCode::network, "network"},
};

}  // namespace

TEST_CASE("Every wire name is the one that clients were promised") {
  for (const auto& [code, name] : pinned_names) {
    CHECK(wire_name(code) == name);
    CHECK(waxseal::error_code_of(name) == code);
  }
}

TEST_CASE("A new error code must be pinned before it ships") {
  CHECK(all_error_codes.size() == std::size(pinned_names));
}

TEST_CASE("No two error codes share a wire name") {
  std::set<std::string_view> names;
  for (const ErrorCode code : all_error_codes) names.insert(wire_name(code));
  CHECK(names.size() == all_error_codes.size());
}

TEST_CASE("A text that is no wire name has no error code") {
  for (const std::string_view text :
       {"", "signature_invalid", "Signature-Invalid", "signature-invalid ", "signature"}) {
    INFO(text);
    CHECK_FALSE(waxseal::error_code_of(text));
  }
}

TEST_CASE("The details that Django REST Registration answers are kept word for word") {
  CHECK(public_detail(ErrorCode::signature_invalid) == "Invalid signature");
  CHECK(public_detail(ErrorCode::signature_expired) == "Signature expired");
  CHECK(public_detail(ErrorCode::user_not_found) == "User not found");
  CHECK(public_detail(ErrorCode::email_already_registered) == "This email is already registered.");
  CHECK(public_detail(ErrorCode::already_verified) == "Email verified successfully");
  CHECK(public_detail(ErrorCode::not_authenticated) == "Authentication credentials were not provided.");
  CHECK(public_detail(ErrorCode::invalid_token) == "Invalid token.");
  CHECK(public_detail(ErrorCode::user_inactive) == "User inactive or deleted.");
}

TEST_CASE("Every error says what happened and what to do next") {
  for (const ErrorCode code : all_error_codes) {
    INFO(wire_name(code));
    CHECK_FALSE(public_detail(code).empty());
    REQUIRE_FALSE(advice(code).empty());
    CHECK(advice(code).back() == '.');
  }
}
