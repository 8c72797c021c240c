#pragma once
/// @file check_webhook.hpp
/// Whether the webhook can be called, and signed for.

#include "config/checker.hpp"

namespace waxseal::server {

/// The bytes after `whsec_`; none where it is not one, which is told.
Bytes webhook_secret_of(const std::string& text, Checker& check);

/// The secret was read. Adds what is wrong or contradictory.
void check_webhook(const Configuration& configuration, Checker& check);

}  // namespace waxseal::server
